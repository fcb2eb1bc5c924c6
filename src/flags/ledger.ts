import { z } from "zod";
import { jsonIn } from "../text/json";
import { plainLine } from "../text/text";
import type { Marks } from "./doors";
import type { Flags } from "./flags";

/** Why a deployment of ours may be made. `promote`, `lower` and `abort` may change what is live; the others carry it on. */
export const NOTE_KINDS = [
  "promote",
  "lower",
  "abort",
  "drill",
  "stop",
  "hold",
  "release",
  "page",
  "acknowledge",
  "finish",
] as const;

/**
 * What a deployment's description says about why it was made. JSON, at most 1,024 characters in AppConfig, and spelled in this
 * order: the engine would take another spelling of the same note for a change.
 */
const note = z.object({
  cutover: z.literal(1),
  rollout: z.string(),
  kind: z.enum(NOTE_KINDS),
  /** The stage that was promoted, lowered to, aborted, stopped, held or drilled; `all` for every one of them. */
  stage: z.string(),
  attempt: z.number().int().positive(),
  /** The version of the release that the rollout brings, for a promotion. */
  release: z.string().optional(),
  /** The flags that a promotion lowers, since its stage contracts them. */
  contracts: z.array(z.string()).optional(),
  /** The row that fired, for an abort. */
  row: z.string().optional(),
  /** What the document carries for a drill, so that servers show when they have it. */
  token: z.string().max(64).optional(),
  /** When a drill's data point was published. */
  breachAt: z.iso.datetime().optional(),
  /** Of the code that a page carried, a drill's or one of its own: what the code is held against. */
  digest: z.string().max(64).optional(),
  /** The code itself, as whoever read the page typed it to acknowledge it. */
  code: z.string().max(32).optional(),
  /** A digest of what listened to the on-call topic when it was acknowledged. */
  listeners: z.string().max(64).optional(),
  /** What tells this act from every other: an alarm's transition, or one run of a command. */
  id: z.string().optional(),
  /** The deployment that it was bound to, and the version that it deploys: what a copied note cannot say. */
  after: z.number().int().nonnegative().optional(),
  version: z.string().optional(),
  /** Who made it, as AWS knows them. */
  by: z.string().optional(),
  reason: z.string().optional(),
});

export type Note = z.infer<typeof note>;

/** What a note of these kinds says is that no flag changes. */
export const CARRYING: readonly Note["kind"][] = NOTE_KINDS.filter(
  (kind) => kind !== "promote" && kind !== "lower" && kind !== "abort",
);

/** What a note calls every stage at once. */
export const ALL_STAGES = "all";

export type DeploymentState = "complete" | "under-way" | "rolled-back";

/** One AppConfig deployment, read as an entry of the ledger. */
export interface LedgerEntry {
  /** AppConfig's deployment number: rises by one, never reused. */
  readonly deployment: number;
  readonly state: DeploymentState;
  /** When it was completed, or taken back. ISO 8601, UTC. Absent until then. */
  readonly completedAt?: string | undefined;
  readonly configurationVersion: string;
  /** Absent where the deployment was not made by this tool, or where its note does not agree with the facts. */
  readonly note?: Note | undefined;
  /** What its note says that is not so: then it counts as somebody else's. */
  readonly foreign?: string | undefined;
  /** True where it carries the flags on that were live before it: it ends no soak. */
  readonly carries?: boolean | undefined;
  /** The flags in its document; absent where they are not known. */
  readonly flags?: Flags | undefined;
  /** Why they are not. */
  readonly unread?: string | undefined;
}

/** A deployment whose document was read. */
export interface LiveFlags extends LedgerEntry {
  /** Since when the flags are served without a break: entries that carry them on do not count. */
  readonly completedAt: string;
  readonly flags: Flags;
  /** Keys in the live document that the rollout does not declare. */
  readonly undeclared: readonly string[];
  /** What there is no way back from, and that the live document says it is behind. */
  readonly doors: Marks;
}

/** Which flags are live, since when and why; and what has been deployed before, newest first. */
export interface Ledger {
  /** Absent before the first deployment. */
  readonly live?: LiveFlags | undefined;
  readonly history: readonly LedgerEntry[];
  /** The newest deployment of the environment, whatever it deploys; 0 before the first. */
  readonly newest: number;
  /** The oldest deployment that was read, where there are older ones: what was aborted before it is not known. */
  readonly cutAt?: number | undefined;
}

/** Parses a deployment's description. Anything that is not this tool's own note is a foreign deployment. */
export function parseNote(description: string | undefined): Note | undefined {
  return description?.startsWith("{") ? note.safeParse(jsonIn(description)).data : undefined;
}

/** What AppConfig takes as a description. It refuses a deployment with a longer one, an abort's too. */
const MAX_DESCRIPTION = 1_024;
/** A session's name may be as long as 2,048 characters; this much tells who it was. */
const LONGEST_NAME = 256;

/** A note as a deployment's description. A long reason is cut, so that the ledger entry always fits. */
export function writeNote(entry: Note): string {
  const { reason } = entry;
  const spelled = Object.keys(note.shape).map((key) => [key, entry[key as keyof Note]]);
  const by = entry.by?.slice(0, LONGEST_NAME);
  const write = (said: string | undefined) =>
    JSON.stringify({ ...Object.fromEntries(spelled), by, reason: said });
  const whole = write(reason);
  if (reason === undefined || whole.length <= MAX_DESCRIPTION) return whole;
  // By what it takes when written, since JSON spells one character with up to six; and by whole characters.
  let room = MAX_DESCRIPTION - write("…").length;
  let kept = "";
  for (const character of reason) {
    room -= JSON.stringify(character).length - 2;
    if (room < 0) break;
    kept += character;
  }
  return write(`${kept}…`);
}

/** Newest first. AppConfig lists descending, its emulator ascending: the number decides. */
export function newestFirst(entries: readonly LedgerEntry[]): LedgerEntry[] {
  return [...entries].sort((a, b) => b.deployment - a.deployment);
}

/** The deployment that is live: the newest one that completed. One under way is not live yet. */
export function liveEntry(entries: readonly LedgerEntry[]): LedgerEntry | undefined {
  return newestFirst(entries).find((entry) => entry.state === "complete");
}

/**
 * Since when the live flags are served without a break: from the completion of the deployment that put them there,
 * or, where a later one was taken back that brought others, from its end. In between, servers saw other flags.
 */
export function liveSince(entries: readonly LedgerEntry[]): string | undefined {
  const origin = originOf({ history: entries });
  if (origin?.completedAt === undefined) return undefined;
  const breaks = entries.filter(
    ({ deployment, state, carries, configurationVersion }) =>
      deployment > origin.deployment &&
      state === "rolled-back" &&
      !carries &&
      configurationVersion !== origin.configurationVersion,
  );
  return [origin.completedAt, ...breaks.flatMap((entry) => entry.completedAt ?? [])].sort().at(-1);
}

/**
 * The deployment that put the live flags there. What merely carries them on is never the answer: what was live before
 * it, still is. Absent where that is not known.
 */
export function originOf({ history }: Pick<Ledger, "history">): LedgerEntry | undefined {
  return newestFirst(history).find(({ state, carries }) => state === "complete" && !carries);
}

/** What came after a deployment, each by whom and why, oldest first, for a sentence; undefined where nothing did. */
export function showLater({ history }: Pick<Ledger, "history">, deployment: number): string | undefined {
  const later = newestFirst(history).filter((entry) => entry.deployment > deployment);
  const each = later.reverse().map((entry) => {
    const reason = entry.note?.reason;
    return `deployment ${entry.deployment} (${showEntry(entry)}${reason ? `: ${plainLine(reason)}` : ""})`;
  });
  return each.length === 0 ? undefined : each.join(", ");
}

/** Who put an entry there, as a person reads it: `stageA, attempt 1` or `an abort of stageB by XB1`. */
export function showEntry(entry: LedgerEntry): string {
  const { note } = entry;
  if (!note) return `deployment ${entry.deployment}, which was not made by cutover`;
  const every = note.stage === ALL_STAGES;
  const promoted = every ? "every stage" : `${note.stage}, attempt ${note.attempt}`;
  const row = note.row ? `, by ${note.row}` : "";
  switch (note.kind) {
    case "abort":
      return `the abort of ${promoted}${row}`;
    case "stop":
      return `the stop of ${promoted}${row}`;
    case "drill":
      return `a drill of ${promoted}`;
    case "hold":
      return `a hold of ${every ? promoted : note.stage}${row}`;
    case "release":
      return `the release of ${every ? promoted : note.stage}`;
    case "page":
      return `a page to on-call for ${note.stage}`;
    case "acknowledge":
      return `the acknowledgement of a page for ${note.stage}`;
    case "finish":
      return "the finish of the rollout";
    case "promote":
    case "lower":
      return promoted;
  }
}
