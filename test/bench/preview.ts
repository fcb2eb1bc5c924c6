import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { POLICY_PACK } from "../../cli/policyPack";
import { Ground, type TestRollout } from "../engine/harness";
import { type BareProject, writeBareProgram } from "./bareProgram";
import { type Figure, median, seconds } from "./figure";

const LIMIT = 1.2;
const PAIRS = 5;

/**
 * `pulumi preview -s stageB` right before its promotion, with SQL gates, a soak and a snapshot to look at, against
 * a bare program that declares the very same resources and nothing else. Same engine, same plugins, one after the
 * other in turn; once without the policy pack in either, once with it in both.
 */
export async function benchPreview(say: (line: string) => void): Promise<Figure[]> {
  const ground = await Ground.open();
  try {
    const rollout = await ground.rollout("bench", { abortSwitch: true });
    // The gates of stage A as well, so that there is something to measure.
    const { config } = parse(await readFile(rollout.file("stageA"), "utf8"));
    for (const [row, gate] of Object.entries(config["cutover:stage"].entry))
      await rollout.edit("stageB", ["cutover:stage", "entry", `${row}b`], gate);
    await rollout.bringUp("baseline", "stageA");
    const bare = await writeBareProgram(rollout);
    const figures: Figure[] = [];
    for (const pack of ["", POLICY_PACK]) {
      const figure = await compare(rollout, bare, pack, say);
      figures.push(figure);
    }
    return figures;
  } finally {
    await ground.close();
  }
}

async function compare(
  rollout: TestRollout,
  bare: BareProject,
  pack: string,
  say: (line: string) => void,
): Promise<Figure> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const which = pack === "" ? "no policy pack" : "policy pack in both";
  // The first of each fills the caches of the file system and of the transpiler.
  for (let pair = 0; pair <= PAIRS; pair++) {
    const a = await preview(rollout, rollout.project.folder, "stageB", pack);
    const b = await preview(rollout, bare.folder, bare.stack, pack);
    say(`${which}, ${pair === 0 ? "warming up" : `pair ${pair}`}: ${seconds(a)} against ${seconds(b)}`);
    if (pair === 0) continue;
    ours.push(a);
    theirs.push(b);
  }
  const ratio = median(ours) / median(theirs);
  return {
    what: `pulumi preview -s stageB against a bare program of ${bare.resources} resources, ${which}`,
    shown: `${ratio.toFixed(2)} × (${seconds(median(ours))} / ${seconds(median(theirs))}, medians of ${PAIRS} pairs)`,
    limit: `≤ ${LIMIT} ×`,
    ok: ratio <= LIMIT,
  };
}

async function preview(rollout: TestRollout, folder: string, stack: string, pack: string): Promise<number> {
  const { sandbox } = rollout.ground;
  const started = performance.now();
  const { code, stdout, stderr } = await sandbox.pulumi(["preview", "--stack", stack, "--non-interactive"], {
    cwd: folder,
    env: { PULUMI_OPTION_POLICY_PACK: pack },
  });
  const ms = performance.now() - started;
  // The pack does its whole work on the bare program as well, and then refuses it: it deploys flags past every gate.
  const refused =
    pack !== "" && folder !== rollout.project.folder && /deploy-flags-through-stages/.test(stdout);
  if (code !== 0 && !refused) throw new Error(`pulumi preview in ${folder} failed: ${stdout}${stderr}`);
  return ms;
}
