import { describe, expect, it } from "vitest";
import { ident, literal } from "../../../src/imports/quote";

describe("quotes", () => {
  it.each([
    ["import_jobs", '"import_jobs"', "'import_jobs'"],
    ['a"b', '"a""b"', `'a"b'`],
    ["it's", `"it's"`, "'it''s'"],
    ["a$$b", String.raw`U&"a\0024\0024b"`, String.raw`E'a\x24\x24b'`],
    [String.raw`a\b'$`, String.raw`U&"a\\b'\0024"`, String.raw`E'a\\b''\x24'`],
    ["Größe", '"Größe"', "'Größe'"],
  ])("%s", (text, name, value) => {
    expect(ident(text)).toBe(name);
    expect(literal(text)).toBe(value);
  });
});
