import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ownersIn } from "../../../cli/ci/owners";
import { guardCommand } from "../../../cli/ci/run";
import { json, standIn } from "../../support/standIn";

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
async function guard(files: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "cutover-guard-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  execFileSync("git", ["init", "-q"], { cwd: root });
  const printed: string[] = [];
  try {
    await guardCommand({ folder: root, print: (line) => printed.push(line), env });
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
  it("that guards all of it has nothing open, and is told what was not looked at", async () =>
    expect(await guard(SOUND)).toMatch(/^Every file.*\n.*GITHUB_TOKEN or GITHUB_REPOSITORY is missing/));

  it("without CODEOWNERS is told what to write", async () => {
    const { ".github/CODEOWNERS": _none, ...others } = SOUND;
    expect(await guard(others)).toMatch(/- \.github\/CODEOWNERS: is not there.*Name owners/);
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
    [
      "owners that nobody has filled in",
      { ".github/CODEOWNERS": "* @OWNER/release\n/search/ @acme/release\n" },
      /CODEOWNERS: names for .*promote\.yml.* nobody but @OWNER\/release.*Write a team/,
    ],
    [
      "code that is checked out with the rights of the target",
      {
        ".github/workflows/x.yml":
          "on:\n  pull_request_target:\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@abc\n",
      },
      /x\.yml jobs\.a: checks code out with the rights of pull_request_target/,
    ],
  ])("is told of %s", async (_, files, told) => expect(await guard({ ...SOUND, ...files })).toMatch(told));

  it("that only labels with the rights of the target is left alone", async () => {
    const labels = "on: [pull_request_target]\njobs:\n  a:\n    steps:\n      - uses: actions/labeler@abc\n";
    expect(await guard({ ...SOUND, ".github/workflows/label.yml": labels })).toMatch(/^Every file/);
  });
});

/** A rollout's environment that is set as it has to be, in the words of GitHub's REST API. */
const GUARDED = {
  can_admins_bypass: false,
  protection_rules: [
    { id: 1, type: "required_reviewers", prevent_self_review: true, reviewers: [{ type: "Team" }] },
    { id: 2, type: "branch_policy" },
  ],
  deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
};
const READ = { ...GUARDED, can_admins_bypass: true, protection_rules: [{ id: 2, type: "branch_policy" }] };
const MAIN = [{ id: 3, name: "main", type: "branch" }];

/** GitHub, with those two environments, and what the command says of them. */
async function ask(
  of: object | undefined,
  { policies = MAIN, read = READ }: { policies?: object[]; read?: object | null } = {},
): Promise<string> {
  const { url } = await standIn(({ path, headers }, response) => {
    if (headers.authorization !== "Bearer ghs_a") return json(response, { message: "Bad credentials" }, 401);
    const [, name, rest] = /^\/repos\/acme\/ops\/environments\/([^/?]+)(.*)$/.exec(path) ?? [];
    if (path === "/repos/acme/ops") return json(response, { default_branch: "main" });
    const found = name === "search" ? of : name === "cutover-read" ? read : undefined;
    if (!found) return json(response, { message: "Not Found" }, 404);
    if (!rest) return json(response, { name, ...found });
    return json(response, { branch_policies: name === "search" ? policies : MAIN });
  });
  return guard(SOUND, { GITHUB_TOKEN: "ghs_a", GITHUB_REPOSITORY: "acme/ops", GITHUB_API_URL: url });
}

describe("how GitHub is set", () => {
  it("has nothing open where the default branch alone gets in, and others approve", async () =>
    expect(await ask(GUARDED)).toMatch(/^Every file.*\nEach environment lets the branch main in alone/));

  const rules = (over: object) => [{ ...GUARDED.protection_rules[0], ...over }];
  it.each<[string, object | undefined, Parameters<typeof ask>[1], RegExp]>([
    ["no environment at all", undefined, {}, /environment search: is not there.*with reviewers/],
    ["none to read with", GUARDED, { read: null }, /environment cutover-read: is not there/],
    [
      "any branch and tag",
      { ...GUARDED, deployment_branch_policy: null },
      {},
      /search: may be used by a job of any branch or tag/,
    ],
    [
      "every protected branch",
      { ...GUARDED, deployment_branch_policy: { protected_branches: true, custom_branch_policies: false } },
      {},
      /search: may be used by a job of every protected branch/,
    ],
    [
      "a tag called main",
      GUARDED,
      { policies: [...MAIN, { name: "main", type: "tag" }] },
      /search: may be used by a job of the tag main\./,
    ],
    [
      "branches by a pattern",
      GUARDED,
      { policies: [...MAIN, { name: "release/*", type: "branch" }] },
      /search: may be used by a job of the branch release\/\*/,
    ],
    [
      "another branch alone",
      GUARDED,
      { policies: [{ name: "dev" }] },
      /search: may not be used by the branch main/,
    ],
    ["no reviewers", { ...GUARDED, protection_rules: [] }, {}, /search: asks nobody before a job runs/],
    [
      "reviewers who are none",
      { ...GUARDED, protection_rules: rules({ reviewers: [] }) },
      {},
      /search: asks nobody before a job runs/,
    ],
    [
      "self-review",
      { ...GUARDED, protection_rules: rules({ prevent_self_review: false }) },
      {},
      /search: lets whoever started a job approve it/,
    ],
    [
      "administrators who go past it",
      { ...GUARDED, can_admins_bypass: true },
      {},
      /search: lets administrators of the repository go past its reviewers/,
    ],
    [
      "administrators of whom it does not tell",
      { ...GUARDED, can_admins_bypass: undefined },
      {},
      /search: does not tell whether administrators/,
    ],
  ])("is told of with %s", async (_, of, changes, told) => expect(await ask(of, changes)).toMatch(told));

  it("is not taken for sound where GitHub does not answer", async () => {
    const env = { GITHUB_TOKEN: "ghs_b", GITHUB_REPOSITORY: "acme/ops" };
    const { url } = await standIn((_, response) => json(response, { message: "Bad credentials" }, 401));
    const said = await guard(SOUND, { ...env, GITHUB_API_URL: url });
    expect(said).toMatch(/^It is not known how GitHub is set:[\s\S]*GitHub answers 401.*actions: read/);
    expect(said).not.toContain("ghs_b");
  });
});

describe("this repository", () => {
  const root = join(__dirname, "..", "..", "..");

  it("has nothing open but who its team is", async () => {
    await expect(guardCommand({ folder: root, env: {} })).rejects.toThrow(
      /^Something could be promoted[^\n]*\n {2}- \.github\/CODEOWNERS: names for [^\n]*@OWNER\/release[^\n]*$/,
    );
  });
});
