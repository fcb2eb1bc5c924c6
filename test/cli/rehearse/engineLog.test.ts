import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepLog } from "../../../cli/rehearse/engineLog";
import { causesOf, explain } from "../../../cli/rehearse/explain";
import type { Run } from "../../../cli/rehearse/up";
import type { Sandbox } from "../../../sandbox";
import type { Verdict } from "../../../src/gates/judge";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "log-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const TOKEN = "kX93-hunter2-token";
const PASSPHRASE = "a passphrase of the sandbox";
const world = {
  sandbox: {
    env: { PULUMI_CONFIG_PASSPHRASE: PASSPHRASE, PATH: "/bin" },
    postgres: {
      ...{ host: "127.0.0.1", port: 5432, database: "shop", user: "owner", password: "pg-7731-secret" },
      admin: { user: "admin", password: "pg-9914-secret" },
    },
  } as unknown as Sandbox,
  secrets: [TOKEN],
};
const lines = Array.from({ length: 40 }, (_, at) => `line ${at + 1}`);

test("all that the engine printed is kept beside the timeline, and its last lines are shown", async () => {
  const log = join(folder, ".cutover", "rehearsal.log");
  const said = await keepLog({ world, log }, [...lines, "", ""].join("\n"));
  expect(said).toHaveLength(6);
  expect(said[0]).toMatch(/^all that pulumi printed is in .*\.cutover\/rehearsal\.log; its last lines:$/);
  expect(said.at(-1)).toBe("| line 40");
  expect(readFileSync(log, "utf8")).toBe(`${lines.join("\n")}\n`);
  expect(statSync(log).mode & 0o777).toBe(0o600);
});

test("one that was there is replaced, and only its owner may read the new one", async () => {
  const log = join(folder, "rehearsal.log");
  writeFileSync(log, "of another time", { mode: 0o644 });
  await keepLog({ world, log }, "now");
  expect(readFileSync(log, "utf8")).toBe("now\n");
  expect(statSync(log).mode & 0o777).toBe(0o600);
});

test("no secret is in it, nor in what is shown", async () => {
  const log = join(folder, "rehearsal.log");
  const { password, admin } = world.sandbox.postgres;
  const secrets = [TOKEN, PASSPHRASE, password, admin.password];
  const said = await keepLog({ world, log }, secrets.map((one) => `it says ${one} here`).join("\n"));
  for (const secret of secrets) expect(readFileSync(log, "utf8") + said.join("\n")).not.toContain(secret);
});

test("where it cannot be kept, that is said, and what there is is shown", async () => {
  const log = join(folder, "no-folder", "rehearsal.log");
  writeFileSync(join(folder, "no-folder"), "");
  const said = await keepLog({ world, log }, "the cause");
  expect(said[0]).toMatch(/^all that pulumi printed could not be kept: /);
  expect(said.at(-1)).toBe("| the cause");
});

const verdict = (gate: string, outcome: Verdict["outcome"]): Verdict => ({
  ...{ gate, title: "Orders are there", outcome, observed: "0", required: "> 0", remedy: "Fill it" },
});
const run = (changes: Partial<Run>): Run => ({
  ...{ outcome: "failed", report: undefined, verdicts: [], earliest: undefined, output: "a long log" },
  account: { violations: [], errors: [], changes: {}, steps: [] },
  ...changes,
});

test("a run that failed is told by the errors of the engine, each once", () => {
  const errors = ["the alarm XB1 is not made:\n  - its probe is silent", "update failed", "update failed"];
  const account = { violations: [], errors, changes: {}, steps: [] };
  expect(causesOf(run({ account }), "stageB")).toEqual([
    "the alarm XB1 is not made:",
    "  - its probe is silent",
    "update failed",
  ]);
  expect(causesOf(run({}), "stageB")).toEqual(["pulumi failed, and named no error"]);
});

test("an error with a whole stack is cut off: the rest is in the log", () => {
  const account = { violations: [], errors: [lines.join("\n")], changes: {}, steps: [] };
  const causes = causesOf(run({ account }), "stageB");
  expect(causes).toHaveLength(21);
  expect([causes[0], causes.at(-1)]).toEqual(["line 1", "…"]);
});

test("a run that was blocked is told by the gates that speak against it", () => {
  const blocked = run({ outcome: "blocked", verdicts: [verdict("A1", "pass"), verdict("A2", "fail")] });
  expect(causesOf(blocked, "stageB")).toEqual(["A2 fail: Orders are there; observed 0, required > 0"]);
  expect(explain(blocked)).toEqual(causesOf(blocked, "stageB"));
});

test("a promotion that was taken down is told by what took it down", () => {
  const settlement = {
    outcome: "aborted" as const,
    by: "SB1",
    sentence: "SB1 (Orders are there): 0",
    verdicts: [verdict("SB0", "pass"), verdict("SB1", "fail")],
  };
  const report = { plan: { kind: "raise" }, settlement } as unknown as Run["report"];
  expect(causesOf(run({ outcome: "aborted", report }), "stageB")).toEqual([
    "stageB was promoted and taken down again by SB1 (Orders are there): 0.",
    "SB1 fail: Orders are there; observed 0, required > 0",
  ]);
});
