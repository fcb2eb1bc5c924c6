import type { Sandbox } from "../../../sandbox";
import type { Rollout } from "../../../src/rollout/rollout";
import { milliseconds, safeMilliseconds } from "../../../src/text/duration";
import type { SandboxProject } from "../../sandbox/project";
import { timeScaleFor } from "../pace";
import { up } from "../up";
import type { Mode } from "./promote";

/** How much faster than the clock declared durations pass at most: a day in a second. */
const FASTEST = 86_400;
/** How fast they pass where nothing soaks: an hour in a second. */
const WITHOUT_SOAK = 3_600;
/** A soak that has to be found not yet over takes so many runs of `pulumi`; nobody looks for it in a quick rehearsal. */
const RUNS: Readonly<Record<Mode, number>> = { story: 2, rows: 2, quick: 0.7 };

/**
 * How much faster than the clock declared durations pass in a rehearsal, by how long a preview takes here: alarms,
 * schedules and tables depend on it, so it is found before anything is brought up.
 */
export async function paceOf(
  sandbox: Sandbox,
  { folder }: Pick<SandboxProject, "folder">,
  { stages }: Pick<Rollout, "stages">,
  mode: Mode,
): Promise<number> {
  // A cycle of business has no length of its own.
  const soaks = stages.flatMap(({ soak = "" }) => (safeMilliseconds(soak) > 0 ? [soak] : []));
  const [shortest] = soaks.toSorted((a, b) => milliseconds(a) - milliseconds(b));
  const started = Date.now();
  await up(sandbox, { folder, stack: stages[0].name, preview: true, signal: sandbox.closing });
  const runMs = Date.now() - started;
  if (shortest === undefined) return WITHOUT_SOAK;
  return timeScaleFor({ notYet: shortest, runMs, atMost: FASTEST, runs: RUNS[mode] });
}
