import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const PROJECT = join(__dirname, "..");

/** The one module that writes commands, and the examples of `--help`, which are of no rollout. */
const MAY = /^(src\/text\/command\.ts|cli\/[a-z-]+\/index\.ts)$/;

/** A command with words of its own, in a string of the program. */
const COMMAND =
  /npm run |cutover -- |cutover (?:abort|backup|check|dismiss|drill|init|preview|prove|prove-backup|query|report|runbook|status) (?=-|[A-Z$])|-cutover-(?:abort|drill|dismiss)|pulumi (?:up|preview|destroy|cancel|refresh) -|pulumi (?:config set|import |login\b|stack (?:init|import|export)|state unprotect|whoami)|PULUMI_OPTION_POLICY_PACK=/;

function sourcesIn(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.m?ts$/.test(file) && !/(^|\/)dist\//.test(file))
    .map((file) => join(folder, file));
}

/** Without what nobody is shown: comments, and patterns that read what others print. */
function shown(source: string): string {
  return source
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/^\s*\/\/.*$/gm, "")
    .replaceAll(/^\s*says: \/.*$/gm, "");
}

test("a command to be typed is written by src/text/command alone", () => {
  const found = ["src", "components", "cli", "policies"].flatMap(sourcesIn).flatMap((file) => {
    const path = relative(PROJECT, join(PROJECT, file)).replaceAll("\\", "/");
    if (MAY.test(path)) return [];
    return shown(readFileSync(join(PROJECT, file), "utf8"))
      .split("\n")
      .flatMap((line) => (COMMAND.test(line) ? [`${path}: ${line.trim()}`] : []));
  });
  expect(found).toEqual([]);
});

test.each([
  "npm run cutover -- abort",
  "`cutover abort -s ${stage}`",
  '"cutover drill -s STAGE"',
  "pulumi up -s ${first}",
  "pulumi config set --secret x",
  "to-destroy-run-cutover-abort-then",
])("and that rule sees %s", (text) => {
  expect(COMMAND.test(shown(text))).toBe(true);
});
