import type { Published } from "../aws/publish";
import type { Kind } from "../channels/notification";
import { field, subjectOf } from "../channels/plain";
import { type Follower, showFollower } from "../delivery/followers";
import type { Door } from "../flags/doors";
import { type FlagSpecs, type Flags, type FlagValue, sameFlags, showFlags, showOnOff } from "../flags/flags";
import {
  abort,
  abortAll,
  abortAs,
  acknowledge,
  addressed,
  dismiss,
  ofStack,
  type Place,
  release,
} from "../text/command";
import type { Alarm } from "./alarm";
import type { Carried } from "./carry";
import { type Arrival, etaOf } from "./eta";
import { type PhaseBelow, showPhase } from "./previous";
import type { AbortOutcome } from "./request";
import type { AbortConfig } from "./switchConfig";

/** A message to people. */
export interface Message extends Published {
  readonly attributes: Readonly<Record<string, string>> & { readonly kind: Kind };
}

/** The phase that was live, and the one below it, where a row goes down by one. */
type Step = Pick<PhaseBelow, "stage" | "to">;

/** What an abort came to. */
interface Ended {
  readonly outcome: AbortOutcome;
  /** What became of the hold that a frozen rollout is put under. */
  readonly held?: Carried | undefined;
  /** `own` where one phase down is below the row's own floor, and it went to that. */
  readonly step?: Step | "own" | undefined;
}

/** What became of the flags and the servers. */
export type Done =
  | (Ended & { readonly kind: "lowered"; readonly followers: readonly Follower[] })
  | (Ended & { readonly kind: "nothing" })
  | { readonly kind: "page-only" }
  | { readonly kind: "failed"; readonly reason: string };

type Config = Pick<
  AbortConfig,
  "rollout" | "region" | "stage" | "attempt" | "specs" | "doors" | "reconcile" | "contracted"
> &
  Partial<Pick<AbortConfig, "floor">>;

/** What a page ends with that carries a code. */
export const sayingSeen = (place: Place, code: string) =>
  `To say that you saw this: ${acknowledge(place, code)}`;

/**
 * What on-call reads: what happened, what was done about it, and what can be done next.
 *
 * @param code by which a person says that they saw it, where its digest is kept
 */
export function page(config: Config, alarm: Alarm, done: Done, code?: string): Message {
  const { rollout, stage } = config;
  const seen = code === undefined ? [] : [sayingSeen(placeOf(config), code)];
  const text = pageText(config, alarm, deeds(done, alarm), [...next(config, alarm, done), ...seen]);
  const [kind, headline] = done.kind === "nothing" && done.outcome.kept ? KEPT : HEADLINE[done.kind];
  return {
    subject: subjectOf(`${headline}: ${rollout} ${stage} ${alarm.row}`),
    text,
    attributes: ofAlarm(kind, config, alarm),
  };
}

/** What every page about an alarm has: what it is about, what was done, and what can be done next. */
export function pageText(
  config: Pick<AbortConfig, "rollout" | "region" | "stage" | "attempt">,
  alarm: Alarm,
  done: readonly string[],
  next: readonly string[],
): string {
  const { rollout, stage, attempt } = config;
  return [
    `${rollout} ${stage} ${alarm.row}: ${alarm.title}`,
    "",
    field("Rollout", rollout),
    field("Stage", `${stage}, attempt ${attempt}`),
    field("Row", alarm.row),
    field("Observed", alarm.reason),
    field("Limit", alarm.limit),
    field("Since", alarm.at),
    ...done,
    field("Runbook", addressed(alarm.runbook ?? "no line for this row", placeOf(config))),
    ...next.map((line, index) => field(index === 0 ? "Next" : "", line)),
  ].join("\n");
}

/** Who reads a page stands anywhere, with a shell that is set to any region. */
export function placeOf({ rollout, region }: Pick<AbortConfig, "rollout" | "region">): Place {
  return { rollout, region };
}

/** What tells machines of a message about an alarm: `at` and the alarm's name tell one event from another. */
export function ofAlarm<K extends Kind>(
  kind: K,
  { rollout, stage, attempt }: Pick<AbortConfig, "rollout" | "stage" | "attempt">,
  { row, name, at }: Pick<Alarm, "row" | "name" | "at">,
) {
  return { kind, rollout, stage, attempt: String(attempt), row, alarm: name, at };
}

const HEADLINE: Readonly<Record<Done["kind"], readonly [Kind, string]>> = {
  lowered: ["rolled-back", "Rolled back"],
  nothing: ["down-already", "Alarm, flags are down already"],
  "page-only": ["unchanged", "Alarm, flags unchanged"],
  failed: ["rollback-failed", "ROLLBACK FAILED"],
};

/** Not that they are down: nothing is, and nothing can be. */
const KEPT: readonly [Kind, string] = ["stays-up", "ALARM, and flags STAY UP"];

function deeds(done: Done, { remind, ...row }: Pick<Alarm, "remind" | "previous" | "only">): string[] {
  switch (done.kind) {
    case "lowered": {
      const { before, after, deployment, stopped, ms } = done.outcome;
      const did = [
        ...stopped.map((number) => `stopped deployment ${number}`),
        ...(deployment === undefined ? [] : [`deployed ${deployment}`]),
        ...done.followers.map(showFollower),
      ];
      return [
        field("Done", `${did.join(", ") || "brought down by another deployment"}, in ${ms} ms`),
        field("Flags before", shown(before)),
        field("Flags after", shown(after)),
        ...reach(row, done.step),
        ...kept(done.outcome),
        ...held(done),
      ];
    }
    case "nothing":
      return [
        field("Done", done.outcome.kept ? "nothing was lowered" : `nothing to lower: ${done.outcome.why}`),
        ...reach(row, done.step),
        ...kept(done.outcome),
        ...stopped(done.outcome),
        ...held(done),
        field("Flags", shown(done.outcome.after)),
      ];
    case "page-only":
      if (remind?.undecided === "rollback") return [field("Done", "nothing yet: the decision is yours")];
      return [field("Done", "nothing: this row changes no flag")];
    case "failed":
      return [field("Done", `FAILED: ${done.reason}`), field("Flags", "may still be up")];
  }
}

/** How far down it went, where that is not what its stage says. */
function reach({ previous, only }: Pick<Alarm, "previous" | "only">, step: Ended["step"]): string[] {
  if (only) return [field("Only", `${only.join(", ")}, and what requires it: the others stay as they are`)];
  if (!previous || step === "own") return [];
  return [
    field("Step", step ? showPhase(step) : "the ledger does not tell what was live: below this row's stage"),
  ];
}

/** What keeps anything from going up, where a row froze the flags. */
function held({ held: carried }: Ended): string[] {
  if (carried === undefined) return [];
  return [
    field(
      "Held",
      carried.kind === "recorded"
        ? `by deployment ${carried.deployment}, every stage: nothing goes up before a person releases it`
        : `NOT HELD: ${carried.why}`,
    ),
  ];
}

/** What nobody is led back to. */
function kept({ kept: words }: AbortOutcome): string[] {
  return words === undefined ? [] : [field("Kept", words)];
}

/** What is refused from now on. */
function stopped({ attempt, recorded, unrecorded }: AbortOutcome): string[] {
  if (recorded !== undefined)
    return [field("Stopped", `attempt ${attempt}, recorded in deployment ${recorded}`)];
  return [field("Stopped", `NOT RECORDED: ${unrecorded ?? "the ledger was not asked"}`)];
}

function next(config: Config, alarm: Alarm, done: Done): string[] {
  const { stage, attempt, doors = [] } = config;
  const place = placeOf(config);
  const down = abortAs(place, stage, alarm);
  const further = "outcome" in done && done.outcome.kept ? [] : [`All the way down: ${abortAll(place)}`];
  switch (done.kind) {
    case "failed":
      return [`Bring the flags down by hand, now: ${down}`, ...further];
    case "page-only":
      return [
        `To roll back: ${down}`,
        ...further,
        ...contracted(config, alarm),
        ...doors.map(onceBehind),
        ...(alarm.remind
          ? [
              `To leave it: ${dismiss(place, stage, alarm.row)}`,
              alarm.remind.undecided === "rollback"
                ? `Unless either was done within ${alarm.remind.after}, the flags go down by themselves${alarm.freeze && doors.length > 0 ? ", or, where there is no way back, stay as they are, and nothing goes up" : ""}`
                : `You are reminded unless either was done within ${alarm.remind.after}`,
            ]
          : []),
      ];
    default: {
      const up = comesDown(done.step) ?? stage;
      // Stages go up in their order, and never sideways.
      const first = alarm.only
        ? [`Before it is promoted again, what stays up goes down too: ${abort(place, stage)}`]
        : [];
      return [
        ...(done.outcome.kept ? ["There is no way back: mend what is up, now"] : []),
        ...contracted(config, alarm, done.step),
        ...(config.reconcile ?? []).map(({ title, line }) => `To reconcile by hand, ${title}: ${line}`),
        ...(done.held?.kind === "recorded" ? [`Once it is mended: ${release(place)}`] : []),
        ...first,
        `To promote again: set attempt to ${Math.max(up === stage ? attempt : 0, done.outcome.attempt) + 1} in Pulumi.${up}.yaml, with new sign-offs, then ${ofStack(place, "up", up)}`,
        ...further,
      ];
    }
  }
}

/** The stage that came down by a step; undefined where it went to the row's own floor. */
export const comesDown = (step: Ended["step"]) => (step === "own" ? undefined : step?.stage);

/** What its stage contracted: of a row that goes elsewhere than its stage, this says nothing. */
function contracted(
  { contracted: words, stage, specs, floor }: Config,
  { only, previous, floor: own }: Alarm,
  step?: Ended["step"],
): string[] {
  const elsewhere = own !== undefined && floor !== undefined && !sameFlags(specs, own, floor);
  if (words === undefined || only || elsewhere || (previous && comesDown(step) !== stage)) return [];
  return [words];
}

/** On-call is paged before anything is read: what the page says holds wherever the flags stand. */
function onceBehind({ stage, because, floor }: Door): string {
  return `Neither goes below ${shown(floor)} once ${stage} is live: ${because}`;
}

/**
 * C5: what ops and stakeholders read on any rollback. In words of what users see, with scope and ETA. Promises no news
 * at any time: nothing sends any by itself, and nobody was asked to.
 */
export function incidentNotice(
  { rollout, stage, specs }: Pick<Config, "rollout" | "stage" | "specs">,
  cause: { readonly title: string; readonly row?: string | undefined },
  outcome: Pick<AbortOutcome, "before" | "after">,
  arrival: Arrival,
): Message {
  const text = [
    `${rollout}: ${stage} was rolled back${cause.row ? ` (${cause.row})` : ""}.`,
    "",
    field("Why", cause.title),
    field("Scope", scopeOf(specs, outcome) || `the flags are at ${shown(outcome.after)}`),
    field("ETA", etaOf(arrival)),
    field("News", `none comes by itself, ask on-call; ${stage} stays down until it is promoted anew`),
  ].join("\n");
  return {
    subject: subjectOf(`Incident: ${rollout} ${stage} rolled back`),
    text,
    attributes: { kind: "rollback-notice", rollout, stage },
  };
}

/** Flag by flag what users no longer get. */
export function scopeOf(specs: FlagSpecs, { before, after }: Pick<AbortOutcome, "before" | "after">): string {
  // Where it is not known what there was, what there is now has to do.
  if (!before) return "";
  return Object.entries(specs)
    .filter(([flag]) => before[flag] !== after?.[flag])
    .map(
      ([flag, { title }]) => `${title ?? flag}: ${shownValue(before[flag])} → ${shownValue(after?.[flag])}`,
    )
    .join("; ");
}

const shownValue = (value: FlagValue | undefined) => (value === undefined ? "unknown" : showOnOff(value));

export function shown(flags: Flags | undefined): string {
  return flags && Object.keys(flags).length > 0 ? showFlags(flags) : "unknown";
}
