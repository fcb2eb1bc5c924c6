import { parseDocument } from "../flags/document";
import { type FlagSpecs, type Flags, isAtMost, isLeftOf, lowerTo, sameFlags } from "../flags/flags";
import { ALL_STAGES, CARRYING } from "../flags/ledger";
import type { AbortStore } from "../flags/store";
import { within } from "../text/within";
import { back } from "./attempt";
import { storesTerms } from "./terms";

/** A deployment that put flags before servers. One that merely carries them on is none. */
export interface Move {
  readonly kind: "promote" | "lower" | "abort" | "foreign";
  /** As its note names it; absent for somebody else's. */
  readonly stage?: string | undefined;
  /** By a person: no row rang. */
  readonly byHand?: boolean | undefined;
  /** Milliseconds since the epoch; absent where it is not told. */
  readonly startedAt?: number | undefined;
  /** Absent where its document cannot be read. */
  readonly flags?: Flags | undefined;
  /** What a promotion lowers, since its stage contracts it. */
  readonly contracts?: readonly string[] | undefined;
}

/** What was live, and what one phase below it is. */
export interface PhaseBelow {
  /** The lowest stage that comes down: what was live, or the first with the same of its flags that an abort could lower. */
  readonly stage: string;
  /** The stage whose flags are left. */
  readonly to: string;
  readonly floor: Flags;
}

/** What is answered. Both in milliseconds. */
export interface Rang {
  /** Since the epoch. */
  readonly at: number;
  /** So far back lies what it tells of: an abort within that time answered the same. */
  readonly span: number;
  /** A person asks: what rows did meanwhile is known, and one phase more is what is meant. */
  readonly byHand?: boolean | undefined;
}

/**
 * One phase below what was live when an alarm rang, by what the ledger's own documents say: config knows later stages only
 * as they were when its own went up. The same answer however often and late it is asked for, and for every row that rings
 * for the same cause, so that nothing goes down twice: what began since is left out, and so are aborts within the span. A
 * promotion before the alarm is what was live, however young it is.
 *
 * The phase below is the newest of what was live before that has less of it, and is no other attempt of the same stage.
 * `more` where the moves do not reach that far; undefined where what was live cannot be read.
 *
 * @param moves newest first
 */
export function phaseBelow(
  specs: FlagSpecs,
  moves: readonly Move[],
  rang: Rang,
): PhaseBelow | "more" | undefined {
  const [top, ...earlier] = moves.filter((move) => stood(move, rang));
  if (!top) return "more";
  const { flags: live } = top;
  if (!live) return undefined;
  const cameDown = top.kind === "abort" && top.stage !== undefined ? [top.stage] : [];
  const own =
    top.kind === "promote" || top.kind === "lower" ? top.stage : stageOf(specs, live, earlier, cameDown);
  let lowest = own;
  for (const [index, { kind, stage, flags }] of earlier.entries()) {
    if (kind === "abort" && stage !== undefined)
      cameDown.push(...(stage === ALL_STAGES ? aboveIn(specs, flags, earlier.slice(index + 1)) : [stage]));
    const floor = flags && lowerTo(specs, live, flags);
    if (!floor) continue;
    if (sameFlags(specs, floor, live)) {
      // What was contracted since, and no abort raises again.
      if (kind === "promote" && stage !== undefined && !cameDown.includes(stage)) lowest = stage;
      continue;
    }
    const to = kind === "promote" ? stage : stageOf(specs, flags, earlier.slice(index + 1), cameDown);
    if (to === undefined) return "more";
    // What came down since lay above what is live, whatever it had contracted: its step is taken by its gates alone.
    if (cameDown.includes(to)) continue;
    if (to !== own) return { stage: lowest ?? newestOf([top, ...earlier]) ?? to, to, floor };
  }
  return "more";
}

/** The stages that were promoted before with more than flags that an abort of all left. */
const aboveIn = (specs: FlagSpecs, left: Flags | undefined, before: readonly Move[]): string[] =>
  before.flatMap(({ kind, stage, flags }) =>
    kind === "promote" && stage !== undefined && left && flags && !isAtMost(specs, flags, left)
      ? [stage]
      : [],
  );

/**
 * The stage that has these flags, or that has them but for what was contracted since, among those that were promoted before.
 *
 * @param cameDown stages that it is none of
 */
function stageOf(
  specs: FlagSpecs,
  flags: Flags,
  before: readonly Move[],
  cameDown: readonly string[],
): string | undefined {
  const contracted: string[] = [];
  const promoted = before.filter(({ kind }) => kind === "promote");
  const standing = ({ stage }: Move) => stage === undefined || !cameDown.includes(stage);
  const same = promoted.find((one) => standing(one) && one.flags && sameFlags(specs, one.flags, flags));
  if (same) return same.stage;
  for (const one of promoted) {
    if (standing(one) && one.flags && isLeftOf(specs, contracted, one.flags, flags)) return one.stage;
    contracted.push(...(one.contracts ?? []));
  }
  return undefined;
}

const newestOf = (moves: readonly Move[]) => moves.find(({ kind }) => kind === "promote")?.stage;

function stood({ kind, byHand, startedAt }: Move, rang: Rang): boolean {
  if (startedAt === undefined) return true;
  const same = kind === "abort" && (!rang.byHand || byHand === true);
  if (same) return startedAt <= rang.at - rang.span;
  // Whoever asks by hand asks now, whatever their clock says.
  return rang.byHand === true || startedAt <= rang.at;
}

/** So far back the phase below is looked for. */
const REACH = 200;
/** So long flags stay up for it, in ms: then they go down as far as is known without it. */
const PATIENCE_MS = 5_000;

/** With the list of flags that it was told by: the store's own, too, since a later stage may have brought others. */
type Phase = PhaseBelow & { readonly specs: FlagSpecs };
type Store = Pick<AbortStore, "read" | "entry" | "document" | "schema">;

/** Whose phase is asked for. */
export interface AskedPhase {
  readonly rollout: string;
  readonly specs: FlagSpecs;
  readonly rang: Rang;
}

/** One phase below what was live, from the ledger. Undefined where it is not told in time, or there is none. Never throws. */
export async function previousPhase(
  store: Store,
  asked: AskedPhase,
  patience = PATIENCE_MS,
): Promise<Phase | undefined> {
  return within(patience, read(store, asked)).catch(() => undefined);
}

async function read(store: Store, { rollout, specs: ours, rang }: AskedPhase): Promise<Phase | undefined> {
  const [{ newest, underWay }, schema] = await Promise.all([
    store.read(),
    store.schema().catch(() => undefined),
  ]);
  const specs = storesTerms({ specs: ours, floor: {} }, schema)?.specs ?? ours;
  const moves: Move[] = [];
  for await (const [number, { note, startedAt, version, rolledBack }] of back(newest, REACH, store)) {
    const own = note?.rollout === rollout ? note : undefined;
    // What has not reached every server is not what they had.
    const coming = number === underWay?.deployment && underWay.state !== "baking";
    if (rolledBack || coming || version === undefined || (own && CARRYING.includes(own.kind))) continue;
    const parsed = parseDocument(specs, await store.document(version).catch(() => undefined));
    moves.push({
      kind: (own?.kind ?? "foreign") as Move["kind"],
      stage: own?.stage,
      byHand: own?.row === undefined,
      contracts: own?.contracts,
      startedAt: startedAt === undefined ? undefined : Date.parse(startedAt),
      flags: parsed.ok ? parsed.flags : undefined,
    });
    const below = phaseBelow(specs, moves, rang);
    if (below !== "more") return below && { ...below, specs };
  }
  return undefined;
}

/** `one phase down: from stageC to stageB`. */
export const showPhase = ({ stage, to }: Pick<PhaseBelow, "stage" | "to">) =>
  `one phase down: from ${stage} to ${to}`;
