import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stateCommand } from "../../cli/ci/state";
import { EXIT } from "../../cli/exit";
import { previewCommand } from "../../cli/preview/run";
import type { PreviewView } from "../../cli/preview/view";
import { WITHHELD } from "../../cli/withheld";
import { Ground, SLOW, type TestRollout } from "./harness";

const TOKEN = "a-token-of-production";

/** A pull request's preview has a copy of the state and a key of its own, and nothing that promotes. */
describe("a preview that has a copy of the state", () => {
  let ground: Ground;
  let rollout: TestRollout;
  let temp: string;
  let own: Record<string, string>;
  const before: Record<string, Preview> = {};
  const printed: string[] = [];

  interface Preview {
    readonly code: number;
    readonly comment: string;
    readonly view: PreviewView;
  }

  async function preview(stage: string, env: NodeJS.ProcessEnv, copy = false): Promise<Preview> {
    const markdown = join(temp, "comment.md");
    let view = "";
    const code = await previewCommand({
      stage,
      folder: rollout.project.folder,
      markdown,
      json: true,
      copy,
      env,
      print: (text) => {
        view = text;
      },
      say: () => {},
    });
    return { code, comment: await readFile(markdown, "utf8"), view: JSON.parse(view) as PreviewView };
  }

  const ofPreviews = (): NodeJS.ProcessEnv => ({ ...ground.sandbox.env, ...own });
  const exported = async (stack: string, env: NodeJS.ProcessEnv, ...options: string[]) => {
    const asked = ["stack", "export", "--stack", stack, ...options];
    return (await ground.sandbox.pulumi(asked, { cwd: rollout.project.folder, env: env as never })).stdout;
  };

  beforeAll(async () => {
    temp = await mkdtemp(join(tmpdir(), "cutover-copy-"));
    own = { PULUMI_BACKEND_URL: `file://${temp}`, PULUMI_CONFIG_PASSPHRASE: "a-preview-has-its-own" };
    ground = await Ground.open();
    rollout = await ground.rollout("copied", { scale: SLOW, abortSwitch: true });
    const hook = `cutover:rollout.topics.onCall[0].endpoint`;
    await rollout.must([
      ...["config", "set", "--stack", "baseline", "--path", "--secret"],
      ...[hook, `${ground.webhook.url}/secret-path`],
    ]);
    for (const stack of ["stageA", "stageB"])
      await rollout.must(["config", "set", "--stack", stack, "--secret", "cutover:token-analyst", TOKEN]);
    await rollout.edit("stageB", ["cutover:stage", "entry", "B7"], {
      title: "The migrations have run",
      source: "sql",
      query: "select count(*) from schema_migrations",
      expect: { gt: 0 },
    });
    for (const stack of ["baseline", "stageA"] as const) {
      const { code, output } = await rollout.up(stack);
      expect(code, output).toBe(0);
    }
    for (const stage of ["baseline", "stageA", "stageB"])
      before[stage] = await preview(stage, ground.sandbox.env);
    const code = await stateCommand({
      rollout: "copied",
      folder: rollout.project.folder,
      env: {
        ...ground.sandbox.env,
        PREVIEW_BACKEND_URL: own.PULUMI_BACKEND_URL,
        PREVIEW_CONFIG_PASSPHRASE: own.PULUMI_CONFIG_PASSPHRASE,
      },
      print: (line) => printed.push(line),
    });
    expect(code).toBe(EXIT.ok);
  });
  afterAll(async () => {
    await ground?.close();
    await rm(temp, { recursive: true, force: true });
  });

  it("has every stack, and not a secret or a ciphertext of theirs", async () => {
    expect(printed).toEqual(
      ["baseline", "stageA", "stageB"].map((one) => `${one}: copied for previews, without its secrets`),
    );
    const files = await readdir(temp, { recursive: true, withFileTypes: true });
    const kept = await Promise.all(
      files
        .filter((one) => one.isFile() && one.name !== "comment.md")
        .map((one) => readFile(join(one.parentPath, one.name), "utf8")),
    );
    expect(kept.length).toBeGreaterThanOrEqual(3);
    const found = { secrets: 0, ciphertexts: 0 };
    for (const stack of ["baseline", "stageA", "stageB"]) {
      const opened = await exported(stack, ofPreviews(), "--show-secrets");
      if (stack === "baseline") expect(opened).toContain(WITHHELD);
      const closed = await exported(stack, ground.sandbox.env);
      const shown = strings(JSON.parse(closed)).join("\n");
      const plain = strings(JSON.parse(await exported(stack, ground.sandbox.env, "--show-secrets"))).filter(
        (text) => text.length > 5 && !shown.includes(text),
      );
      const ciphertexts = [...closed.matchAll(/"(?:ciphertext|salt)": ?"([^"]+)"/g)].map(
        ([, text]) => text ?? "",
      );
      found.secrets += plain.length;
      found.ciphertexts += ciphertexts.length;
      for (const text of [opened, ...kept])
        for (const secret of [...plain, ...ciphertexts]) expect(text.includes(secret), secret).toBe(false);
    }
    expect(found.secrets).toBeGreaterThan(5);
    expect(found.ciphertexts).toBeGreaterThan(5);
    const { password } = ground.sandbox.postgres;
    for (const secret of [password, TOKEN, "secret-path", ground.sandbox.env.PULUMI_CONFIG_PASSPHRASE ?? ""])
      for (const text of kept) expect(text.includes(secret)).toBe(false);
  });

  it("is opened by nothing that opens the state, and opens nothing of it", async () => {
    const { PULUMI_CONFIG_PASSPHRASE } = ground.sandbox.env;
    const asked = ["stack", "export", "--show-secrets", "--stack", "baseline"];
    const wrong = await ground.sandbox.pulumi(asked, {
      cwd: rollout.project.folder,
      env: {
        PULUMI_BACKEND_URL: own.PULUMI_BACKEND_URL ?? "",
        PULUMI_CONFIG_PASSPHRASE: PULUMI_CONFIG_PASSPHRASE ?? "",
      },
    });
    expect(wrong.code, wrong.stdout).not.toBe(0);
    expect(wrong.stderr).toContain("incorrect passphrase");
    const other = await preview("stageB", {
      ...ground.sandbox.env,
      PULUMI_CONFIG_PASSPHRASE: own.PULUMI_CONFIG_PASSPHRASE,
    });
    expect(other.code).toBe(EXIT.failed);
  });

  it("tells of a promotion what a preview with the state itself tells, but for what needs a secret", async () => {
    const { code, comment, view } = await preview("stageB", ofPreviews(), true);
    expect(code, comment).toBe(before.stageB?.code);
    expect(comment).toContain("| `OPS_VIEW_DB_WRITE` | false | **true** | ▲ raise |");
    const [gate] = /^.*`B7` \|.*$/m.exec(comment) ?? [];
    expect(gate).toMatch(/\| `B7` \| ❓ unknown \| .*refused: nobody logs in: previews have a copy/);
    expect(before.stageB?.view.gates.map(({ outcome }) => outcome)).toEqual(["fail", "at-the-flip", "pass"]);
    expect(view.gates.map(({ outcome }) => outcome)).toEqual(["fail", "at-the-flip", "inconclusive"]);
    expect(told(view)).toEqual(told(before.stageB?.view));
  });

  it("tells that nothing changes where nothing does", async () => {
    const { code, comment, view } = await preview("stageA", ofPreviews(), true);
    expect(code, comment).toBe(before.stageA?.code);
    expect(told(view)).toEqual(told(before.stageA?.view));
  });

  it("says so where what is secret seems to change: a subscription is named by a hash of its address", async () => {
    const { code, comment, view } = await preview("baseline", ofPreviews(), true);
    expect(code, comment).toBe(before.baseline?.code);
    expect(before.baseline?.view.changes?.list).toEqual([]);
    expect(view.changes?.list.map(({ kind, type }) => `${kind} ${type}`)).toEqual([
      "delete aws:sns/topicSubscription:TopicSubscription",
      "create aws:sns/topicSubscription:TopicSubscription",
    ]);
    expect(comment).toContain("What is secret is not there for this preview");
  });

  it("is not made where it would take the state's place", async () => {
    const made = stateCommand({
      rollout: "copied",
      folder: rollout.project.folder,
      env: {
        ...ground.sandbox.env,
        PREVIEW_BACKEND_URL: `${ground.sandbox.env.PULUMI_BACKEND_URL}/`,
        PREVIEW_CONFIG_PASSPHRASE: "x",
      },
    });
    await expect(made).rejects.toThrow("names the backend that the rollout's own state is kept in");
  });
});

/** A view but for its gates, and for what follows from them. */
function told(view: PreviewView | undefined): unknown {
  const { gates: _, earliest: __, unproven: ___, copy: ____, ...rest } = view as PreviewView;
  return rest;
}

/** Every text in a value, also in texts that are JSON. */
function strings(value: unknown): string[] {
  if (typeof value === "string") {
    try {
      const inner: unknown = JSON.parse(value);
      if (typeof inner === "object" || typeof inner === "string") return strings(inner);
    } catch {}
    return [value];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}
