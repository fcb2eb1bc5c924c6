import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fromApi, service, toApi } from "../../../sandbox/aws/plugin/api";
import { changedAttributes, fromAttributes, toAttributes } from "../../../sandbox/aws/plugin/attributes";
import { description, fixed, tagged } from "../../../sandbox/aws/plugin/row";
import { idOf } from "../../../sandbox/aws/plugin/rows/ids";
import type { Aws } from "../../../sandbox/aws/plugin/session";
import { set } from "../../../sandbox/plugin/spec";
import type { Props } from "../../../sandbox/plugin/values";

const inputs = {
  ...tagged,
  dbName: fixed(),
  principalOrgId: z.string().optional().meta({ api: "PrincipalOrgID" }),
  description: description(),
  labels: z.record(z.string(), z.string()).optional(),
  monitors: set(z.object({ alarmArn: z.string(), roleArn: z.string().optional() }))
    .optional()
    .meta({ clear: [] }),
  force: z.boolean().default(false).meta({ api: false }),
};

describe("a table of fields", () => {
  const given = { dbName: "a", force: true, region: "r", tags: { a: "b" }, labels: { aKey: "b" } };

  it("tells what is given, in the service's words", () => {
    const rest = { principalOrgId: "o", monitors: [{ alarmArn: "arn" }] };
    expect(toApi(inputs, { ...given, ...rest })).toEqual({
      DBName: "a",
      PrincipalOrgID: "o",
      Labels: { aKey: "b" },
      Monitors: [{ AlarmArn: "arn" }],
    });
  });
  it("says in an update that there is none any more", () => {
    const cleared = { DBName: "a", Labels: { aKey: "b" }, Description: "", Monitors: [] };
    expect(toApi(inputs, given, true)).toEqual(cleared);
  });
  it("reads absence as none only where the service would have told", () => {
    const found = { DBName: "a", Monitors: [{ AlarmArn: "arn", RoleArn: "" }], Force: true, Strange: 1 };
    const described = { dbName: "a", description: null, monitors: [{ alarmArn: "arn" }] };
    expect(fromApi(inputs, found)).toEqual(described);
    expect(fromApi(inputs, {})).toHaveProperty("principalOrgId", undefined);
  });
});

describe("a regular row", () => {
  const calls: [string, Props][] = [];
  const call = (name: string, answer: Props) => async (request: Props) => {
    calls.push([name, request]);
    return answer;
  };
  const things = service(
    async () => ({
      createThing: call("createThing", { Id: "1" }),
      getThings: call("getThings", { Things: [{ Description: "d", Arn: "arn" }] }),
      updateThing: call("updateThing", {}),
      deleteThings: call("deleteThings", {}),
      listTagsForResource: call("list", { Tags: [{ Key: "a", Value: "b" }] }),
    }),
    { key: "ResourceArn" },
  );
  const row = things.row({
    inputs,
    outputs: ["arn"],
    create: "createThing",
    read: "getThings",
    update: "updateThing",
    delete: "deleteThings",
    key: (DBName) => ({ DBName }),
    names: (name) => ({ DBNames: [name] }),
    id: ({ Id }) => String(Id),
    within: ({ Things }) => (Things as Props[])[0],
    deletes: ({ force }) => ({ Force: force }),
  });
  const aws = {} as Aws;
  const given = { dbName: "a", principalOrgId: undefined, description: undefined, force: false };
  const all = { ...given, region: "r", tags: {}, labels: undefined, monitors: undefined };

  it("makes the calls of its life", async () => {
    expect(await row.create(aws, { ...all, tagsAll: { a: "b" } })).toBe("1");
    expect(await row.read(aws, "a", {})).toMatchObject({ dbName: "a", description: "d", arn: "arn" });
    await row.update?.(aws, "a", all, {});
    await row.delete(aws, "a", { force: true });
    expect(await row.tagging?.list(aws, "arn")).toEqual({ a: "b" });
    expect(calls).toEqual([
      ["createThing", { DBName: "a", Tags: [{ Key: "a", Value: "b" }] }],
      ["getThings", { DBNames: ["a"] }],
      ["updateThing", { DBName: "a", Description: "", Monitors: [] }],
      ["deleteThings", { DBNames: ["a"], Force: true }],
      ["list", { ResourceArn: "arn" }],
    ]);
  });

  it("does by itself what takes more than one call", async () => {
    calls.length = 0;
    const own = things.row({
      inputs,
      outputs: [],
      create: "createThing",
      completes: async (_, id) => calls.push(["completes", { id }]),
      read: async (_, id) => ({ id }),
      update: async (_, id, news, olds) => calls.push(["own update", { id, news, olds }]),
      delete: async (_, id, state) => calls.push(["own delete", { id, state }]),
      key: (DBName) => ({ DBName }),
      id: ({ Id }) => String(Id),
    });
    await own.create(aws, { ...all, tagsAll: {} });
    expect(await own.read(aws, "a", {})).toEqual({ id: "a" });
    await own.update?.(aws, "a", all, { force: true });
    await own.delete(aws, "a", { force: true });
    expect(calls).toEqual([
      ["createThing", { DBName: "a" }],
      ["completes", { id: "1" }],
      ["own update", { id: "a", news: all, olds: { force: true } }],
      ["own delete", { id: "a", state: { force: true } }],
    ]);
  });
});

describe("attributes", () => {
  const attributes = {
    seconds: z.number().default(1).meta({ api: "Timeout" }),
    fifo: z.boolean().default(false),
    policy: z.string().optional(),
  };
  const all = { seconds: 2, fifo: false, policy: "p" };

  it("go as text, by the service's names, and come back as they were", () => {
    const told = { Timeout: "2", Fifo: "false", Policy: "p" };
    expect(toAttributes(attributes, all)).toEqual(told);
    expect(fromAttributes(attributes, { ...told, Strange: "x" })).toEqual(all);
    expect(fromAttributes(attributes, {})).toEqual({});
  });
  it("tell what changed, and what there is no more", () => {
    expect(changedAttributes(attributes, { ...all, policy: undefined, seconds: 3 }, all)).toEqual({
      Timeout: "3",
      Policy: "",
    });
  });
});

describe("an id", () => {
  const key = idOf("/", { GroupName: "GROUP", Name: "SCHEDULE" });

  it("is taken apart into a key", () => expect(key("g/s")).toEqual({ GroupName: "g", Name: "s" }));
  it.each(["s", "g/s/t"])("of another form is refused: %s", (id) =>
    expect(() => key(id)).toThrow(`an id must have the form GROUP/SCHEDULE, not ${id}`),
  );
});
