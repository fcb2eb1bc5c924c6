import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parse } from "yaml";
import { setPace } from "../../../cli/rehearse/derived/pace";
import { PROGRAM, SandboxProject } from "../../../cli/sandbox/project";
import { loadRollout } from "../../../src/rollout/load";

const PIPELINE = join(PROGRAM, "rollouts", "v2-pipeline");
const rollout = loadRollout(PIPELINE);
let folder: string;
let project: SandboxProject;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "project-"));
  project = new SandboxProject(folder, PIPELINE);
  await project.write(
    rollout.stages.map(({ name }) => name),
    () => ({}),
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

type HttpSteps = { readonly steps: readonly { readonly within?: string }[] };
const fileOf = (stack: string) => join(folder, `Pulumi.${stack}.yaml`);
const parsed = (stack: string) =>
  parse(readFileSync(fileOf(stack), "utf8")) as { config: Record<string, never>; encryptionsalt?: string };
const config = (stack: string) => parsed(stack).config;

it("a gate of a stage's own is changed in its file, and says what stood there", async () => {
  const at = { stage: "remove-v1", section: "entry", id: "X2" };
  expect(await project.editGate(at, "after", "2026-01-01T00:00:00Z")).toBe("{sunset}");
  expect(config("remove-v1")["cutover:stage"]).toMatchObject({
    entry: { X2: { after: "2026-01-01T00:00:00Z" } },
  });
});

it("one that stages share is changed where it is defined", async () => {
  const at = { stage: "percent50", section: "exit", id: "G5" };
  expect(await project.editGate(at, "minSamples", 7)).toBe(100);
  expect(config("baseline")["cutover:rollout"]).toMatchObject({ gates: { G5: { minSamples: 7 } } });
  expect(config("percent50")["cutover:stage"]).toMatchObject({ exit: { G5: { source: "shared" } } });
  expect(await project.editGate(at, "minSamples", undefined)).toBe(7);
  expect(config("baseline")["cutover:rollout"]).not.toHaveProperty("gates.G5.minSamples");
});

it("servers are waited for as long as this machine needs, and no longer than a check says itself", async () => {
  await setPace(project, rollout, { timeScale: 5_000, settleMs: 20_500, busyMs: 0 });
  expect(config("baseline")).toMatchObject({
    "cutover:timeScale": 5_000,
    "cutover:rollout": { gates: { S1: { within: "21s" } } },
  });
  expect(config("remove-v1")).toMatchObject({ "cutover:timeScale": 5_000 });
  await setPace(project, rollout, { timeScale: 1, settleMs: 600_000, busyMs: 0 });
  expect(config("baseline")).toMatchObject({ "cutover:rollout": { gates: { S1: { within: "21s" } } } });
});

it("on a busy machine an answer may take as much longer, and nothing else is asked for otherwise", async () => {
  const own = loadRollout(PROGRAM);
  const at = join(folder, own.name);
  const copy = new SandboxProject(at, PROGRAM);
  await copy.write(
    own.stages.map(({ name }) => name),
    () => ({}),
  );
  await setPace(copy, own, { timeScale: 1, settleMs: 600_000, busyMs: 1_800 });
  const [before, after] = [own, loadRollout(at)].map(({ stages }) => stages[1]?.smoke.SA4);
  const steps = (before as HttpSteps).steps.map((one) => (one.within ? { ...one, within: "2300ms" } : one));
  expect(after).toEqual({ ...before, steps });
  expect(steps.map(({ within }) => within)).toEqual([undefined, "2300ms"]);
});

it("what it copies loads as before", async () => {
  await setPace(project, rollout, { timeScale: 5_000, settleMs: 20_000, busyMs: 0 });
  expect(loadRollout(folder).stages.map(({ name }) => name)).toEqual(rollout.stages.map(({ name }) => name));
});

it("a stack encrypts as another does, and is otherwise as before", async () => {
  const before = parsed("percent50");
  appendFileSync(fileOf("baseline"), "encryptionsalt: v1:A0OZjp/BQkQ=\n");
  await project.encryptAs("baseline", "percent50");
  expect(parsed("percent50")).toEqual({ ...before, encryptionsalt: "v1:A0OZjp/BQkQ=" });
});
