import { execFile } from "node:child_process";
import { join } from "node:path";
import { POLICY_PACK } from "../../cli/policyPack";
import { PROGRAM } from "../../cli/sandbox/project";
import { Ground, type TestRollout } from "../engine/harness";
import { type Figure, median, seconds } from "./figure";

const LIMIT = 1.3;
const PAIRS = 7;

/**
 * `cutover preview -s stageB --markdown`, as a person starts it, against the `pulumi preview` that it runs, one after
 * the other in turn, with the policy pack in both.
 */
export async function benchPreviewComment(say: (line: string) => void): Promise<Figure[]> {
  const ground = await Ground.open();
  try {
    const rollout = await ground.rollout("comment", { abortSwitch: true });
    await rollout.bringUp("baseline", "stageA");
    const ratios: number[] = [];
    const ours: number[] = [];
    const theirs: number[] = [];
    // The first pair fills the caches of the file system and of the transpiler.
    for (let pair = 0; pair <= PAIRS; pair++) {
      const a = await timed(() => comment(rollout));
      const b = await timed(() => preview(rollout));
      say(`${pair === 0 ? "warming up" : `pair ${pair}`}: ${seconds(a)} against ${seconds(b)}`);
      if (pair === 0) continue;
      ratios.push(a / b);
      ours.push(a);
      theirs.push(b);
    }
    const ratio = median(ratios);
    return [
      {
        what: "cutover preview -s stageB against the pulumi preview that it runs",
        shown: `${ratio.toFixed(2)} × (${seconds(median(ours))} / ${seconds(median(theirs))}, medians of ${PAIRS} pairs)`,
        limit: `≤ ${LIMIT} ×`,
        ok: ratio <= LIMIT,
      },
    ];
  } finally {
    await ground.close();
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function comment({ ground, project }: TestRollout): Promise<void> {
  const { env, dir } = ground.sandbox;
  const command = [join("cli", "bootstrap.mjs"), join("cli", "main.ts"), "preview", "-s", "stageB"];
  const args = [...command, "-C", project.folder, "--markdown", join(dir, "comment.md")];
  return new Promise((done, fail) => {
    execFile(process.execPath, args, { cwd: PROGRAM, env: { ...env } }, (error, stdout, stderr) => {
      if (error || !stdout.includes("may be promoted"))
        fail(new Error(`cutover preview failed: ${stdout}${stderr}`));
      else done();
    });
  });
}

async function preview({ ground, project }: TestRollout): Promise<void> {
  const { code, stdout, stderr } = await ground.sandbox.pulumi(
    ["preview", "--stack", "stageB", "--non-interactive"],
    { cwd: project.folder, env: { PULUMI_OPTION_POLICY_PACK: POLICY_PACK } },
  );
  if (code !== 0) throw new Error(`pulumi preview failed: ${stdout}${stderr}`);
}
