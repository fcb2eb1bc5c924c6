import type { DrillResult } from "../drill/stageDrill";
import { runCutover } from "./command";
import type { Stage } from "./steps";
import type { World } from "./world";

/** Drills a stage with the command that people type, and shows its figures. */
export async function drillStep({ world, timeline }: Stage, stack: string): Promise<void> {
  const before = (await world.servedFlags())[0] ?? {};
  const started = Date.now();
  const result = await drill(world, stack);
  const after = (await world.servedFlags())[0] ?? {};
  const changed = Object.keys(before).filter((flag) => before[flag] !== after[flag]);
  const problems = [
    ...(typeof result === "string" ? [result] : result.problems),
    ...changed.map((flag) => `servers see ${flag} ${after[flag]}, not ${before[flag]}`),
  ];
  const figures =
    typeof result === "string" ? [] : Object.entries(result.ms).map(([part, ms]) => `${part} ${ms} ms`);
  timeline.add(
    {
      name: `a drill of ${stack}: from a data point to the end of its way, and no flag changes`,
      stack,
      expected: "done",
      outcome: problems.length > 0 ? "failed" : "done",
      flagsBefore: before,
      flagsAfter: after,
      verdicts: {},
      ms: Date.now() - started,
    },
    [...problems, ...(figures.length > 0 ? [figures.join(", ")] : [])],
  );
}

/** A string is why it did not even begin. */
async function drill(world: World, stack: string): Promise<DrillResult | string> {
  const { stdout, stderr } = await runCutover(world, ["drill", "-s", stack, "--json"]);
  try {
    return JSON.parse(stdout) as DrillResult;
  } catch {
    return stderr.trim() || stdout.trim() || "the drill said nothing";
  }
}
