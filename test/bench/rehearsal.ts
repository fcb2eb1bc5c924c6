import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { REHEARSAL_FILE } from "../../cli/rehearse/run";
import type { Rehearsal } from "../../cli/rehearse/timeline";
import { PROGRAM } from "../../cli/sandbox/project";
import { createProgress, openSandbox } from "../../sandbox";
import { type Figure, seconds } from "./figure";

const CUTOVER_MS = 120_000;
const PIPELINE_MS = 150_000;

/**
 * The cutover itself, from nothing to both flags on and every stack brought up once more. The limit is on these
 * steps: what else a rehearsal shows (more gates that block, drills, aborts, new attempts) has no limit of its own.
 */
const CUTOVER = [
  "baseline is brought up",
  "stageA, before the migrations",
  "migrations 012 and 013 are applied",
  "the app answers from memory",
  "stageA, with every gate passing",
  "the app reads from the database",
  "stageB, before the new soak is over",
  "the soak of stageA passes",
  "stageB, with every gate passing",
  "the app writes to the database",
  "baseline, once more",
  "stageA, once more",
  "stageB, once more",
];

/** Both rehearsals, as a person starts them, once all set-up is done. */
export async function benchRehearsal(say: (line: string) => void): Promise<Figure[]> {
  await (await openSandbox({ progress: createProgress() })).stop();
  const opsView = await rehearse("ops-view", say);
  const { steps } = JSON.parse(await readFile(REHEARSAL_FILE, "utf8")) as Rehearsal;
  const ms = CUTOVER.map((name) => steps.find((step) => step.name === name)?.ms ?? Number.NaN);
  const cutover = ms.reduce((sum, one) => sum + one, 0);
  const pipeline = await rehearse("v2-pipeline", say);
  return [
    {
      what: "npm run rehearse, once set up: the cutover itself",
      shown: `${seconds(cutover)} of ${seconds(opsView.ms)} for all that it shows${opsView.failed}`,
      limit: `≤ ${CUTOVER_MS / 1_000} s`,
      ok: opsView.failed === "" && cutover <= CUTOVER_MS,
    },
    {
      what: "npm run rehearse -- --rollout v2-pipeline, once set up: all of it",
      shown: `${seconds(pipeline.ms)}${pipeline.failed}`,
      limit: `≤ ${PIPELINE_MS / 1_000} s`,
      ok: pipeline.failed === "" && pipeline.ms <= PIPELINE_MS,
    },
  ];
}

/** One run of one, as a process of its own. `failed` says how it failed, and is empty where it did not. */
async function rehearse(
  rollout: string,
  say: (line: string) => void,
): Promise<{ ms: number; failed: string }> {
  say(`one run of ${rollout}`);
  const started = performance.now();
  const { code, output } = await run(rollout);
  const ms = performance.now() - started;
  if (code !== 0) say(`it did not go as expected:\n${output}`);
  return { ms, failed: code === 0 ? "" : `, but it failed with exit code ${code}` };
}

function run(rollout: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [join(PROGRAM, "cli", "bootstrap.mjs"), "cli/main.ts", "rehearse", "--rollout", rollout],
      {
        cwd: PROGRAM,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const parts: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (part: Buffer) => void parts.push(part));
    child.once("error", reject);
    child.once("close", (code) =>
      resolve({ code: code ?? -1, output: Buffer.concat(parts).toString("utf8") }),
    );
  });
}
