import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { rolloutFolders } from "../../../cli/ci/stacks";
import { actionlint, lint } from "./linters/actionlint";
import { audit, zizmor } from "./linters/zizmor";

const ROOT = join(__dirname, "..", "..", "..");
const FOLDER = join(ROOT, ".github", "workflows");
const FILES = readdirSync(FOLDER).map((name) => join(FOLDER, name));

interface Step {
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly needs?: string | readonly string[];
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, never>>;
  readonly permissions: object;
  readonly concurrency: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const read = (name: string) => parse(readFileSync(join(FOLDER, `${name}.yml`), "utf8")) as Workflow;
const workflows = FILES.map((file) => ({
  name: basename(file),
  workflow: parse(readFileSync(file, "utf8")) as Workflow,
}));
const steps = workflows.flatMap(({ name, workflow }) =>
  Object.entries(workflow.jobs).flatMap(([job, { steps }]) =>
    steps.map((step) => ({ at: `${name} ${job}`, step })),
  ),
);

/** Those that work on rollouts. Others are of this project alone. */
const CALLED = new Set(["preview.yml", "promote.yml", "drift.yml", "prove.yml"]);

describe("the workflows", { timeout: 300_000 }, async () => {
  const program = await actionlint();
  // Without Go there is no linter. In CI that is a mistake of the image, and not a reason to look away.
  const needsGo = it.skipIf(program === undefined && !process.env.CI);

  needsGo("are found sound by actionlint", async () => {
    expect(program, "actionlint needs Go, to be built").toBeDefined();
    expect(FILES.length).toBeGreaterThanOrEqual(3);
    expect(await lint(program ?? "", FILES)).toEqual([]);
  });

  needsGo.each([
    ["a job that is not there", "needs: stacks\n", "needs: stakcs\n", /job "preview" needs job "stakcs"/],
    ["an expression that is wrong", "matrix.stack }}", "matrix.stack }", /expression|parsing/],
    [
      "a property that no context has",
      "steps.changed.outputs.stacks",
      "steps.chnaged.outputs.stacks",
      /"chnaged"/,
    ],
    ["an unknown permission", "id-token: write", "id-token: maybe", /permission "id-token"|"maybe"/],
    [
      "text of a stranger's in a script",
      '$CUTOVER ci stacks --since "$BASE"',
      "$CUTOVER ci stacks --since ${{ github.event.pull_request.title }}",
      /potentially untrusted/,
    ],
  ])("are found broken with %s", async (_, sound, broken, finding) => {
    expect(program, "actionlint needs Go, to be built").toBeDefined();
    const text = readFileSync(join(FOLDER, "preview.yml"), "utf8");
    expect(text).toContain(sound);
    const folder = mkdtempSync(join(tmpdir(), "cutover-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "preview.yml");
    writeFileSync(file, text.replace(sound, broken));
    expect((await lint(program ?? "", [file])).join("\n")).toMatch(finding);
  });

  const auditor = await zizmor();
  const needsPython = it.skipIf(auditor === undefined && !process.env.CI);

  needsPython("are found safe by zizmor's auditor, who is told to overlook nothing", async () => {
    expect(auditor, "zizmor needs Python, to be installed").toBeDefined();
    expect(await audit(auditor ?? "", FILES)).toEqual([]);
    for (const file of FILES) expect(readFileSync(file, "utf8")).not.toMatch(/zizmor:\s*ignore/);
  });

  needsPython.each([
    ["rights of the target", "on:\n  pull_request:\n", "on:\n  pull_request_target:\n", "dangerous-triggers"],
    ["an action by its tag", /@[0-9a-f]{40} # v\S+/, "@v7", "unpinned-uses"],
    ["a token left behind", "          persist-credentials: false\n", "", "artipacked"],
    ["rights for every job", "permissions: {}", "permissions: write-all", "excessive-permissions"],
    [
      "a stranger's text in a script",
      '--since "$BASE"',
      "--since ${{ github.head_ref }}",
      "template-injection",
    ],
  ])("are found unsafe with %s", async (_, safe, unsafe, ident) => {
    expect(auditor, "zizmor needs Python, to be installed").toBeDefined();
    const text = readFileSync(join(FOLDER, "preview.yml"), "utf8");
    expect(text.replace(safe, unsafe)).not.toBe(text);
    const folder = mkdtempSync(join(tmpdir(), "cutover-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "preview.yml");
    writeFileSync(file, text.replace(safe, unsafe));
    expect((await audit(auditor ?? "", [file])).join("\n")).toContain(ident);
  });

  it.each(workflows)("$name gives no permission to all of its jobs, and each job its own", ({ workflow }) => {
    expect(workflow.permissions).toEqual({});
    for (const job of Object.values(workflow.jobs)) {
      const { contents, ...rest } = job.permissions ?? {};
      expect(contents).toBe("read");
      expect(["{}", '{"id-token":"write"}', '{"pull-requests":"write"}']).toContain(JSON.stringify(rest));
    }
  });

  it("use actions of others by the hash of a commit only, with the version beside it", () => {
    const lines = FILES.flatMap((file) => readFileSync(file, "utf8").match(/uses: .*/g) ?? []);
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+/);
  });

  it("leave no token of the checkout behind for later steps", () => {
    for (const { at, step } of steps.filter(({ step }) => step.uses?.startsWith("actions/checkout@")))
      expect(step.with?.["persist-credentials"], at).toBe(false);
  });

  it("put nothing into a script but by its environment", () => {
    for (const { at, step } of steps) expect(step.run ?? "", at).not.toContain("${{");
  });

  it("run stacks through cutover alone, which applies the policy pack of the program that runs", () => {
    for (const { at, step } of steps) {
      expect(step.run ?? "", at).not.toMatch(/(?<!\$CUTOVER in .*)pulumi (?:preview|up)/);
      expect(Object.keys(step.env ?? {}), at).not.toContain("PULUMI_OPTION_POLICY_PACK");
    }
    const typed = steps.flatMap(({ step }) => step.run?.match(/\$CUTOVER (?:preview|in) /g) ?? []);
    expect(typed).toEqual(["$CUTOVER preview ", "$CUTOVER preview ", "$CUTOVER in "]);
  });

  it.each(workflows.filter(({ name }) => CALLED.has(name)))(
    "$name can be called from a repository that has the package installed",
    ({ workflow }) => {
      const { workflow_call: call } = workflow.on as unknown as {
        workflow_call: { inputs: Record<string, { default?: string }>; secrets?: Record<string, unknown> };
      };
      expect(call.inputs.command?.default).toBe("npx --no-install cutover");
      expect(call.inputs.directory?.default).toBe(".");
      const used = JSON.stringify(workflow.jobs).match(/(?<=secrets\.)\w+/g) ?? [];
      expect(Object.keys(call.secrets ?? {}).toSorted()).toEqual([...new Set(used)].toSorted());
      expect(workflow.env).toEqual({ CUTOVER: "${{ inputs.command || 'node cli/cutover.mjs' }}" });
      expect(JSON.stringify(workflow.jobs)).not.toMatch(/bootstrap|rollouts\//);
    },
  );

  it("install the very engine that the sandbox tests with", () => {
    const version = /pulumi\/pkg\/v3 v(\S+)/.exec(
      readFileSync(join(ROOT, "sandbox", "engine", "go.mod"), "utf8"),
    )?.[1];
    const used = steps.flatMap(({ step }) =>
      step.uses?.startsWith("pulumi/actions@") ? [step.with?.["pulumi-version"]] : [],
    );
    expect(new Set(used)).toEqual(new Set([version]));
  });

  it("take a role for AWS, and no key", () => {
    for (const { at, step } of steps.filter(({ step }) => step.uses?.startsWith("aws-actions/"))) {
      expect(Object.keys(step.with ?? {}), at).not.toContain("aws-access-key-id");
      expect(step.with?.["role-to-assume"], at).toMatch(/^\$\{\{ vars\.AWS_\w+_ROLE_ARN \}\}$/);
    }
  });
});

describe("the preview of pull requests", () => {
  const { on, jobs } = read("preview");

  it("runs for pull requests, and never with the rights of the target", () => {
    expect(Object.keys(on)).toEqual(["pull_request", "workflow_call"]);
  });

  it("has nothing of what promotes: its state, its secrets and its role are its own", () => {
    const text = readFileSync(join(FOLDER, "preview.yml"), "utf8");
    const own = /\b(?:secrets|vars)\.(\w+)/g;
    expect(new Set([...text.matchAll(own)].map(([, name]) => name))).toEqual(
      new Set([
        "AWS_REGION",
        "AWS_PREVIEW_ROLE_ARN",
        "PREVIEW_BACKEND_URL",
        "PREVIEW_ACCESS_TOKEN",
        "PREVIEW_CONFIG_PASSPHRASE",
        "PREVIEW_TOKENS",
      ]),
    );
    for (const job of Object.values(jobs)) expect(job.environment).toBeUndefined();
  });

  it("comments by the reviewed code of the base, and keeps what it posts away from that", () => {
    const steps = jobs.comment?.steps ?? [];
    const checkout = steps.find(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkout?.with?.ref).toBe("${{ github.event.pull_request.base.sha }}");
    const download = steps.find(({ uses }) => uses?.startsWith("actions/download-artifact@"));
    expect(download?.with?.path).toBe("${{ runner.temp }}/comments");
    expect(steps.at(-1)?.run).toBe('$CUTOVER ci comment "$RUNNER_TEMP/comments"');
  });

  it("comments from a job that holds no role, also where a preview failed, and never for a fork", () => {
    const { preview, comment } = jobs;
    expect(preview?.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(comment?.permissions).toEqual({ contents: "read", "pull-requests": "write" });
    expect(comment?.if).toContain("!cancelled()");
    expect(comment?.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
    const secret = comment?.steps.flatMap((step) => Object.values(step.env ?? {})).join("\n") ?? "";
    expect(secret).not.toContain("secrets.");
  });

  it("gives a fork no role, and its comment in the summary", () => {
    const role = jobs.preview?.steps.find(({ uses }) => uses?.startsWith("aws-actions/"));
    expect(role?.if).toBe("env.FORK == 'false'");
    expect(jobs.preview?.steps.some(({ run }) => run?.includes('"$GITHUB_STEP_SUMMARY"'))).toBe(true);
  });
});

const COPIES = '$CUTOVER ci state --rollout "$ROLLOUT"';

describe("the nightly proof of backups", () => {
  const { on, jobs } = read("prove");

  it("reaches the bucket alone: it has no secret, no state and no database", () => {
    expect(Object.keys(on)).toEqual(["schedule", "workflow_dispatch", "workflow_call"]);
    const text = readFileSync(join(FOLDER, "prove.yml"), "utf8");
    const own = [...text.matchAll(/\b(?:secrets|vars)\.(\w+)/g)].map(([, name]) => name);
    expect(new Set(own)).toEqual(new Set(["AWS_BACKUP_ROLE_ARN", "AWS_REGION"]));
    expect(JSON.stringify(jobs)).not.toMatch(/pulumi|DATABASE/i);
    expect(jobs.prove?.environment).toBe("cutover-read");
    expect(jobs.stacks?.steps.at(-1)?.run).toContain("$CUTOVER ci stacks --backups");
    expect(jobs.prove?.steps.at(-1)?.run).toBe('$CUTOVER prove-backup --rollout "$ROLLOUT"');
  });
});

describe("the promotion", () => {
  const workflow = read("promote");

  it("is asked for by hand, and finds the rollout wherever it is", () => {
    expect(Object.keys(workflow.on)).toEqual(["workflow_dispatch", "workflow_call"]);
    const step = workflow.jobs.preview?.steps.find(({ name }) => name === "Find the stack");
    expect(step?.run).toContain('$CUTOVER ci stacks --rollout "$ROLLOUT" --stage "$STAGE"');
    const text = readFileSync(join(FOLDER, "promote.yml"), "utf8");
    for (const { rollout } of rolloutFolders(ROOT)) expect(text).not.toContain(rollout);
  });

  it("runs from the default branch alone: a tag of its name has another ref", () => {
    const { preview, promote } = workflow.jobs;
    for (const job of [preview, promote])
      expect(job?.if).toBe(
        "github.ref_type == 'branch' && github.ref == format('refs/heads/{0}', github.event.repository.default_branch)",
      );
    expect(promote?.needs).toBe("preview");
  });

  /** The expression as GitHub evaluates it: what it is made of means the same in JavaScript. */
  const runs = (job: Job | undefined, github: object) => {
    const format = (text: string, value: string) => text.replace("{0}", value);
    return new Function("github", "format", `return ${job?.if}`)(github, format) as boolean;
  };
  const event = { repository: { default_branch: "main" } };

  it.each<[string, object, boolean]>([
    ["the default branch", { ref_type: "branch", ref: "refs/heads/main" }, true],
    ["a tag called main", { ref_type: "tag", ref: "refs/tags/main" }, false],
    ["a tag called heads/main", { ref_type: "tag", ref: "refs/tags/heads/main" }, false],
    ["a branch called refs/heads/main", { ref_type: "branch", ref: "refs/heads/refs/heads/main" }, false],
    ["another branch", { ref_type: "branch", ref: "refs/heads/main2" }, false],
    ["a pull request", { ref_type: "branch", ref: "refs/pull/7/merge" }, false],
  ])("asked for on %s: %j", (_, ref, expected) => {
    const { preview, promote } = workflow.jobs;
    for (const job of [preview, promote]) expect(runs(job, { ...ref, event })).toBe(expected);
  });

  it("holds its secrets in environments, and none of those that unreviewed code runs with", () => {
    for (const name of ["promote", "drift"])
      for (const job of Object.values(read(name).jobs))
        if (/secrets\.|AWS_\w+_ROLE_ARN/.test(JSON.stringify(job.steps)))
          expect(job.environment).toMatch(/^(?:cutover-read|\$\{\{ inputs\.rollout \}\})$/);
    // The step that copies states for it alone encrypts them with its key.
    const others = steps.filter(({ at, step }) => at !== "preview.yml preview" && step.run !== COPIES);
    expect(steps.length - others.length).toBeGreaterThan(1);
    for (const { at, step } of others) expect(JSON.stringify(step), at).not.toMatch(/PREVIEW_/);
  });

  it("copies states for previews last, also after an up that failed, and only where they have a place", () => {
    const copies = steps.filter(({ step }) => step.run?.includes(" ci state"));
    expect(copies.map(({ at }) => at)).toEqual(["promote.yml promote"]);
    expect(workflow.jobs.promote?.steps.at(-1)).toMatchObject({
      run: COPIES,
      if: "!cancelled() && vars.PREVIEW_BACKEND_URL != ''",
    });
    const preview = read("preview").jobs.preview?.steps.find(({ name }) => name === "Preview");
    expect(preview?.run).toContain(" --copy ");
  });

  it("is approved in the rollout's environment, one at a time per rollout, and never broken off", () => {
    expect(workflow.jobs.promote?.environment).toBe("${{ inputs.rollout }}");
    expect(workflow.concurrency).toEqual({
      group: "promote-${{ inputs.rollout }}",
      "cancel-in-progress": false,
    });
  });
});

describe("the check for drift", () => {
  const { on, jobs } = read("drift");

  it("runs by the clock, and only reads", () => {
    expect(Object.keys(on)).toEqual(["schedule", "workflow_dispatch", "workflow_call"]);
    const scripts = Object.values(jobs).flatMap((job) => job.steps.flatMap(({ run }) => run ?? []));
    const pulumi = scripts.join("\n").match(/pulumi (?:refresh|up|preview|destroy)[^\n]*/g);
    expect(pulumi).toEqual([
      'pulumi refresh --preview-only --expect-no-changes --non-interactive --stack "$STACK"',
    ]);
  });
});
