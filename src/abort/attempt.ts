import { ALL_STAGES } from "../flags/ledger";
import type { StoreEntry } from "../flags/store";

/** Whose attempt is asked for. */
export interface Sought {
  readonly rollout: string;
  /** Every name that the ledger may know the stage by. */
  readonly names: readonly string[];
  /** What is answered happened then: what came down after it says nothing about it. ISO 8601; absent: now. */
  readonly since?: string | undefined;
}

/** Where the ledger is read. */
export interface Source {
  /** One entry, by its number. */
  entry(deployment: number): Promise<StoreEntry>;
  /** Whether the document of a version leaves a flag above the stage's floor; undefined where that is not known. */
  isAbove(version: string): Promise<boolean | undefined>;
}

/** Notes asked for at once: AppConfig's control plane throttles early. */
const AT_ONCE = 5;
/** So far back an abort looks for the attempt that it brings down: it has no time for more. */
const NEAR = 100;
/** So far back the highest attempt is looked for, once nothing is to be lowered. */
const FAR = 1_000;
/** Entries that use an attempt up. */
const COUNTING: readonly string[] = ["promote", "lower", "abort", "stop"];

/** What the newest entries tell of a stage's attempts. */
export interface AttemptsRead {
  /** The one that was promoted, or lowered to, last, unless it came down since. */
  readonly live?: number | undefined;
  /** The highest that was ever promoted or stopped; 0 where none was. Not told where one is live. */
  readonly highest?: number;
}

/**
 * The attempt of a stage that is live, or else the highest that there was, from the newest entries. Both undefined where
 * they do not reach far enough to tell.
 *
 * @param urgent flags are up meanwhile: it looks no further back than it must
 */
export async function attemptIn(
  of: Sought,
  newest: number,
  source: Source,
  urgent: boolean,
): Promise<AttemptsRead> {
  let highest = 0;
  let down = false;
  const reach = urgent ? NEAR : FAR;
  for await (const [, entry] of back(newest, reach, source)) {
    if (!down) {
      const said = await verdictOf(of, entry, source);
      if (said === "down") down = true;
      else if (said !== undefined) return { live: said };
    }
    const { note } = entry;
    if (note && isOwn(of, entry) && COUNTING.includes(note.kind)) highest = Math.max(highest, note.attempt);
  }
  return down || newest <= reach ? { highest } : {};
}

/**
 * What one entry says: the attempt that it made live, or that the stage was down with it. Undefined where it says
 * nothing about it. Flags that are not above the floor tell it whoever put them there.
 */
async function verdictOf(
  of: Sought,
  entry: StoreEntry,
  source: Source,
): Promise<number | "down" | undefined> {
  const { note, startedAt, version, rolledBack } = entry;
  if (rolledBack) return undefined;
  const own = isOwn(of, entry);
  if (note && own && (note.kind === "promote" || note.kind === "lower")) return note.attempt;
  if (of.since !== undefined && startedAt !== undefined && startedAt > of.since) return undefined;
  const ours = own || (note?.rollout === of.rollout && note.stage === ALL_STAGES);
  if (ours && (note?.kind === "abort" || note?.kind === "stop")) return "down";
  // What a later stage contracted brought nobody's stage down.
  const contracts = note?.rollout === of.rollout && note.kind === "promote" && note.contracts !== undefined;
  if (version === undefined || contracts) return undefined;
  return (await source.isAbove(version)) === false ? "down" : undefined;
}

function isOwn(of: Sought, { note }: StoreEntry): boolean {
  return note !== undefined && note.rollout === of.rollout && of.names.includes(note.stage);
}

/** The newest entries, each with its number, from the newest on: a few are asked for at once. */
export async function* back(
  newest: number,
  reach: number,
  source: Pick<Source, "entry">,
): AsyncGenerator<[deployment: number, entry: StoreEntry]> {
  const last = Math.max(1, newest - reach + 1);
  for (let number = newest; number >= last; number -= AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, number - last + 1) }, (_, index) => number - index);
    yield* await Promise.all(
      batch.map(async (one): Promise<[number, StoreEntry]> => [one, await source.entry(one)]),
    );
  }
}
