import { migrate } from "../../sandbox/demo/ops-view/migrate";
import { milliseconds, showDuration } from "../../src/text/duration";
import { breakGlassStep } from "./breakGlass";
import { runCutover } from "./command";
import { commentStep } from "./comment";
import { drillStep } from "./drill";
import { type Ending, earlyFinishStep, finishSteps, retireSteps } from "./ending";
import { holdStep } from "./hold";
import { readsDatabase, writesDatabase } from "./ops-view-app";
import { attemptAgain, signedAttempt, signOff, soakStep } from "./ops-view-attempts";
import { FASTEST, OFF, type OpsViewWorld, READ, untilAlarm, untilCounted, WRITE } from "./ops-view-world";
import { RUNS, timeScaleFor } from "./pace";
import { sign } from "./sign";
import { abortStep, checkStep, doStep, faultsOf, type Stage, upStep } from "./steps";
import type { Run } from "./up";
import { type ServedFlags, untilQuiet } from "./world";

/** The soak of stage A, which steps have to find not yet over. */
const SOAK = "24h";

/** The cutover of the operations view from first to last, with real clients at work all the while. */
export async function rehearseOpsView(stage: Stage<OpsViewWorld>): Promise<void> {
  const { world } = stage;
  const first = await upStep(stage, {
    name: "baseline is brought up",
    stack: "baseline",
    expected: "promoted",
    flags: OFF,
  });
  const second = await upStep(stage, {
    name: "stageA, before the migrations",
    stack: "stageA",
    expected: "blocked",
    flags: OFF,
    verdicts: { A1: "fail", A3: "pass", A4: "pass" },
  });
  await paceStep(stage, Math.max(first.ms, second.ms));
  await doStep(stage, "migrations 012 and 013 are applied", () => migrate(world.pool));
  await checkStep(stage, "the app answers from memory", async () =>
    (await readsDatabase(world)) ? "it already reads from the database" : undefined,
  );
  const before = await world.starts();
  await upStep(stage, {
    name: "stageA, with every gate passing",
    stack: "stageA",
    expected: "promoted",
    flags: READ,
    verdicts: {
      A1: "pass",
      A2: "pass",
      A3: "pass",
      A4: "pass",
      SA1: "pass",
      SA2: "pass",
      SA3: "pass",
      SA4: "pass",
    },
  });
  await restartedStep(stage, before);
  await checkStep(stage, "the app reads from the database", async () =>
    (await readsDatabase(world)) ? undefined : "what is in the database is not in its answers",
  );
  await rehearseBlockedStageB(stage);
  await upStep(stage, {
    name: "stageB, with every gate passing",
    stack: "stageB",
    expected: "promoted",
    flags: WRITE,
    verdicts: {
      B1: "pass",
      B2: "pass",
      B3: "pass",
      XA: "pass",
      E1: "pass",
      E2: "pass",
      E3: "pass",
      E4: "pass",
      E5: "pass",
      SB1: "pass",
      SB2: "pass",
      SB3: "pass",
      SB4: "pass",
    },
  });
  await checkStep(stage, "the app writes to the database", async () =>
    (await writesDatabase(world)) ? undefined : "what was posted is not in the database",
  );
  await unchanged(stage, "stageB", "once more", WRITE);
  await rehearseAborts(stage);
  await checkStep(stage, "no client ever saw write without read", async () => {
    const { violations, flagAnswers } = world.traffic.snapshot();
    if (flagAnswers === 0) return "no answer was looked at";
    return violations.length > 0
      ? `${violations.length} of ${flagAnswers} answers had write without read`
      : undefined;
  });
}

/** Alarms and people that bring the flags down, what others are told, and the ways up again. */
async function rehearseAborts(stage: Stage<OpsViewWorld>): Promise<void> {
  const before = await stage.world.starts();
  await abortStep(stage, {
    name: "writes fail, and XB1 turns WRITE off",
    stack: "stageB",
    cause: faultsOf(stage.world, { write5xx: 1 }),
    flags: READ,
    page: /XB1(?:.|\n)*restarts ops\/ops-view/,
    notice: true,
  });
  await restartedStep(stage, before);
  await unchanged(stage, "stageB", "after the abort", READ);
  await signedAttempt(stage, 2);
  await rehearseHold(stage);
  await breakGlassStep(stage, { stack: "stageB", flags: READ });
  await attemptAgain(stage, 3);

  // Its messages sum up what stageB has signed off, too: from here on its function knows.
  await upStep(stage, {
    name: "stageA, after stageB was signed off",
    stack: "stageA",
    expected: "updated",
    flags: WRITE,
  });
  for (const stack of ["baseline", "stageA"]) await unchanged(stage, stack, "once more", WRITE);

  await abortStep(stage, {
    name: "the queue is slow, and XA4 turns READ off: both flags",
    stack: "stageA",
    cause: faultsOf(stage.world, { latencyMs: 2_500 }),
    flags: OFF,
    page: /XA4(?:.|\n)*restarts ops\/ops-view/,
    notice: true,
  });
}

const ENDING: Ending = {
  rollout: "ops-view",
  stacks: ["stageB", "stageA"],
  foundation: "baseline",
  flags: WRITE,
  // To ops, stakeholders and on-call.
  message: { row: "C4", topics: 3 },
};

/** Both stages once more, to their end: 48 h later all of it holds, and the rollout is finished. */
export async function finishOpsView(stage: Stage<OpsViewWorld>): Promise<void> {
  const { world } = stage;
  await doStep(stage, "the queue is quick again, and XA4 is quiet", () => untilQuiet(world, ENDING.rollout));
  await world.project.edit("stageA", ["cutover:stage", "attempt"], 3);
  await upStep(stage, {
    name: "stageA, attempt 3",
    stack: "stageA",
    expected: "promoted",
    flags: READ,
  });
  await attemptAgain(stage, 4);
  await earlyFinishStep(stage, ENDING, "before 48 h are over");
  await doStep(stage, "F4s is signed off, once what is live has settled", () =>
    sign(world, "stageB", {
      gate: "F4s",
      statement: "The owners of the data know of no divergence",
      attempt: 4,
    }),
  );
  await holdStep(stage, "stageB");
  await finishSteps(stage, ENDING);
}

/** Nothing of the rollout is left but its flags, which are code by then. */
export function retireOpsView(stage: Stage<OpsViewWorld>): Promise<void> {
  return retireSteps(stage, ENDING, () => stage.world.fleet.inCode(ENDING.flags));
}

/** Servers read their flags when they start alone: what reached them reached them by a restart. */
function restartedStep(stage: Stage<OpsViewWorld>, before: readonly string[]): Promise<void> {
  return checkStep(stage, "the flags reached every server by its restart", async () => {
    const now = await stage.world.starts();
    const same = now.filter((started, index) => !(started > (before[index] ?? "")));
    return same.length > 0 ? `${same.length} of ${now.length} servers run since before` : undefined;
  });
}

/** Somebody holds everything: what passes every gate waits until it is released. */
async function rehearseHold(stage: Stage<OpsViewWorld>): Promise<void> {
  const { world } = stage;
  const typed = (...args: string[]) =>
    checkStep(stage, `cutover ${args.join(" ")}`, async () => {
      const { code, stdout, stderr } = await runCutover(world, args);
      return code === 0 ? undefined : `it ended with ${code}: ${stderr.trim() || stdout.trim()}`;
    });
  await typed("hold", "--reason", "the database is being moved");
  await upStep(stage, {
    name: "stageB, while it is held",
    stack: "stageB",
    expected: "blocked",
    flags: READ,
  });
  await typed("release");
}

function unchanged(
  stage: Stage<OpsViewWorld>,
  stack: string,
  when: string,
  flags: ServedFlags,
): Promise<Run> {
  return upStep(stage, { name: `${stack}, ${when}`, stack, expected: "unchanged", flags });
}

/** Everything that keeps stage B from being promoted, in turn, each mended in the way that its report says. */
async function rehearseBlockedStageB(stage: Stage<OpsViewWorld>): Promise<void> {
  const { world } = stage;
  const blocked = (name: string, verdicts: Record<string, "fail" | "inconclusive" | "pass">) =>
    upStep(stage, { name: `stageB, ${name}`, stack: "stageB", expected: "blocked", flags: READ, verdicts });

  await blocked("right after stageA, without sign-offs", {
    B1: "inconclusive",
    B2: "fail",
    B3: "inconclusive",
    E4: "inconclusive",
  });
  await checkStep(stage, "the app writes to memory", async () =>
    (await writesDatabase(world)) ? "it already writes to the database" : undefined,
  );
  await doStep(stage, "B3 and E4 are signed off in the stack config", () => signOff(world, 1));
  await doStep(stage, "an analyst sees someone else's items, and lists fail for a moment", async () => {
    await world.fleet.faults({ roleLeak: true });
    await untilAlarm(world, "ops-view-stageA-XA3");
    const since = new Date();
    await world.fleet.faults({ list5xx: 1 });
    await untilCounted(world, "Read5xx", since);
    await world.fleet.faults({});
  });
  await blocked("after errors and an alarm during the soak", { XA: "fail", E1: "fail" });
  await world.project.edit("stageA", ["cutover:stage", "attempt"], 2);
  await upStep(stage, {
    name: "stageA, attempt 2, so that its soak starts anew",
    stack: "stageA",
    expected: "updated",
    flags: READ,
  });
  // What was signed before the new attempt does not count; the drill carries its soak on.
  await drillStep(stage, "stageA");
  await blocked("before the new soak is over", { B2: "fail", B3: "fail", XA: "pass" });
  // The soak goes on meanwhile, so it costs no time; without the sign-offs the stage stays blocked whatever passes.
  await commentStep(stage);
  await doStep(stage, "B3 and E4 are signed off anew", () => signOff(world, 1));
  await soakStep(stage, "the soak of stageA passes");
}

/** Sets how fast time passes, by how long runs take here. */
async function paceStep(stage: Stage<OpsViewWorld>, runMs: number): Promise<void> {
  const timeScale = timeScaleFor({ notYet: SOAK, runMs, atMost: FASTEST });
  const soak = showDuration(milliseconds(SOAK) / timeScale);
  await doStep(
    stage,
    `the pace is set: a soak of ${SOAK} takes ${soak}, ${RUNS} runs of pulumi or more`,
    () => stage.world.project.pace(timeScale),
  );
}
