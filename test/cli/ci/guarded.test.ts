import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { unguarded } from "../../../cli/ci/guarded";
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

  it.each<[string, string, string, boolean]>([
    ["a path at any depth", "docs/x.md @a", "kit/docs/x.md", true],
    ["a folder with a slash after it", "/rollouts/ @a", "rollouts/x/checks.ts", true],
    ["a name without one, which is a file", "/rollouts @a", "rollouts/x/checks.ts", false],
    ["a section", "[Release]\n* @a", "x", true],
    ["a section's own owners", "[Release][2] @a\n/rollouts/", "rollouts/x", true],
    ["an optional section", "^[Release]\n* @a", "x", false],
    ["a section beside one that takes nothing away", "[A]\n* @a\n[B]\n/x", "x", true],
    ["what a section leaves out", "* @a\n!/x", "x", false],
    ["what it leaves out, and a later line names", "* @a\n!/ci/\n/ci/x @a", "ci/x", false],
    ["what it leaves out, and another section names", "* @a\n!/x\n[B]\n/x @b", "x", true],
  ])("on GitLab, %s", (_, text, path, owned) =>
    expect(ownersIn(text, "GitLab")(path).length > 0).toBe(owned),
  );
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
    ...(
      [
        "pulumi up --yes -s view",
        "|\n          pulumi \\\n            up -s view",
        "|\n          pulumi `\n            up -s view",
        "pulumi update -s view",
        "pulumi down -s view",
        "pulumi $COMMAND -s view",
        `python3 -c 'import subprocess; subprocess.run(["pulumi", "up"])'`,
      ] as const
    ).map((run): [string, Readonly<Record<string, string>>, RegExp] => [
      `${run} in no environment`,
      { ".github/workflows/x.yml": job("", run.startsWith("|") ? run : JSON.stringify(run)) },
      /x\.yml jobs\.promote: changes an account, and has no environment/,
    ]),
    ...["environment: cutover-read", "environment: { name: Cutover-Read }"].map(
      (over): [string, Readonly<Record<string, string>>, RegExp] => [
        `a promotion in ${over}`,
        { ".github/workflows/x.yml": job(`    ${over}\n`, UP) },
        /x\.yml jobs\.promote: changes an account in the environment cutover-read, which asks nobody/i,
      ],
    ),
    ...[
      "uses: pulumi/actions@v6\n        with: { command: up }",
      "uses: Pulumi/Actions@v6\n        with: { command: '${{ inputs.command }}' }",
      "uses: docker://pulumi/pulumi-nodejs:3\n        with: { args: up --yes }",
      "uses: ./.github/actions/deploy",
    ].map((step): [string, Readonly<Record<string, string>>, RegExp] => [
      `a promotion by ${step}`,
      {
        ".github/workflows/x.yml": `on: push\njobs:\n  p:\n    steps:\n      - ${step}\n`,
        ".github/actions/deploy/action.yml": "runs:\n  steps:\n    - run: pulumi up\n",
      },
      /x\.yml jobs\.p: changes an account, and has no environment/,
    ]),
    ...[
      ["pull_request_target", "run: gh pr checkout 1 && npm test"],
      ["pull_request_target", "run: git fetch origin pull/1/head"],
      ["pull_request_target", "uses: Actions/Checkout@v4"],
      ["workflow_run", "uses: actions/checkout@v4\n        with: { ref: x }"],
      ["issue_comment", "run: gh pr checkout 1"],
    ].map(([trigger, step]): [string, Readonly<Record<string, string>>, RegExp] => [
      `strangers' code by ${trigger} and ${step}`,
      { ".github/workflows/x.yml": `on: ${trigger}\njobs:\n  a:\n    steps:\n      - ${step}\n` },
      new RegExp(`x\\.yml jobs\\.a: checks code out with the rights of ${trigger}`),
    ]),
    [
      "strangers' code in a workflow that is called",
      {
        ".github/workflows/x.yml":
          "on: pull_request_target\njobs:\n  a:\n    uses: ./.github/workflows/y.yml\n",
        ".github/workflows/y.yml":
          "on: workflow_call\njobs:\n  b:\n    steps:\n      - uses: actions/checkout@abc\n",
      },
      /x\.yml jobs\.a: checks code out/,
    ],
    ...["hello", "on: push\njobs: [a]", "on: push\njobs:\n  p: { steps: hello }"].map(
      (text): [string, Readonly<Record<string, string>>, RegExp] => [
        `a workflow that is none: ${text}`,
        { ".github/workflows/x.yml": text },
        /x\.yml: is no workflow: jobs.*GitHub runs nothing of it/,
      ],
    ),
    ...[
      ["package.json", "part of the program"],
      ["package-lock.json", "part of the program"],
      [".npmrc", "part of the program"],
      ["index.ts", "part of the program"],
      ["src/gates/judge.ts", "part of the program"],
      ["cli/main.ts", "part of the program"],
      ["sandbox/host/errors.ts", "part of the program"],
      ["tools/act/action.yml", "workflow or action"],
    ].map(([file, kind]): [string, Readonly<Record<string, string>>, RegExp] => [
      `${file} that nobody owns`,
      { [String(file)]: "" },
      new RegExp(`no owner of ${String(file).replaceAll(".", "\\.")}: each is a ${kind}`),
    ]),
    ...["search/lib/util.ts", "search/queries/late.sql"].map(
      (file): [string, Readonly<Record<string, string>>, RegExp] => [
        `${file} that nobody owns`,
        { [file]: "", ".github/CODEOWNERS": `${SOUND[".github/CODEOWNERS"]}/${file}\n` },
        new RegExp(`no owner of ${file}: each is a rollout's own code`),
      ],
    ),
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

  it("that checks its default branch out after another workflow is left alone", async () => {
    const after = "on: workflow_run\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@abc\n";
    expect(await guard({ ...SOUND, ".github/workflows/after.yml": after })).toMatch(/^Every file/);
  });

  it("that installs Pulumi, or previews with it, is left alone", async () => {
    const step = "      - uses: pulumi/actions@v6\n";
    const reads = `on: push\njobs:\n  a:\n    steps:\n${step}${step}        with: { command: preview }\n`;
    expect(await guard({ ...SOUND, ".github/workflows/reads.yml": reads })).toMatch(/^Every file/);
  });

  it("that only labels with the rights of the target is left alone", async () => {
    const labels = "on: [pull_request_target]\njobs:\n  a:\n    steps:\n      - uses: actions/labeler@abc\n";
    expect(await guard({ ...SOUND, ".github/workflows/label.yml": labels })).toMatch(/^Every file/);
  });
});

it("that has the package installed owns what installs it, and not what its app is made of", () => {
  const files = [
    "package.json",
    "infra/package-lock.json",
    "infra/.npmrc",
    "apps/web/package.json",
    "src/a.ts",
  ];
  const found = unguarded({
    files: [".github/CODEOWNERS", ...files],
    rollouts: [{ rollout: "search", folder: "infra/search", stacks: [], successors: new Map() }],
    program: "package",
    read: () => "/.github/ @acme/sre\n",
  });
  expect(found.map(({ what }) => what)).toEqual([
    "names no owner of package.json, infra/package-lock.json, infra/.npmrc: each is a part of the program that promotes",
  ]);
});

describe("a repository on GitLab", () => {
  const PIPELINE = `deploy:\n  environment: { name: search }\n  script:\n    - ${UP}\n`;
  const ON_GITLAB: Readonly<Record<string, string>> = {
    ...Object.fromEntries(Object.entries(SOUND).filter(([file]) => !file.startsWith(".github/"))),
    ".gitlab/CODEOWNERS": "* @acme/release\n",
    ".gitlab-ci.yml": PIPELINE,
  };

  it("that guards all of it is told what of GitLab was not looked at", async () => {
    const said = await guard(ON_GITLAB);
    expect(said).toMatch(/^Every file.*\nHow its protected environments are set was not looked at/);
    expect(said).not.toContain("GitHub");
  });

  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      "a pipeline that nobody owns",
      { ".gitlab/CODEOWNERS": "* @acme/release\n.gitlab-ci.yml\n" },
      /- \.gitlab\/CODEOWNERS: names no owner of \.gitlab-ci\.yml: each is a part of the pipeline/,
    ],
    [
      "a part of it elsewhere that nobody owns",
      {
        ".gitlab-ci.yml": `include:\n  - local: /ci/*.yml\n${PIPELINE}`,
        "ci/a.yml": "{}",
        ".gitlab/CODEOWNERS": "* @acme/release\n/ci/\n",
      },
      /no owner of ci\/a\.yml: each is a part of the pipeline/,
    ],
    [
      "a promotion in what an included file includes",
      {
        ".gitlab-ci.yml": "include: ci/a.yml\n",
        "ci/a.yml": "include: { local: /ci/jobs/b.yml }\n",
        "ci/jobs/b.yml": `include: ci/a.yml\ndeploy:\n  script:\n    - ${UP}\n`,
        ".gitlab/CODEOWNERS": "* @acme/release\n/ci/jobs/\n",
      },
      /no owner of ci\/jobs\/b\.yml: each is a part of the pipeline[\s\S]*deploy: changes an account/,
    ],
    [
      "a promotion without an environment",
      { ".gitlab-ci.yml": `deploy:\n  script:\n    - npm ci\n    - ${UP}\n` },
      /\.gitlab-ci\.yml deploy: changes an account, and has no environment/,
    ],
    [
      "one that a job has from another",
      { ".gitlab-ci.yml": `.up:\n  script: [ '${UP}' ]\ndeploy:\n  extends: .up\n` },
      /\.gitlab-ci\.yml deploy: changes an account/,
    ],
    ...[
      `.up: &up\n  script: [ '${UP}' ]\ndeploy:\n  <<: *up\n`,
      `.up:\n  script: [ '${UP}' ]\ndeploy:\n  script: [ npm ci, !reference [.up, script] ]\n`,
      `.up:\n  script: [ '${UP}' ]\ndeploy:\n  script: !reference [.up, script]\n`,
      `.up:\n  script: [ '${UP}' ]\n.more:\n  script: [ !reference [.up, script] ]\ndeploy:\n  script: [ !reference [.more, script] ]\n`,
    ].map((text): [string, Readonly<Record<string, string>>, RegExp] => [
      `one that it takes from another: ${text}`,
      { ".gitlab-ci.yml": text },
      /\.gitlab-ci\.yml deploy: changes an account/,
    ]),
    ["a pipeline that is none", { ".gitlab-ci.yml": "hello" }, /\.gitlab-ci\.yml: cannot be read/],
  ])("is told of %s", async (_, files, told) =>
    expect(await guard({ ...ON_GITLAB, ...files })).toMatch(told),
  );

  it("whose job takes its environment from another has nothing open", async () => {
    const text = `.held: &held\n  environment: search\ndeploy:\n  <<: *held\n  script: [ '${UP}' ]\n`;
    expect(await guard({ ...ON_GITLAB, ".gitlab-ci.yml": text })).toMatch(/^Every file/);
  });

  it("that has the jobs which come with the project has nothing open", async () => {
    const jobs = readFileSync(join(__dirname, "..", "..", "..", "docs", "how-to", "gitlab-ci.yml"), "utf8");
    expect(await guard({ ...ON_GITLAB, ".gitlab-ci.yml": jobs })).toMatch(/^Every file/);
  });

  it("without CODEOWNERS is told where GitLab looks for it", async () => {
    const { ".gitlab/CODEOWNERS": _none, ...others } = ON_GITLAB;
    expect(await guard(others)).toMatch(/- \.gitlab\/CODEOWNERS: is not there/);
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
  {
    policies = MAIN,
    read = READ,
    files = {},
  }: { policies?: object[]; read?: object | null; files?: Readonly<Record<string, string>> } = {},
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
  return guard(
    { ...SOUND, ...files },
    { GITHUB_TOKEN: "ghs_a", GITHUB_REPOSITORY: "acme/ops", GITHUB_API_URL: url },
  );
}

describe("how GitHub is set", () => {
  it("has nothing open where the default branch alone gets in, and others approve", async () =>
    expect(await ask(GUARDED)).toMatch(/^Every file.*\nEach environment lets the branch main in alone/));

  const rules = (over: object) => [{ ...GUARDED.protection_rules[0], ...over }];
  it.each<[string, object | undefined, Parameters<typeof ask>[1], RegExp]>([
    ["no environment at all", undefined, {}, /environment search: is not there.*with reviewers/],
    ["none to read with", GUARDED, { read: null }, /environment cutover-read: is not there/],
    [
      "a job's environment that is no rollout's",
      GUARDED,
      { files: { ".github/workflows/x.yml": job("    environment: whatever\n", UP) } },
      /environment whatever: is not there: GitHub makes it, and asks nobody/,
    ],
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
