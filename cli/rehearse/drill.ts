import { execFile } from "node:child_process";
import { join } from "node:path";
import type { DrillResult } from "../drill";
import { PROGRAM } from "./project";
import type { Stage } from "./steps";
import type { OpsViewWorld } from "./world";

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
      name: `a drill of ${stack}: from a data point to every server, and no flag changes`,
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

/** In a process of its own, which has the sandbox's environment. A string is why it did not even begin. */
function drill({ sandbox, project }: OpsViewWorld, stack: string): Promise<DrillResult | string> {
  const command = [join("sandbox", "bootstrap.mjs"), join("cli", "main.ts"), "drill", "-s", stack, "--json"];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...command, "-C", project.folder],
      { cwd: PROGRAM, env: { ...sandbox.env }, signal: sandbox.closing },
      (_, stdout, stderr) => {
        try {
          resolve(JSON.parse(stdout) as DrillResult);
        } catch {
          resolve(stderr.trim() || stdout.trim() || "the drill said nothing");
        }
      },
    );
  });
}
