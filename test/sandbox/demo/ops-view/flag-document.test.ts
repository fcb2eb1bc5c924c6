import { describe, expect, it } from "vitest";
import { parseFlagDocument } from "../../../../sandbox/demo/ops-view/flags/document";

const parse = (document: unknown) => parseFlagDocument(JSON.stringify(document), "v1");

describe("parseFlagDocument", () => {
  it.each([
    [false, false],
    [true, false],
    [true, true],
  ])("takes read %s, write %s", (read, write) => {
    expect(parse({ OPS_VIEW_DB_READ: read, OPS_VIEW_DB_WRITE: write })).toEqual({
      flags: { OPS_VIEW_DB_READ: read, OPS_VIEW_DB_WRITE: write },
      version: "v1",
    });
  });

  it("tolerates keys of others, and hands on the drill's token alone", () => {
    const off = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };
    expect(parse({ ...off, OTHER: 3, _cutover: { drill: "d-1", attempt: 2 } })).toEqual({
      flags: off,
      version: "v1",
      drill: "d-1",
    });
    expect(parse({ ...off, _cutover: {} })).not.toHaveProperty("drill");
  });

  it.each([
    ["write without read", { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: true }],
    ["a missing flag", { OPS_VIEW_DB_READ: true }],
    ["a flag that is not boolean", { OPS_VIEW_DB_READ: "true", OPS_VIEW_DB_WRITE: false }],
    ["an empty object", {}],
    ["an array", []],
    ["null", null],
    ["a _cutover that is not an object", { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true, _cutover: 1 }],
  ])("refuses %s", (_, document) => {
    expect(() => parse(document)).toThrow("flag document v1");
  });

  it.each(["", "{", "true,", "<html>sekret</html>"])("refuses %j, without repeating it", (text) => {
    expect(() => parseFlagDocument(text, "v1")).toThrow("flag document v1");
    expect(() => parseFlagDocument(text, "v1")).not.toThrow("sekret");
  });
});
