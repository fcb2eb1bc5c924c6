import { z } from "zod";
import type { Flags } from "./flags";

/** What a deployment's description says about why it was made. JSON, at most 1,024 characters in AppConfig. */
const note = z.object({
  cutover: z.literal(1),
  rollout: z.string(),
  kind: z.enum(["promote", "lower", "abort", "drill"]),
  /** The stage that was promoted, lowered to, aborted, or whose abort path was drilled. */
  stage: z.string(),
  attempt: z.number().int().positive(),
  /** The row that fired, for an abort. */
  row: z.string().optional(),
  reason: z.string().optional(),
  /** What the document carries for a drill, so that servers show when they have it. */
  token: z.string().max(64).optional(),
  /** When a drill's data point was published. */
  breachAt: z.iso.datetime().optional(),
});

export type Note = z.infer<typeof note>;

export type DeploymentState = "complete" | "under-way" | "rolled-back";

/** One AppConfig deployment, read as an entry of the ledger. */
export interface LedgerEntry {
  /** AppConfig's deployment number: rises by one, never reused. */
  readonly deployment: number;
  readonly state: DeploymentState;
  /** When it was completed, or taken back. ISO 8601, UTC. Absent until then. */
  readonly completedAt?: string | undefined;
  readonly configurationVersion: string;
  /** Absent where the deployment was not made by this tool. */
  readonly note?: Note | undefined;
}

/** A deployment whose document was read. */
export interface LiveFlags extends LedgerEntry {
  /** Since when the flags are served without a break. */
  readonly completedAt: string;
  readonly flags: Flags;
  /** Keys in the live document that the rollout does not declare. */
  readonly undeclared: readonly string[];
}

/** Which flags are live, since when and why; and what has been deployed before, newest first. */
export interface Ledger {
  /** Absent before the first deployment. */
  readonly live?: LiveFlags | undefined;
  readonly history: readonly LedgerEntry[];
}

/** Parses a deployment's description. Anything that is not this tool's own note is a foreign deployment. */
export function parseNote(description: string | undefined): Note | undefined {
  if (!description?.startsWith("{")) return undefined;
  try {
    return note.safeParse(JSON.parse(description)).data;
  } catch {
    return undefined;
  }
}

/** What AppConfig takes as a description. It refuses a deployment with a longer one, an abort's too. */
const MAX_DESCRIPTION = 1_024;

/** A note as a deployment's description. A long reason is cut, so that the ledger entry always fits. */
export function writeNote(entry: Note): string {
  const { cutover, rollout, kind, stage, attempt, row, reason, token, breachAt } = entry;
  const write = (said: string | undefined) =>
    JSON.stringify({ cutover, rollout, kind, stage, attempt, row, token, breachAt, reason: said });
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
 * Since when the live flags are served without a break: from the completion of their deployment, or, where a later
 * deployment was taken back, from its end. In between, servers saw other flags.
 */
export function liveSince(entries: readonly LedgerEntry[]): string | undefined {
  const live = liveEntry(entries);
  if (live?.completedAt === undefined) return undefined;
  const breaks = entries.filter(
    (entry) => entry.deployment > live.deployment && entry.state === "rolled-back",
  );
  return [live.completedAt, ...breaks.flatMap((entry) => entry.completedAt ?? [])].sort().at(-1);
}

/**
 * The deployment that put the live flags there. A drill deploys the flags that it finds, so it is never the answer:
 * what was live before it, still is. Absent where that is not known.
 */
export function originOf({ live, history }: Ledger): LedgerEntry | undefined {
  if (live?.note?.kind !== "drill") return live;
  return newestFirst(history).find(
    ({ state, note, deployment }) =>
      state === "complete" && note?.kind !== "drill" && deployment < live.deployment,
  );
}

/** Who put an entry there, as a person reads it: `stageA, attempt 1` or `an abort of stageB by XB1`. */
export function showEntry(entry: LedgerEntry): string {
  const { note } = entry;
  if (!note) return `deployment ${entry.deployment}, which was not made by cutover`;
  if (note.kind === "abort")
    return `the abort of ${note.stage}, attempt ${note.attempt}${note.row ? `, by ${note.row}` : ""}`;
  const promoted = `${note.stage}, attempt ${note.attempt}`;
  return note.kind === "drill" ? `a drill of ${promoted}` : promoted;
}
