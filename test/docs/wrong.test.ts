import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const PROJECT = join(__dirname, "..", "..");
const PAGE = join(PROJECT, "docs", "how-to", "when-it-goes-wrong.md");

/** All that is said to people is written in one of these. */
const SOURCES = ["src", "cli", "components"].flatMap((folder) =>
  readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(PROJECT, folder, file), "utf8")),
);

/** What the first column quotes, by row; words that are AWS's or Pulumi's are not ours to find. */
const quoted = readFileSync(PAGE, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .flatMap((line) => {
    const first = line.split("|")[1] ?? "";
    return / \((AWS|Pulumi)'s words\)/.test(first)
      ? []
      : [...first.matchAll(/`([^`]+)`/g)].map(([, words = ""]) => words);
  });

test("there are ten blocked promotions, and pages", () => {
  expect(quoted.length).toBeGreaterThanOrEqual(14);
});

test.each(quoted)("somebody is told: %s", (words) => {
  expect(SOURCES.some((source) => source.includes(words))).toBe(true);
});
