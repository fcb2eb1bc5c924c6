import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { block, fenced, quoted, words } from "../../../src/text/markdown";
import { plainLine, plainText } from "../../../src/text/text";

/** What moves a cursor, changes a terminal, or turns the direction of writing; a line's end aside. */
const HARMFUL = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

describe("text for terminals and pages", () => {
  it.each([
    ["colours and cursors", "a\u001b[2Jb\u009b31mc", "a [2Jb 31mc"],
    ["a bell and a carriage return that hides", "good\u0007\rbad", "good \nbad"],
    ["a direction that is turned", "user\u202etxt.exe\u2066", "user txt.exe "],
    ["lines and what is indented", "a\r\n\tb\nc", "a\n  b\nc"],
    ["half of a character", "\ud800x", "\ufffdx"],
    ["letters of all scripts, and joined signs", "Ärger שלום 👩‍💻", "Ärger שלום 👩‍💻"],
  ])("%s", (_, raw, clean) => {
    expect(plainText(raw)).toBe(clean);
  });

  const harmful = fc.array(
    fc.oneof(
      fc.string(),
      fc.constantFrom("\u001b]0;x\u0007", "\u202e", "\u2067", "\u0000", "\r", "\u0085", "\u2028", "`", "|"),
    ),
    { maxLength: 8 },
  );

  it.each<[string, (raw: string) => string]>([
    ["a line", plainLine],
    ["lines", plainText],
    ["Markdown", words],
    ["what is quoted", quoted],
    ["a block", (raw) => block("sh", raw).join("\n")],
    ["a fence", (raw) => fenced("sh", [raw]).join("\n")],
  ])("never reach either by %s", (_, write) => {
    fc.assert(
      fc.property(harmful, (parts) => {
        expect(write(parts.join("")).replaceAll("\n", "")).not.toMatch(HARMFUL);
      }),
    );
  });
});
