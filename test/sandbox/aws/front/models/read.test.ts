import { describe, expect, it } from "vitest";
import type { Model } from "../../../../../sandbox/aws/front/models/library";
import { readQueryInput, readRoute } from "../../../../../sandbox/aws/front/models/read";

const MODEL: Model = {
  metadata: { protocol: "rest-json" },
  operations: {
    GetOne: { http: { method: "GET", requestUri: "/things/{Id}" }, input: { shape: "One" } },
    GetAll: { http: { method: "GET", requestUri: "/things/all" }, input: { shape: "All" } },
    Put: { http: { method: "PUT", requestUri: "/things/{Id}?flavour=x" }, input: { shape: "Put" } },
    Load: { http: { method: "POST", requestUri: "/files/{Path+}" }, input: { shape: "Load" } },
  },
  shapes: {
    One: { type: "structure", members: { Id: { shape: "Text", location: "uri" } } },
    All: {
      type: "structure",
      members: {
        Kinds: { shape: "Texts", location: "querystring", locationName: "kind" },
        Most: { shape: "Number", location: "querystring", locationName: "max_results" },
        Token: { shape: "Text", location: "header", locationName: "X-Token" },
      },
    },
    Put: {
      type: "structure",
      members: { Id: { shape: "Text", location: "uri" }, Name: { shape: "Text", locationName: "name" } },
    },
    Load: {
      type: "structure",
      payload: "Body",
      members: { Path: { shape: "Text", location: "uri" }, Body: { shape: "Bytes" } },
    },
    Query: {
      type: "structure",
      members: {
        Plain: { shape: "Texts" },
        Named: { shape: "NamedTexts" },
        Flat: { shape: "FlatTexts" },
        Map: { shape: "Map" },
        Deep: { shape: "Deeps" },
      },
    },
    Deeps: { type: "list", member: { shape: "Put" } },
    Text: { type: "string" },
    Number: { type: "integer" },
    Bytes: { type: "blob" },
    Texts: { type: "list", member: { shape: "Text" } },
    NamedTexts: { type: "list", member: { shape: "Text", locationName: "Item" } },
    FlatTexts: { type: "list", flattened: true, member: { shape: "Text", locationName: "FlatItem" } },
    Map: { type: "map", key: { shape: "Text" }, value: { shape: "Text" } },
  },
};

const route = (method: string, url: string, body = "", headers = {}) => {
  const found = readRoute({ method, url, headers, body: Buffer.from(body) }, [MODEL]);
  return found && [found.operation, found.input];
};

describe("REST", () => {
  it("takes labels, query and headers from where they stand", () => {
    expect(route("GET", "/things/a%2Fb")).toEqual(["GetOne", { Id: "a/b" }]);
    expect(route("GET", "/things/all?kind=a&kind=b&max_results=5", "", { "x-token": "t" })).toEqual([
      "GetAll",
      { Kinds: ["a", "b"], Most: "5", Token: "t" },
    ]);
  });

  it("takes the rest from the body, by the names of the wire", () => {
    expect(route("PUT", "/things/7", '{"name":"n","other":1}')).toEqual([
      "Put",
      { Id: "7", Name: "n", other: 1 },
    ]);
    expect(route("POST", "/files/a/b", "raw")).toEqual(["Load", { Path: "a/b", Body: Buffer.from("raw") }]);
  });

  it("knows nothing of other methods and paths", () => {
    expect(route("DELETE", "/things/7")).toBeUndefined();
    expect(route("GET", "/things/7/parts")).toBeUndefined();
  });
});

it("reads the query protocol by the model", () => {
  const text =
    "Action=Q&Version=1&Plain.member.2=b&Plain.member.1=a&Named.Item.1=c&FlatItem.1=d&FlatItem.2=e" +
    "&Map.entry.1.key=k&Map.entry.1.value=v&Deep.member.1.name=n&Strange=s";
  expect(readQueryInput(MODEL, "Query", text)).toEqual({
    Plain: ["a", "b"],
    Named: ["c"],
    Flat: ["d", "e"],
    Map: { k: "v" },
    Deep: [{ Name: "n" }],
    Strange: "s",
  });
  expect(readQueryInput(MODEL, "Query", "Plain=&Map=")).toEqual({ Plain: [], Map: {} });
});
