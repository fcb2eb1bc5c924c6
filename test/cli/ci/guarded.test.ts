import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ownersIn } from "../../../cli/ci/owners";
import { guardCommand } from "../../../cli/ci/run";

describe("owners of a file, as GitHub reads them", () => {
  it.each<[string, string, string, boolean]>([
    ["a name at any depth", "Pulumi*.yaml @a", "rollouts/x/Pulumi.p5.yaml", true],
    ["a star within one name", "Pulumi*.yaml @a", "Pulumi/x.yaml", false],
    ["a folder, with all in it", "/rollouts/ @a", "rollouts/x/checks.ts", true],
    ["a folder at the top alone", "/rollouts/ @a", "docs/rollouts/x.md", false],
    ["a folder anywhere", "policies/ @a", "kit/policies/rules/x.ts", true],
    ["a path without a slash before it", "docs/x.md @a", "kit/docs/x.md", false],
    ["a folder without a slash after it", "/policies @a", "policies/rules/x.ts", true],
    ["what lies right in a folder", "/rollouts/* @a", "rollouts/x.yaml", true],
    ["and no further down", "/rollouts/* @a", "rollouts/x/checks.ts", false],
    ["two stars", "/rollouts/**/*.ts @a", "rollouts/x/y/checks.ts", true],
    ["two stars for no folder", "/rollouts/**/*.ts @a", "rollouts/checks.ts", true],
    ["everything", "* @a", "a/b/c", true],
    ["the last line that matches", "* @a\n/rollouts/ # nobody's\n", "rollouts/x.yaml", false],
    ["a comment", "# * @a", "x", false],
    ["a pattern that GitHub leaves out", "!x @a\n[ab].ts @a", "a.ts", false],
    ["an address", "*.ts someone@example.com", "a.ts", true],
    ["a name with a space", "/a\\ b.ts @a", "a b.ts", true],
    ["a dot that is one", "/a.ts @a", "axts", false],
  ])("%s", (_, text, path, owned) => expect(ownersIn(text)(path).length > 0).toBe(owned));
});

/** A repository with these files, and what the command says of it. */
function guard(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "cutover-guard-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  execFileSync("git", ["init", "-q"], { cwd: root });
  const printed: string[] = [];
  try {
    guardCommand({ folder: root, print: (line) => printed.push(line) });
    return printed.join("\n");
  } catch (error) {
    return (error as Error).message;
  }
}

const job = (over: string, run: string) =>
  `on: workflow_dispatch\njobs:\n  promote:\n    runs-on: ubuntu-latest\n${over}    steps:\n      - run: ${run}\n`;
const UP = "npx cutover in -C x pulumi up --yes --stack stageA";
const SOUND: Readonly<Record<string, string>> = {
  ".github/CODEOWNERS":
    "Pulumi*.yaml @acme/release\n/search/ @acme/release\n/policies/ @acme/sre\n/.github/ @acme/sre\n",
  ".github/workflows/promote.yml": job("    environment: ${{ inputs.rollout }}\n", UP),
  ".github/workflows/test.yml": job("", "npm test"),
  ".github/workflows/drift.yml": job("", "pulumi refresh --preview-only --expect-no-changes"),
  ".github/workflows/call.yml":
    "on: push\njobs:\n  promote:\n    uses: acme/cutover/.github/workflows/promote.yml@abc\n",
  "search/Pulumi.yaml": "name: search\n",
  "search/Pulumi.p5.yaml": "config:\n  cutover:stage: {}\n",
  "search/checks.ts": "",
  "policies/rules/x.ts": "",
};

describe("a repository", () => {
  it("that guards all of it has nothing open", () => expect(guard(SOUND)).toMatch(/^Every file/));

  it("without CODEOWNERS is told what to write", () => {
    const { ".github/CODEOWNERS": _none, ...others } = SOUND;
    expect(guard(others)).toMatch(/- \.github\/CODEOWNERS: is not there.*Name owners/);
  });

  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      "a stack file that a later line takes away",
      { ".github/CODEOWNERS": `${SOUND[".github/CODEOWNERS"]}/search/Pulumi.p5.yaml\n` },
      /no owner of search\/Pulumi\.p5\.yaml: each is a stack file/,
    ],
    [
      "code, policies, workflows and the list itself",
      { ".github/CODEOWNERS": "Pulumi*.yaml @acme/release\n" },
      /search\/checks\.ts: each is a rollout's own code[\s\S]*policies\/rules\/x\.ts: each is a policy[\s\S]*promote\.yml[^\n]*workflow[\s\S]*list of owners/,
    ],
    [
      "a promotion without an environment",
      { ".github/workflows/promote.yml": job("", UP) },
      /promote\.yml jobs\.promote: changes an account, and has no environment/,
    ],
    [
      "a destroy among other lines",
      {
        ".github/workflows/end.yml": job("", "|\n          npm ci\n          pulumi destroy --yes -s stageA"),
      },
      /end\.yml jobs\.promote: changes an account/,
    ],
    [
      "a workflow that is no YAML",
      { ".github/workflows/x.yml": "jobs: [" },
      /x\.yml: cannot be read as YAML/,
    ],
  ])("is told of %s", (_, files, told) => expect(guard({ ...SOUND, ...files })).toMatch(told));
});
