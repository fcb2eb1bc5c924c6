import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { loadRollout, readStackFiles } from "../../../src/rollout/load";
import { parseRollout } from "../../../src/rollout/parse";
import type { Rollout } from "../../../src/rollout/rollout";
import type { Behaviour, Tools } from "../../behaviours/behaviour";
import { BEHAVIOURS, foldersOf } from "../../behaviours/table";
import { type Database, openDatabase } from "../../behaviours/world/database";
import { type Figure, seconds } from "../figure";
import { ACCEPTED } from "./accepted";
import { type Mutant, mutantsOf } from "./mutants";

const PROJECT = join(__dirname, "..", "..", "..");

/** What became of a mutant: refused when it was loaded, killed by a behaviour, or nothing noticed it. */
type Fate =
  | { readonly kind: "refused" | "same" }
  | { readonly kind: "killed"; readonly by: string }
  | { readonly kind: "survived" };

/**
 * Writes each thing in the shipped stack files otherwise, one at a time, and runs what the rows of the plans do against
 * it: each has to be noticed, by what it does.
 *
 * @param only mutants whose names match
 */
export async function benchMutants(say: (line: string) => void, only = /./): Promise<Figure[]> {
  const started = performance.now();
  let opened: Promise<Database> | undefined;
  const tools: Tools = { database: () => (opened ??= openDatabase()) };
  const survivors: string[] = [];
  const counts = { refused: 0, same: 0, killed: 0, survived: 0 };
  try {
    for (const [name, folder] of Object.entries(foldersOf())) {
      const files = readStackFiles(join(PROJECT, folder));
      const behaviours = BEHAVIOURS.filter(({ rollout }) => rollout === name);
      const shipped = loadRollout(join(PROJECT, folder));
      await holdsAsShipped(shipped, behaviours, tools);
      for (const mutant of mutantsOf(files)) {
        if (!only.test(`${name} ${mutant.name}`)) continue;
        const fate = await fateOf(mutant, { shipped, behaviours, tools });
        counts[fate.kind] += 1;
        if (fate.kind !== "survived") continue;
        survivors.push(`${name} ${mutant.name}`);
        if (!isAccepted(`${name} ${mutant.name}`)) say(`SURVIVED ${name} ${mutant.name}`);
      }
    }
  } finally {
    await (await opened)?.stop();
  }
  return figures({ survivors, counts, ms: performance.now() - started }, say);
}

/** What fails on the shipped files already would kill every mutant. */
async function holdsAsShipped(
  rollout: Rollout,
  behaviours: readonly Behaviour[],
  tools: Tools,
): Promise<void> {
  for (const behaviour of behaviours)
    await behaviour.run(rollout, tools).catch((error: unknown) => {
      throw new Error(`as shipped, ${rollout.name} does otherwise already: ${behaviour.title}`, {
        cause: error,
      });
    });
}

/** What is said of its own row has to notice it. */
async function fateOf(mutant: Mutant, { shipped, behaviours, tools }: Against): Promise<Fate> {
  const parsed = parseRollout(mutant.files, PROJECT);
  if (!parsed.ok) return { kind: "refused" };
  // Taken out, what has the same default is the same rollout.
  if (isDeepStrictEqual(parsed.rollout, shipped)) return { kind: "same" };
  const own = behaviours.filter(({ rows }) => rows.includes(mutant.row));
  for (const behaviour of own.length > 0 ? own : behaviours) {
    try {
      await behaviour.run(parsed.rollout, tools);
    } catch {
      return { kind: "killed", by: behaviour.title };
    }
  }
  return { kind: "survived" };
}

interface Against {
  readonly shipped: Rollout;
  readonly behaviours: readonly Behaviour[];
  readonly tools: Tools;
}

interface Outcome {
  readonly survivors: readonly string[];
  readonly counts: Readonly<Record<Fate["kind"], number>>;
  readonly ms: number;
}

const isAccepted = (survivor: string) => ACCEPTED.some(({ mutant }) => mutant.test(survivor));

function figures({ survivors, counts, ms }: Outcome, say: (line: string) => void): Figure[] {
  const accepted = survivors.filter(isAccepted);
  const open = survivors.filter((one) => !accepted.includes(one));
  const stale = ACCEPTED.filter(({ mutant }) => !survivors.some((one) => mutant.test(one)));
  for (const { mutant } of stale) say(`STALE in accepted.ts: ${mutant.source}: no survivor is named so`);
  const all = Object.values(counts).reduce((so, count) => so + count, 0);
  return [
    {
      what: "mutants of the shipped stack files that nothing notices",
      shown: `${open.length} of ${all} (${counts.killed} killed by what a row does, ${counts.refused} refused when loaded, ${counts.same} the same by a default, ${accepted.length} equivalent; ${seconds(ms)})`,
      limit: "0",
      ok: open.length === 0,
    },
    { what: "stale entries of accepted.ts", shown: String(stale.length), limit: "0", ok: stale.length === 0 },
  ];
}
