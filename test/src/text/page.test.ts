import fc from "fast-check";
import { expect, test } from "vitest";
import { wrapped } from "../../../src/text/page";

test("lines that fit stay as they are, and what is wider hangs under its beginning", () => {
  expect(wrapped("Two problems:\n  - one: is wrong. Mend it\n  2. a b c", 40)).toBe(
    "Two problems:\n  - one: is wrong. Mend it\n  2. a b c",
  );
  expect(wrapped("  - Pulumi.stageA.yaml:3 name: must be another one", 40)).toBe(
    "  - Pulumi.stageA.yaml:3 name: must be\n    another one",
  );
  expect(wrapped("  3  blocked: it works, and a gate says no", 30)).toBe(
    "  3  blocked: it works, and a\n     gate says no",
  );
});

test("a command is never broken in two", () => {
  const command = "npm run cutover -- abort --rollout search -s stageA";
  expect(wrapped(`  - stageA: is live. Run ${command}. Then look`, 40).split("\n")).toContain(
    `    ${command}`,
  );
});

test("whatever is told, no word is lost and no line is wider than asked for", () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/);
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 40, max: 120 }),
      (words, width) => {
        const told = wrapped(`  - ${words.join(" ")}`, width);
        for (const line of told.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
        expect(told.split(/\s+/).filter((one) => one !== "" && one !== "-")).toEqual(words);
      },
    ),
  );
});
