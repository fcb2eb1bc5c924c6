import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { short } from "../../src/text/command";
import { runCutover, statusOf } from "./command";
import { keepLog } from "./engineLog";
import { type Stage, whyNot, wrongFlags } from "./steps";
import { type Outcome, type Run, up } from "./up";
import { type ServedFlags, untilServed, type World } from "./world";

export interface BreakGlassStep {
  /** The stage that is brought down, while its own `up` runs. */
  readonly stack: string;
  /** The flags that have to be left. */
  readonly flags: ServedFlags;
}

/** How an `up` may end that a stop has met: refused, or taken down where the flip came first. */
const STOPPED: readonly Outcome[] = ["blocked", "aborted"];

/** Brings a stage down by hand while `pulumi up` promotes that very stage, and holds the stack's lock. */
export async function breakGlassStep(stage: Stage, step: BreakGlassStep): Promise<void> {
  const { world, timeline } = stage;
  const before = (await world.servedFlags())[0] ?? {};
  const started = Date.now();
  const { folder } = world.project;
  const running = up(world.sandbox, { folder, stack: step.stack, signal: world.sandbox.closing });
  let over = false;
  running.then(
    () => (over = true),
    () => (over = true),
  );
  const locked = await untilLocked(world, step.stack, running);
  const aborted = await runCutover(world, ["abort", "-s", step.stack, "--reason", "on-call has seen enough"]);
  // On a machine that is slow to start the command, the promotion may be over before it is stopped: then it came down.
  const ended = over;
  const served = await untilServed(world, step.flags);
  const run = await running;
  const after = await untilServed(world, step.flags);
  const first = ended || (await isAfterLastLook(world, step.stack, run));
  const stopped = STOPPED.includes(run.outcome) || (first && run.outcome === "promoted");
  const problems = [
    ...(stopped ? [] : [`pulumi up came out as ${run.outcome}`, ...whyNot(stage, run, step.stack)]),
    ...(locked ? [] : [`pulumi up of ${step.stack} was over before it could be aborted`]),
    ...(aborted.code === 0
      ? []
      : [`cutover abort ended with ${aborted.code}`, aborted.stdout, aborted.stderr]),
    ...wrongFlags(step.flags, served),
    ...wrongFlags(step.flags, after),
    ...(stopped ? [] : await keepLog(stage, run.output)),
  ];
  timeline.add(
    {
      name: `${short.ofStage("abort", step.stack)}, while it is being promoted`,
      stack: step.stack,
      expected: "aborted",
      outcome: problems.length > 0 ? "failed" : "aborted",
      flagsBefore: before,
      flagsAfter: after,
      verdicts: {},
      ms: Date.now() - started,
    },
    [
      ...problems,
      ...aborted.stdout.split("\n").filter((line) => /stopped in|to go on/.test(line)),
      first
        ? `pulumi up was over first (${run.outcome}), and what it raised came down`
        : `pulumi up came out as ${run.outcome}: nothing is raised over a stop`,
    ],
  );
}

/** Whether the abort came once the run had looked for the last time: what it says then was so when it looked. */
async function isAfterLastLook(world: World, stack: string, { outcome, report }: Run): Promise<boolean> {
  if (outcome !== "promoted" || report?.lookedAt === undefined) return false;
  const { stages } = await statusOf(world);
  const at = stages.find(({ name }) => name === stack)?.aborted?.at;
  return at !== undefined && Date.parse(at) > Date.parse(report.lookedAt);
}

/** Waits until the engine holds the stack's lock. False where the run ended before it was seen. */
async function untilLocked(world: World, stack: string, running: Promise<unknown>): Promise<boolean> {
  let ended = false;
  running.then(
    () => (ended = true),
    () => (ended = true),
  );
  const locks = join(world.sandbox.dir, "state", ".pulumi", "locks");
  while (!ended) {
    const files = await readdir(locks, { recursive: true }).catch(() => []);
    if (files.some((file) => file.includes(stack) && file.endsWith(".json"))) return true;
    await sleep(50);
  }
  return false;
}
