import { describe, expect, it } from "vitest";
import { parseDocument } from "../../../../kit/node/src/document";
import { DECLARED } from "../../../../sandbox/demo/ops-view/flags/document";

const parseText = (text: string) => parseDocument(DECLARED, text, true);
const parse = (document: unknown) => parseText(JSON.stringify(document));

describe("a flag document of ops-view", () => {
  it.each([
    [false, false],
    [true, false],
    [true, true],
  ])("takes read %s, write %s", (read, write) => {
    expect(parse({ OPS_VIEW_DB_READ: read, OPS_VIEW_DB_WRITE: write })).toEqual({
      ok: true,
      values: { OPS_VIEW_DB_READ: read, OPS_VIEW_DB_WRITE: write },
      missing: [],
    });
  });

  it("tolerates keys of others, and hands on the drill's token alone", () => {
    const off = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };
    expect(parse({ ...off, OTHER: 3, _cutover: { drill: "d-1", attempt: 2 } })).toEqual({
      ok: true,
      values: off,
      missing: [],
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
    expect(parse(document)).toEqual({ ok: false, problem: expect.stringMatching(/./) });
  });

  it.each(["", "{", "true,", "<html>sekret</html>"])("refuses %j, without repeating it", (text) => {
    expect(parseText(text)).toEqual({ ok: false, problem: expect.not.stringContaining("sekret") });
  });
});
