import { changes, type FlagSpecs, lowersBeyond, sameFlags } from "./flags";
import { CARRYING, type LedgerEntry, type Note } from "./ledger";

/**
 * Holds every note against the facts: its place in the ledger, its version, its document, and that an attempt is
 * promoted once, and not after it was stopped. Whoever may start deployments can write any note; one that does not
 * agree with what it describes is somebody else's. What it cannot be held against, because it is not known, does not
 * speak against it.
 *
 * @param entries in any order; those with `flags` are held against them as well
 */
export function heldAgainstFacts(specs: FlagSpecs, entries: readonly LedgerEntry[]): LedgerEntry[] {
  // What has become of an attempt, in words.
  const used = new Map<string, string>();
  let before: LedgerEntry | undefined;
  const oldestFirst = [...entries].sort((a, b) => a.deployment - b.deployment);
  const held = oldestFirst.map((entry): LedgerEntry => {
    const { note, state, deployment } = entry;
    const same = carriesOn(specs, entry, before);
    const why =
      note && (misplaced(entry, note) ?? untrue(specs, entry, note, before, same) ?? repeated(note, used));
    const { note: _, ...bare } = entry;
    const result: LedgerEntry = {
      ...(why === undefined ? entry : { ...bare, foreign: why }),
      ...(why === undefined && note && CARRYING.includes(note.kind) && same ? { carries: true } : {}),
    };
    const what = why === undefined && note ? useOf(note, state) : undefined;
    if (note && what !== undefined && !used.has(attemptIn(note)))
      used.set(attemptIn(note), `${what} ${deployment}`);
    if (state === "complete") before = result;
    return result;
  });
  return held.reverse();
}

const attemptIn = ({ rollout, stage, attempt }: Note) => `${rollout}/${stage}/${attempt}`;

/** After what an attempt is promoted no more. One that was taken back promoted nothing; a stop counts in any state. */
function useOf({ kind }: Note, state: LedgerEntry["state"]): string | undefined {
  if (kind === "abort" || kind === "stop") return "was stopped by deployment";
  return kind === "promote" && state !== "rolled-back" ? "was deployment" : undefined;
}

function repeated(note: Note, used: ReadonlyMap<string, string>): string | undefined {
  const before = note.kind === "promote" ? used.get(attemptIn(note)) : undefined;
  return before === undefined ? undefined : `${note.stage}, attempt ${note.attempt}, ${before}`;
}

/** Where a deployment stands; its version only where that is known. */
interface Placed extends Pick<LedgerEntry, "deployment"> {
  readonly configurationVersion?: string | undefined;
}

/**
 * What a note says of its own place that is not so: numbers rise by one, and a deployment of ours happens only right
 * after the one that it was bound to. A copied note tells itself by it.
 */
export function misplaced(
  { deployment, configurationVersion }: Placed,
  { after, version }: Note,
): string | undefined {
  if (after !== undefined && after !== deployment - 1) return `it says that it follows deployment ${after}`;
  if (version !== undefined && configurationVersion !== undefined && version !== configurationVersion)
    return `it says that it deploys version ${version}, not ${configurationVersion}`;
  return undefined;
}

/** What a kind of entry promises of the flags. */
function untrue(
  specs: FlagSpecs,
  { flags }: LedgerEntry,
  { kind, contracts = [] }: Note,
  before: LedgerEntry | undefined,
  same: boolean | undefined,
): string | undefined {
  if (CARRYING.includes(kind)) return same === false ? "it says that no flag changes" : undefined;
  if (!flags || !before?.flags) return undefined;
  const list = changes(specs, before.flags, flags);
  const directions = list.map(({ direction }) => direction);
  if (kind === "promote")
    return lowersBeyond(contracts, list).length > 0 ? "it says that it promotes, but lowers" : undefined;
  return directions.includes("raise") ? "it says that it brings flags down, but raises" : undefined;
}

/** Whether an entry's flags are those that were live before it; undefined where that is not known. */
function carriesOn(
  specs: FlagSpecs,
  entry: LedgerEntry,
  before: LedgerEntry | undefined,
): boolean | undefined {
  if (!before) return false;
  if (entry.configurationVersion === before.configurationVersion) return true;
  // A document with a drill's token is another version with the same flags.
  if (entry.note?.kind !== "drill") return false;
  return entry.flags && before.flags ? sameFlags(specs, entry.flags, before.flags) : undefined;
}
