import { describe, expect, it } from "vitest";
import { check, expression } from "../../../../../sandbox/aws/front/models/check";
import type { Model } from "../../../../../sandbox/aws/front/models/library";

const MODEL: Model = {
  metadata: { protocol: "json" },
  operations: {},
  shapes: {
    In: {
      type: "structure",
      required: ["Name"],
      members: {
        Name: { shape: "Name" },
        Secret: { shape: "Secret" },
        Count: { shape: "Count" },
        Rate: { shape: "Rate" },
        On: { shape: "On" },
        At: { shape: "At" },
        Bytes: { shape: "Bytes" },
        Items: { shape: "Items" },
        Tags: { shape: "Tags" },
        One: { shape: "One" },
        Free: { shape: "Free" },
        Page: { shape: "Count", location: "querystring" },
      },
    },
    Name: { type: "string", min: 1, max: 4, pattern: "[a-z]+" },
    Secret: { type: "string", max: 4, sensitive: true },
    Count: { type: "integer", min: 1, max: 5 },
    Rate: { type: "double" },
    On: { type: "boolean" },
    At: { type: "timestamp" },
    Bytes: { type: "blob", max: 3 },
    Items: { type: "list", max: 2, member: { shape: "Word" } },
    Word: { type: "string", enum: ["a", "b"] },
    Tags: { type: "map", max: 1, key: { shape: "Name" }, value: { shape: "Word" } },
    One: { type: "structure", union: true, members: { A: { shape: "Word" }, B: { shape: "Word" } } },
    Free: { type: "structure", document: true },
  },
};

const JSON_WIRE = { text: false, base64: true };
const told = (input: object, wire = JSON_WIRE) =>
  check(MODEL, "In", input as never, wire).map(({ message }) => message);

describe("what a model allows", () => {
  it.each<[object]>([
    [{ Name: "abc" }],
    [{ Name: "a", Secret: "word", Count: 5, Rate: 1.5, On: false, At: 1, Bytes: "YWJj" }],
    [{ Name: "a", At: "2026-01-01T00:00:00Z", Items: ["a", "b"], Tags: { a: "b" }, One: { A: "a" } }],
    [{ Name: "a", Free: { whatever: [1] }, Page: "3", Count: undefined, Rate: "NaN" }],
    [{ Name: "a", Bytes: new Uint8Array(3), At: new Date() }],
  ])("takes %j", (input) => expect(told(input)).toEqual([]));

  it("takes the whole numbers of CBOR", () => {
    expect(told({ Name: "a", Count: 5n })).toEqual([]);
    expect(told({ Name: "a", Count: 6n })).toHaveLength(1);
  });

  it.each<[object, string]>([
    [{}, "Value null at 'name' failed to satisfy constraint: Member must not be null"],
    [{ Name: "" }, "length greater than or equal to 1"],
    [{ Name: "abcde" }, "Value 'abcde' at 'name' failed to satisfy constraint: Member must have length less"],
    [{ Name: "A" }, "regular expression pattern: [a-z]+"],
    [{ Name: "a\n" }, "regular expression pattern"],
    [{ Name: 1 }, "'name' is a number, and can not be converted to a string"],
    [{ Name: "a", Count: 6 }, "value less than or equal to 5"],
    [{ Name: "a", Count: 1.5 }, "'count' is a number, and can not be converted to a integer"],
    [{ Name: "a", Count: "3" }, "can not be converted to a integer"],
    [{ Name: "a", Page: "9" }, "Value '9' at 'page'"],
    [{ Name: "a", On: "yes" }, "converted to a boolean"],
    [{ Name: "a", At: "soon" }, "converted to a timestamp"],
    [{ Name: "a", Bytes: "YWJjZA==" }, "Value at 'bytes' failed"],
    [
      { Name: "a", Items: ["a", "c"] },
      "Value 'c' at 'items.2.member' failed to satisfy constraint: Member must",
    ],
    [
      { Name: "a", Items: ["a", "a", "a"] },
      "at 'items' failed to satisfy constraint: Member must have length",
    ],
    [{ Name: "a", Items: "a" }, "'items' is a string"],
    [{ Name: "a", Tags: { A: "a" } }, "at 'tags.key'"],
    [{ Name: "a", Tags: { a: "a", b: "b" } }, "at 'tags' failed"],
    [{ Name: "a", One: { A: "a", B: "b" } }, "Exactly one member"],
    [{ Name: "a", One: {} }, "Exactly one member"],
    [{ Name: "a", Nmae: "b" }, "'nmae' is no member of the operation"],
  ])("refuses %j", (input, message) => expect(told(input).join("\n")).toContain(message));

  it("says all at once, and never what is secret", () => {
    const messages = told({ Name: "", Secret: "hunter2", Count: 9 });
    expect(messages).toHaveLength(4);
    expect(messages.join()).not.toContain("hunter2");
  });

  it("reads numbers, words and times of a wire that has text alone", () => {
    const wire = { text: true, base64: true };
    expect(told({ Name: "a", Count: "5", On: "true", At: "2026-01-01T00:00:00Z" }, wire)).toEqual([]);
    expect(told({ Name: "a", Count: "6", On: "maybe" }, wire)).toHaveLength(2);
  });
});

it("reads Unicode classes and Java's escapes, and holds a whole text to a pattern", () => {
  const tag = expression("([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)");
  expect(tag.test("größe 1_a-b@c")).toBe(true);
  expect(tag.test("a*b")).toBe(false);
  expect(expression("[a-z]+").test("ab1")).toBe(false);
});
