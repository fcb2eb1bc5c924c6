import { Ground } from "../engine/harness";
import { writeBareState } from "./bareProgram";
import { type Figure, median, seconds } from "./figure";

const LIMIT = 1.5;
const PAIRS = 5;

/**
 * `pulumi up -s stageB` once it is promoted, which changes nothing any more, against a bare program of the very same
 * resources in the very same state. Same engine, same plugins, one after the other in turn, and no policy pack: ours
 * refuses the bare program, and nothing that is refused is brought up.
 */
export async function benchUp(say: (line: string) => void): Promise<Figure[]> {
  const ground = await Ground.open();
  try {
    const rollout = await ground.rollout("bench", { abortSwitch: true });
    await rollout.bringUp("baseline", "stageA", "stageB");
    const bare = await writeBareState(rollout);
    const up = async (cwd: string, stack: string, mayWrite: boolean): Promise<number> => {
      const started = performance.now();
      const { code, stdout, stderr } = await ground.sandbox.pulumi(
        ["up", "--yes", "--skip-preview", "--stack", stack, "--non-interactive"],
        { cwd },
      );
      const ms = performance.now() - started;
      const changed = / (created|updated|replaced|deleted)$/m.test(stdout);
      if (code !== 0 || (changed && !mayWrite))
        throw new Error(`pulumi up in ${cwd} failed, or changed something: ${stdout}${stderr}`);
      return ms;
    };
    const ours: number[] = [];
    const theirs: number[] = [];
    // The first of each fills the caches; the bare stack itself is yet to be made.
    for (let pair = 0; pair <= PAIRS; pair++) {
      const a = await up(rollout.project.folder, "stageB", pair === 0);
      const b = await up(bare.folder, bare.stack, pair === 0);
      say(`${pair === 0 ? "warming up" : `pair ${pair}`}: ${seconds(a)} against ${seconds(b)}`);
      if (pair === 0) continue;
      ours.push(a);
      theirs.push(b);
    }
    const ratio = median(ours) / median(theirs);
    return [
      {
        what: `pulumi up -s stageB that changes nothing against a bare program of ${bare.resources} resources`,
        shown: `${ratio.toFixed(2)} × (${seconds(median(ours))} / ${seconds(median(theirs))}, medians of ${PAIRS} pairs)`,
        limit: `≤ ${LIMIT} ×`,
        ok: ratio <= LIMIT,
      },
    ];
  } finally {
    await ground.close();
  }
}
