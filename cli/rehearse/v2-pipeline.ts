import { decideRetirement } from "../../sandbox/demo/v2-pipeline/store";
import { milliseconds } from "../../src/text/duration";
import { attemptsStep } from "./attempts";
import { frozenStep, keptStep } from "./doors";
import { drillStep } from "./drill";
import { type Ending, earlyFinishStep, finishSteps, retireSteps } from "./ending";
import { holdStep } from "./hold";
import { RUNS, sleepUntil } from "./pace";
import { sign } from "./sign";
import { abortStep, checkStep, doStep, faultsOf, type Stage, type UpStep, upStep } from "./steps";
import type { Run } from "./up";
import { routedCheck, v1Check } from "./v2-pipeline-checks";
import { type PipelineWorld, ROLLOUT, TIME_SCALE } from "./v2-pipeline-world";
import { type ServedFlags, untilQuiet } from "./world";

type Pipeline = Stage<PipelineWorld>;

/** What callers of v1 are promised, on the clock. */
const NOTICE_MS = milliseconds("7d") / TIME_SCALE;

/** Gates that every percentage is held to before the next one. */
const HELD = {
  G1: "pass",
  G2: "pass",
  G3: "pass",
  G4: "pass",
  G5: "pass",
  G5m: "pass",
  G5c: "pass",
  G5g: "pass",
  S2: "pass",
  A0: "pass",
  A1: "pass",
} as const;

function flags(percent: number, deprecated = false, removed = false): ServedFlags {
  return { V2_ROLLOUT_PERCENT: percent, V1_DEPRECATED: deprecated, V1_REMOVED: removed };
}

/** The move from v1 to v2 from first to last, with people importing all the while. */
export async function rehearsePipeline(stage: Pipeline): Promise<void> {
  const { world } = stage;
  await upStep(stage, {
    name: "baseline is brought up",
    stack: "baseline",
    expected: "promoted",
    flags: flags(0),
  });
  await promote(stage, "percent10", flags(10), { H0: "pass", S1: "pass" });
  await routedCheck(stage, 10);
  await failing(stage);
  await rise(stage);
  await retire(stage);
  await stuck(stage);
  await checkStep(stage, "no user on v2 was ever taken back to v1 by a rising percentage", async () => {
    const { imports, unanswered, takenBack, byPipeline } = world.traffic.snapshot();
    if (byPipeline.v1 === 0 || byPipeline.v2 === 0) return "one of the pipelines was never used";
    if (unanswered > 0) return `${unanswered} of ${imports + unanswered} imports were not accepted`;
    return takenBack.length > 0 ? `${takenBack.length} users were` : undefined;
  });
}

const ENDING: Ending = {
  rollout: ROLLOUT,
  stacks: ["remove-v1", "deprecate-v1", "percent100", "percent50", "percent10"],
  foundation: "baseline",
  flags: flags(100, true, true),
  // To ops and stakeholders.
  message: { row: "MXf", topics: 2 },
};

/** v1 is gone, and imports succeed without it: the rollout is finished. */
export async function finishPipeline(stage: Pipeline): Promise<void> {
  const { world } = stage;
  await doStep(stage, "imports are mended, and every alarm is quiet", () => untilQuiet(world, ROLLOUT));
  // The abort by hand has stopped the attempt that is live: its time is counted anew.
  await world.project.edit("remove-v1", ["cutover:stage", "attempt"], 2);
  await upStep(stage, {
    name: "remove-v1, attempt 2, with the same flags",
    stack: "remove-v1",
    expected: "updated",
    flags: ENDING.flags,
  });
  await earlyFinishStep(stage, ENDING, "without support's word");
  await signOff(stage, "remove-v1", 2);
  await holdStep(stage, "remove-v1");
  await finishSteps(stage, ENDING);
}

/** Nothing of the rollout is left but its flags, which are code by then. */
export function retirePipeline(stage: Pipeline): Promise<void> {
  return retireSteps(stage, ENDING, () => stage.world.fleet.inCode(ENDING.flags));
}

/** T1 at 10 %: everyone is back on v1, until a new attempt. */
async function failing(stage: Pipeline): Promise<void> {
  const { world } = stage;
  await abortStep(stage, {
    name: "imports on v2 fail, and T1 takes everyone back to v1",
    stack: "percent10",
    cause: faultsOf(stage.world, { v2Failures: 1 }),
    flags: flags(0),
    page: /T1/,
    notice: true,
  });
  await routedCheck(stage, 0);
  await world.project.edit("percent10", ["cutover:stage", "attempt"], 2);
  await world.fleet.faults({ processorsDown: true }, "imports-1");
  await upStep(stage, {
    name: "percent10, attempt 2, while the service is not healthy",
    stack: "percent10",
    expected: "blocked",
    flags: flags(0),
    verdicts: { H0: "fail" },
  });
  await world.fleet.faults({}, "imports-1");
  await doStep(stage, "v2 is mended, and T1 is quiet again", () => untilQuiet(world, ROLLOUT));
  await promote(stage, "percent10", flags(10), { H0: "pass", S1: "pass" }, ", attempt 2");
  await attemptsStep(stage, "percent10", [1, 2]);
}

/** From 10 % to everyone, step by step. */
async function rise(stage: Pipeline): Promise<void> {
  await drillStep(stage, "percent10");
  await signOff(stage, "percent50");
  await holdStep(stage, "percent10");
  await promote(stage, "percent50", flags(50), { ...HELD, S1: "pass" });
  await routedCheck(stage, 50);
  await signOff(stage, "percent100");
  await holdStep(stage, "percent50");
  await promote(stage, "percent100", flags(100), { ...HELD, S1: "pass" });
}

/** v1 announces its end, waits for it, and goes. */
async function retire(stage: Pipeline): Promise<void> {
  const { world } = stage;
  const early = await upStep(stage, {
    name: "deprecate-v1, while v1 still has callers",
    stack: "deprecate-v1",
    expected: "blocked",
    flags: flags(100),
    verdicts: { D2: "fail", G4: "inconclusive" },
  });
  await doStep(stage, "v1's callers move to v2, and a week passes", async () => {
    world.traffic.legacy(false);
    // What was on its way when they moved is counted a second later.
    const { closing } = world.sandbox;
    await sleepUntil(new Date(Date.now() + NOTICE_MS + 1_250).toISOString(), closing);
    await sleepUntil(early.verdicts.find(({ gate }) => gate === "D1")?.earliest, closing);
  });
  await signOff(stage, "deprecate-v1");
  // Its promotion, and the look at the next stage, come before it, however slow the machine.
  const sunsetAt = new Date(Math.ceil((Date.now() + NOTICE_MS + RUNS * early.ms) / 1_000) * 1_000);
  await doStep(stage, `v1's end is set to ${sunsetAt.toISOString().slice(11, 19)}Z`, async () => {
    await decideRetirement(world.pool, { deprecatedAt: new Date(), sunsetAt });
    await world.project.edit("baseline", ["cutover:rollout", "parameters", "sunset"], sunsetAt.toISOString());
    // An earlier end holds v1's callers to less: without a reason the stage would not be promoted.
    await world.project.edit("deprecate-v1", ["cutover:stage", "weakened", "parameters.sunset"], {
      reason: "The last caller has moved, and agreed to the earlier end",
    });
  });
  await promote(stage, "deprecate-v1", flags(100, true), {
    ...HELD,
    D1: "pass",
    D2: "pass",
    D3: "pass",
    S1: "pass",
    D4: "pass",
  });
  await v1Check(stage, "v1 answers, and says when it ends", 405, true);
  const waiting = await upStep(stage, {
    name: "remove-v1, before its end",
    stack: "remove-v1",
    expected: "blocked",
    flags: flags(100, true),
    verdicts: { X2: "fail", X3: "pass", irreversible: "inconclusive" },
  });
  await doStep(stage, "somebody signs that there is no way back from remove-v1 (irreversible)", () =>
    sign(stage.world, "remove-v1", { gate: "irreversible", statement: "v1 has no caller left, and goes" }),
  );
  await drillStep(stage, "deprecate-v1");
  await doStep(stage, "the end of v1 comes", async () => {
    for (const { earliest } of waiting.verdicts) await sleepUntil(earliest, world.sandbox.closing);
  });
  await promote(stage, "remove-v1", flags(100, true, true), {
    irreversible: "pass",
    X1: "pass",
    A0: "pass",
    A1: "pass",
    X2: "pass",
    X3: "pass",
    S1: "pass",
    X4: "pass",
  });
  await v1Check(stage, "v1 is gone", 410, false);
}

/** T2 and T4 after all: there is no v1 to go back to, so everyone stays on v2, and people are paged. */
async function stuck(stage: Pipeline): Promise<void> {
  const { world } = stage;
  await abortStep(stage, {
    name: "imports on v2 get stuck with v1 gone: T2 pages, and takes nobody back to it",
    stack: "percent10",
    cause: faultsOf(stage.world, { v2Stuck: 1 }),
    flags: flags(100, true, true),
    page: /flags STAY UP: v2-pipeline percent10 T2/i,
    notice: false,
    stays: true,
  });
  await routedCheck(stage, 100);
  await v1Check(stage, "v1 stays gone", 410, false);
  await keptStep(stage, {
    stack: "remove-v1",
    flags: flags(100, true, true),
    says: /KEPT +there is no way back from remove-v1 \([\s\S]*NO FLAG WENT DOWN/,
  });
  await abortStep(stage, {
    name: "imports on v2 are corrupt with v1 gone: T4 pages, and freezes every flag where it is",
    stack: "percent10",
    cause: faultsOf(stage.world, { v2Corrupt: 1 }),
    flags: flags(100, true, true),
    page: /flags STAY UP: v2-pipeline percent10 T4/i,
    notice: false,
    stays: true,
  });
  await frozenStep(stage, ROLLOUT, "T4");
  await checkStep(stage, "nobody was paged for what X4 itself asked of v1 (X5)", async () => {
    const page = world.webhook.delivered.find(
      // That its alarm went from no data to OK is told, too, and wakes nobody.
      ({ topic, subject = "" }) => topic.endsWith("on-call") && /^(?!OK: ).*\bX5\b/.test(subject),
    );
    return page && `on-call got: ${page.subject}`;
  });
}

function promote(
  stage: Pipeline,
  stack: string,
  expected: ServedFlags,
  verdicts: NonNullable<UpStep["verdicts"]>,
  more = "",
): Promise<Run> {
  const name = `${stack}${more}, with every gate passing`;
  return upStep(stage, { name, stack, expected: "promoted", flags: expected, verdicts });
}

/** Support's word, as it would come in a pull request. */
async function signOff(stage: Pipeline, stack: string, attempt = 1): Promise<void> {
  await doStep(stage, `support says in ${stack}'s config that nobody complains (G4)`, () =>
    sign(stage.world, stack, { gate: "G4", statement: "No complaint about imports", attempt }),
  );
}
