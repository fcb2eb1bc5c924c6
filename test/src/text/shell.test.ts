import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LIVE_SINCE, tokenVariable, word, wordWith } from "../../../src/text/shell";

const SINCE = "2026-11-21T10:00:00.000Z";

/** What a shell makes of words. */
function read(words: readonly string[]): string[] {
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", `printf '%s\\0' ${words.join(" ")}`], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, [LIVE_SINCE]: SINCE },
  });
  expect(stderr).toBe("");
  return stdout.split("\0").slice(0, -1);
}

const part = fc.oneof(
  fc.string({ unit: "grapheme-ascii" }),
  fc.constantFrom("'", '"', "$", "`", "\\", "!", "\n", "$HOME", "$(date)", "$1", `$${LIVE_SINCE}S`, "it's"),
);
const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join("").replaceAll("\0", ""));
const texts = fc.array(text, { minLength: 1, maxLength: 30 });

test("a shell reads a word as it was", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(texts, (words) => void expect(read(words.map(word))).toEqual(words)),
    { numRuns: 30 },
  );
});

test("and puts in the variable that is named, and nothing else", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(texts, text, (words, rest) => {
      const named = words.map((one) => `${one}'$${LIVE_SINCE}'${rest}`);
      expect(read(named.map((one) => wordWith(one, LIVE_SINCE)))).toEqual(
        named.map((one) => one.replaceAll(/\$LIVE_SINCE(?!\w)/g, SINCE)),
      );
    }),
    { numRuns: 30 },
  );
});

test.each([
  ["admin", "ADMIN_TOKEN"],
  ["on-call.lead", "ON_CALL_LEAD_TOKEN"],
])("the token of %s is in %s", (role, name) => expect(tokenVariable(role)).toBe(name));
