import type { Sandbox } from "../../../sandbox";
import { SLOWER_MS } from "../../../sandbox/standin/service/wrong";
import { kindOf } from "../../../src/gates/gate";
import type { Rollout } from "../../../src/rollout/rollout";
import { milliseconds, safeMilliseconds } from "../../../src/text/duration";
import { rewritten } from "../../sandbox/anyHour";
import type { SandboxProject } from "../../sandbox/project";
import { busyFor, timeScaleFor } from "../pace";
import { up } from "../up";

/** How much faster than the clock declared durations pass at most: two days in a second. */
const FASTEST = 172_800;
/** How fast they pass where nothing soaks: an hour in a second. */
const WITHOUT_SOAK = 3_600;
/**
 * The shortest soak takes so many runs of `pulumi`: it is over by the next one that has to pass. Where it has to be found
 * not yet over, time passes as on the clock meanwhile (see `slowClock`).
 */
const SOAK_RUNS = 0.2;

/** How many runs of `pulumi` servers have to take over the flags, and how long at the least, in ms. */
const SETTLE_RUNS = 3;
const SETTLE_MS = 8_000;

/** What is so much later than it may be is late on any machine, in ms: what a fault makes slow takes longer still. */
const LATE_MS = SLOWER_MS - 1_000;

/** How fast a rehearsal goes on this machine, as busy as it is. */
interface Pace {
  /** How much faster than the clock declared durations pass. */
  readonly timeScale: number;
  /** How long servers have to take over the flags after a flip, in ms: what waits for them waits on the clock. */
  readonly settleMs: number;
  /** How much longer an answer takes than on a machine that is not busy, in ms. */
  readonly busyMs: number;
}

/**
 * The pace of a rehearsal, by how long a preview takes here: alarms, schedules and tables depend on it, so it is found
 * before anything is brought up. That an `up` takes longer, a minute or two on the official plugins, is no matter: a soak that
 * has to be over is so all the more, one that must not be is found with time as on the clock, and servers take over the
 * flags once nothing waits for AWS any more.
 *
 * @param options how much faster than the clock time may pass at most
 */
export async function paceOf(
  sandbox: Sandbox,
  { folder }: Pick<SandboxProject, "folder">,
  { stages }: Pick<Rollout, "stages">,
  { fastest = FASTEST }: { readonly fastest?: number | undefined },
): Promise<Pace> {
  // A cycle of business has no length of its own.
  const soaks = stages.flatMap(({ soak = "" }) => (safeMilliseconds(soak) > 0 ? [soak] : []));
  const [shortest] = soaks.toSorted((a, b) => milliseconds(a) - milliseconds(b));
  const started = Date.now();
  await up(sandbox, { folder, stack: stages[0].name, preview: true, signal: sandbox.closing });
  const runMs = Date.now() - started;
  return {
    timeScale:
      shortest === undefined
        ? Math.min(fastest, WITHOUT_SOAK)
        : timeScaleFor({ notYet: shortest, runMs, atMost: Math.min(fastest, FASTEST), runs: SOAK_RUNS }),
    settleMs: Math.max(SETTLE_MS, SETTLE_RUNS * runMs),
    busyMs: busyFor(runMs, LATE_MS),
  };
}

/**
 * Sets the pace of every stack. No smoke check is given longer than it says itself to settle; on a busy machine, an answer may
 * take as much longer as the machine does.
 */
export async function setPace(
  project: SandboxProject,
  { stages }: Pick<Rollout, "stages">,
  { timeScale, settleMs, busyMs }: Pace,
): Promise<void> {
  await project.pace(timeScale);
  for (const { name: stage, ...sections } of busyMs > 0 ? stages : [])
    for (const section of ["entry", "exit", "smoke"] as const)
      for (const [id, gate] of Object.entries(sections[section])) {
        const busy = kindOf(gate).onBusyMachine?.(gate, busyMs);
        for (const [key, value] of busy ? rewritten(gate, busy) : [])
          await project.editGate({ stage, section, id }, key, value);
      }
  for (const { name, smoke } of stages)
    for (const [id, gate] of Object.entries(smoke)) {
      const within = kindOf(gate).settlesWithin?.(gate);
      if (within !== undefined && milliseconds(within) > settleMs)
        await project.editGate(
          { stage: name, section: "smoke", id },
          "within",
          `${Math.ceil(settleMs / 1_000)}s`,
        );
    }
}
