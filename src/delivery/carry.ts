import { changes, type FlagChange, type FlagSpecs, type Flags } from "../flags/flags";
import { digestOf } from "../text/digest";
import { inOrder } from "./order";
import {
  type Carries,
  flagsOf,
  type HeldVariables,
  type Variables,
  VERSION,
  variableOf,
  variablesOf,
} from "./variables";

/** A platform that keeps variables, and starts servers by them. Every call may throw: then it is tried again. */
export interface Platform {
  /** What it holds under these names; undefined for what it does not. */
  read(names: readonly string[]): Promise<HeldVariables>;
  write(name: string, value: string): Promise<void>;
  /** Starts servers anew by what it holds. Returns by which the start is known. */
  restart(): Promise<string>;
  progress(start: string): Promise<Progress>;
}

/** How far servers have come. */
type Progress =
  | { readonly kind: "running" }
  | { readonly kind: "done" }
  /** They go on as they were. */
  | { readonly kind: "failed"; readonly why: string };

/** What became of a try to carry flags on. */
export type Carried =
  /** The platform holds them, and servers were started by them since. */
  | { readonly kind: "done" }
  /** To be tried again, as soon as it makes sense. */
  | { readonly kind: "waits"; readonly why: string }
  /** To be tried again, and each time later. */
  | { readonly kind: "again"; readonly why: string };

/** Flags that are live, and of which entry of the ledger they are. */
export interface Live {
  readonly deployment: number;
  readonly flags: Flags;
}

/** What is remembered of a delivery from one try to the next. */
export interface Memory {
  /** When it was last begun to write, ms since the epoch; undefined where never. */
  wroteAt(): Promise<number | undefined>;
  writes(): Promise<void>;
  /** The last start that was asked for, and since when. */
  started(): Promise<Started | undefined>;
  starts(started: Started): Promise<void>;
  /** By the clock that its moments are of, ms since the epoch. */
  now(): number;
}

/** A start of servers. */
interface Started {
  readonly start: string;
  /** Before it was asked for: what was written later may not be in it. */
  readonly at: number;
  /** A digest of the flags' variables that it was asked for with: somebody may have set others since, and started nobody. */
  readonly digest: string;
}

/** What is carried on, and what it is bound to. */
export interface Carrying {
  readonly carries: Carries;
  readonly specs: FlagSpecs;
  readonly live: Live;
  /** Whether the ledger has these flags still. Asked right before anything is changed, and once more in the end. */
  still(): Promise<boolean>;
  /** Why these changes wait for another platform's; undefined where they need not. */
  waitsFor(changes: readonly FlagChange[]): Promise<string | undefined>;
  readonly memory: Memory;
}

const STARTS: Carried = { kind: "waits", why: "servers start anew" };
const OVERTAKEN: Carried = { kind: "waits", why: "variables are written by another" };
const MOVED: Carried = { kind: "waits", why: "the ledger has other flags meanwhile" };

/**
 * Brings a platform to what is live. Idempotent: whatever an earlier try did is seen and not done again, and what it did
 * by halves is finished. Bound to the ledger: nothing is written, nobody started, and nothing called done once other flags
 * are live. What the platform says of itself counts only as far as it can be read back.
 */
export async function carryOn(platform: Platform, carrying: Carrying): Promise<Carried> {
  const { carries, specs, live, memory, still } = carrying;
  const wanted = variablesOf(carries, live.flags, live.deployment);
  const names = Object.keys(wanted);
  const held = await platform.read(names);
  // Which entry of the ledger they are of is no reason to start servers anew: a hold is an entry with the same flags.
  const pending = differing(wanted, held).filter((name) => name !== VERSION || held[name] === undefined);
  if (pending.length > 0) {
    const waits = await carrying.waitsFor(changes(specs, flagsOf(carries, specs, held), live.flags));
    if (waits !== undefined) return { kind: "waits", why: waits };
    if (!(await still())) return MOVED;
    await memory.writes();
    for (const name of ordered([...pending, VERSION], held, carrying))
      await platform.write(name, wanted[name] as string);
    // Once more, since another delivery may have started servers in between.
    await memory.writes();
  }
  const digest = flagsDigest(wanted);
  // What was just written is in no start yet.
  const started = pending.length > 0 ? undefined : await startedSince(memory, digest);
  if (!started) {
    const at = memory.now();
    // Servers that start while another delivery writes run with half of it. Whoever puts these variables back begins to
    // write after `at`, and so this start counts no more.
    const [so, read] = await Promise.all([still(), platform.read(names)]);
    const left = pending.length > 0 ? differing(wanted, read) : [];
    if (left.length > 0)
      return { kind: "again", why: `it took ${left.join(", ")}, and says something else when asked` };
    if (!so) return MOVED;
    if (differingFlags(wanted, read).length > 0) return OVERTAKEN;
    await memory.starts({ start: await platform.restart(), at, digest });
    return STARTS;
  }
  const progress = await platform.progress(started.start);
  if (progress.kind === "running") return STARTS;
  if (progress.kind === "failed") {
    // The next try starts them again: nothing was written since this start.
    await memory.writes();
    return { kind: "again", why: `servers did not start: ${progress.why}` };
  }
  // Somebody else may have written meanwhile, by hand or as a delivery of flags that were live before.
  const changed = differingFlags(wanted, await platform.read(names));
  if (changed.length > 0)
    return { kind: "again", why: `${changed.join(", ")} changed while servers started` };
  // Read last: whoever mended meanwhile what servers were started with has said so before.
  if ((await startedSince(memory, digest))?.start !== started.start) return STARTS;
  return (await still()) ? { kind: "done" } : MOVED;
}

/** The newest start, where it was with these variables, and nothing was written since it was asked for. */
async function startedSince(memory: Memory, digest: string): Promise<Started | undefined> {
  const [wroteAt, started] = await Promise.all([memory.wroteAt(), memory.started()]);
  if (started?.digest !== digest) return undefined;
  return wroteAt === undefined || wroteAt < started.at ? started : undefined;
}

/** Of flags alone: an entry of the ledger with the same ones starts nobody anew. 64 bits, hexadecimal. */
function flagsDigest(wanted: Variables): string {
  const flags = Object.entries(wanted).filter(([name]) => name !== VERSION);
  return digestOf(JSON.stringify(flags.toSorted(([a], [b]) => (a < b ? -1 : 1))), 16);
}

function differing(wanted: Variables, held: HeldVariables): string[] {
  return Object.keys(wanted).filter((name) => held[name] !== wanted[name]);
}

/** Without the one that says which entry of the ledger they are of. */
function differingFlags(wanted: Variables, held: HeldVariables): string[] {
  return differing(wanted, held).filter((name) => name !== VERSION);
}

/** Variables as flags are ordered; which deployment they are of is said last, once it is so. */
function ordered(
  pending: readonly string[],
  held: HeldVariables,
  { carries, specs, live }: Carrying,
): string[] {
  const changed = inOrder(specs, changes(specs, flagsOf(carries, specs, held), live.flags));
  const first = changed.flatMap((flag) => variableOf(carries, flag) ?? []);
  // What a platform does not hold yet, or holds as no value of the flag's, may be no change to what is off.
  const others = pending.filter((name) => !first.includes(name) && name !== VERSION);
  return [...first, ...others, VERSION].filter((name) => pending.includes(name));
}
