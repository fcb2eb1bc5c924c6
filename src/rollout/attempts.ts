import type { Ledger, LedgerEntry } from "../flags/ledger";
import { showTime } from "../gates/judge";
import { type Cause, causeOfFlip } from "./cause";
import { flipsOf } from "./entries";
import { liveStage } from "./position";
import type { Rollout, Stage } from "./rollout";
import { attemptsOf, type Stop } from "./stops";

/** How an attempt of a stage ended, or that it has not. */
export type Ending =
  | { readonly kind: "under-way" | "live" }
  /** Its flags stand, and a later stage went on from them. */
  | { readonly kind: "passed"; readonly to: string }
  | { readonly kind: "superseded"; readonly by: number }
  | { readonly kind: "down"; readonly cause: Cause }
  /** It was stopped before it went up. */
  | { readonly kind: "stopped"; readonly stop: Stop }
  /** Nobody brought it down, and other flags are live. */
  | { readonly kind: "over" };

/** What the ledger says of one attempt of a stage. */
export interface Attempted {
  readonly attempt: number;
  /** What put its flags there; absent where it never went up. */
  readonly flip?: LedgerEntry | undefined;
  readonly ending: Ending;
}

/** Every attempt of a stage that the ledger knows of, in their order. An older one than it reaches back to is not there. */
export function attemptedOf(rollout: Rollout, stage: Stage, ledger: Ledger): Attempted[] {
  const flips = flipsOf(rollout, stage, ledger);
  const { stops } = attemptsOf(rollout, stage, ledger);
  const numbers = new Set([...flips.flatMap(({ note }) => note?.attempt ?? []), ...stops.keys()]);
  return [...numbers]
    .sort((a, b) => a - b)
    .map((attempt): Attempted => {
      const own = flips.filter(({ note }) => note?.attempt === attempt);
      const standing = own.filter(({ state }) => state !== "rolled-back");
      const newest = standing[0] ?? own[0];
      const stop = stops.get(attempt);
      if (!newest) return { attempt, ending: stop ? { kind: "stopped", stop } : { kind: "over" } };
      // What lowers to a stage puts its flags there again: the attempt was flipped when it was promoted.
      const isPromotion = ({ note }: LedgerEntry) => note?.kind === "promote";
      const flip = standing.find(isPromotion) ?? own.find(isPromotion) ?? newest;
      return { attempt, flip, ending: endingOf({ rollout, stage, ledger, flips }, newest) };
    });
}

interface Lived {
  readonly rollout: Rollout;
  readonly stage: Stage;
  readonly ledger: Ledger;
  /** All of the stage's. */
  readonly flips: readonly LedgerEntry[];
}

function endingOf({ rollout, stage, ledger, flips }: Lived, flip: LedgerEntry): Ending {
  const cause = causeOfFlip(rollout, stage, flip, ledger);
  const next = flips.findLast(
    ({ deployment, state, note }) =>
      deployment > flip.deployment && state !== "rolled-back" && note?.attempt !== flip.note?.attempt,
  );
  if (cause && !(next && cause.kind !== "AppConfig" && next.deployment < cause.deployment))
    return { kind: "down", cause };
  if (next?.note) return { kind: "superseded", by: next.note.attempt };
  if (flip.state === "under-way") return { kind: "under-way" };
  const live = liveStage(rollout, ledger);
  if (live === stage) return { kind: "live" };
  const later = live !== undefined && rollout.stages.indexOf(live) > rollout.stages.indexOf(stage);
  return later ? { kind: "passed", to: live.name } : { kind: "over" };
}

/** Every kind of ending. */
export const ENDINGS = [
  "under-way",
  "live",
  "passed",
  "superseded",
  "down",
  "stopped",
  "over",
] as const satisfies readonly Ending["kind"][];

/** What is told of a flip beside its flags: plain data. `at` is ISO 8601, UTC; `by` is who, as AWS knows them. */
export function toldOfFlip({ deployment, completedAt, note }: LedgerEntry) {
  const { by, release } = note ?? {};
  return {
    deployment,
    ...(completedAt === undefined ? {} : { at: completedAt }),
    ...(by === undefined ? {} : { by }),
    ...(release === undefined ? {} : { release }),
  };
}

/** `aborted by XB1 at …: the reason`: how an attempt ended, in a few words. */
export function showEnding(ending: Ending): string {
  switch (ending.kind) {
    case "under-way":
      return "under way";
    case "live":
      return "live";
    case "passed":
      return `passed, on to ${ending.to}`;
    case "superseded":
      return `superseded by attempt ${ending.by}`;
    case "over":
      return "over";
    case "stopped":
      return `stopped ${from(ending.stop)} before it went up`;
    case "down":
      return showCause(ending.cause);
  }
}

function showCause(cause: Cause): string {
  const { kind, by } = cause;
  switch (kind) {
    case "abort":
      return `aborted ${from(cause)}`;
    case "lower":
      return `lowered to ${by}${whenAndWhy(cause)}`;
    case "foreign":
      return `brought down by ${by}, which is nobody's${whenAndWhy(cause)}`;
    case "AppConfig":
      return `taken back by AppConfig${whenAndWhy(cause)}`;
  }
}

type AbortNote = Pick<Cause, "by" | "at" | "reason">;

function from(told: AbortNote): string {
  return `by ${told.by}${whenAndWhy(told)}`;
}

function whenAndWhy({ at, reason }: AbortNote): string {
  return `${at ? ` at ${showTime(at)}` : ""}${reason ? ` (${reason})` : ""}`;
}
