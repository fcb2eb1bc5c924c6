import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { EXIT } from "../../cli/exit";
import { Ground, READ, type TestRollout } from "../engine/harness";
import { type Figure, median, seconds } from "./figure";

const PROJECT = join(__dirname, "..", "..");
const LIMIT_MS = 1_500;
const RUNS = 7;

/** `cutover status` as a person starts it, of a rollout whose stageA is live: from the command to its last line. */
export async function benchStatus(say: (line: string) => void): Promise<Figure[]> {
  const ground = await Ground.open();
  try {
    const rollout = await ground.rollout("bench", { stacks: ["baseline", "stageA"], abortSwitch: true });
    for (const stack of ["baseline", "stageA"] as const) {
      const run = await rollout.up(stack);
      if (run.code !== 0) throw new Error(run.output);
    }
    if ((await rollout.liveFlags())?.OPS_VIEW_DB_READ !== READ.OPS_VIEW_DB_READ)
      throw new Error("stageA is not live");
    const times: number[] = [];
    // The first fills the caches of the file system and of the transpiler.
    for (let run = 0; run <= RUNS; run++) {
      const ms = await status(rollout);
      say(`${run === 0 ? "warming up" : `run ${run}`}: ${seconds(ms)}`);
      if (run > 0) times.push(ms);
    }
    return [
      {
        what: "cutover status of a rollout with a live stage",
        shown: `${seconds(median(times))} (median of ${RUNS})`,
        limit: `≤ ${seconds(LIMIT_MS)}`,
        ok: median(times) <= LIMIT_MS,
      },
    ];
  } finally {
    await ground.close();
  }
}

async function status({ ground, project }: TestRollout): Promise<number> {
  const { sandbox } = ground;
  const started = performance.now();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(PROJECT, "cli", "bootstrap.mjs"), "cli/main.ts", "status", "-C", project.folder],
    { env: { ...sandbox.env }, cwd: PROJECT },
  ).catch((error: { code?: number; stdout: string; stderr: string }) => {
    if (error.code === EXIT.blocked) return error;
    throw new Error(`cutover status failed: ${error.stdout}${error.stderr}`);
  });
  const ms = performance.now() - started;
  if (!/● stageA/.test(stdout)) throw new Error(`cutover status does not show stageA as live:\n${stdout}`);
  return ms;
}
