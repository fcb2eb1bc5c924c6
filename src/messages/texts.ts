import { ascii, field, oneLine, SUBJECT_LENGTH } from "../channels/plain";
import { type Flags, showFlags } from "../flags/flags";
import { showTime } from "../gates/judge";
import type { MessageRow } from "../rollout/config/messages";
import { type Release, showRelease } from "../rollout/config/release";
import { abort, addressed, ofStage, type Place } from "../text/command";
import { passing } from "../text/counted";
import { showDuration } from "../text/duration";
import type { Soak } from "./summary";

/** A message as a topic delivers it. */
export interface Notice {
  /** At most 99 printable ASCII characters: SNS refuses anything else. */
  readonly subject: string;
  readonly text: string;
  /** For machines, and for subscriptions that filter by them. */
  readonly attributes: Readonly<Record<"rollout" | "stage" | "row" | "kind", string>> & {
    readonly attempt: number;
    /** Which one it is, of a message that is sent again and again: 1 for the first. */
    readonly occurrence?: number;
  };
}

/** Which attempt of a stage people are told of. */
export interface Telling {
  readonly rollout: string;
  readonly release?: Release | undefined;
  /** Where it runs: a command that is printed names it. */
  readonly region?: string | undefined;
  readonly stage: string;
  readonly attempt: number;
}

/** What a message is about. */
export type About = Telling & MessageRow;

/** Said right before the flags change: C1 and C3. */
export function announcement(
  about: About,
  flags: { readonly from: Flags; readonly to: Flags },
  now: number,
): Notice {
  return notice("before", about, "", [
    ...subjectFields(about),
    field("Flags now", showFlags(flags.from)),
    field("Flags next", showFlags(flags.to)),
    field("When", `right after this message, ${showTime(new Date(now).toISOString())}`),
    field("Until then", "nothing has changed; this is said once per attempt, also where the run is repeated"),
    field("Way back", abort(placeOf(about), about.stage)),
  ]);
}

/** Takes an announcement back: what it said did not happen. */
export function takenBack(about: About, flags: { readonly from: Flags }, why: string): Notice {
  return notice("back", { ...about, message: { ...about.message, text: undefined } }, "DID NOT HAPPEN", [
    ...subjectFields(about),
    field("Flags still", showFlags(flags.from)),
    field("Why", why.length > 400 ? `${why.slice(0, 399)}…` : why),
    field("Next", "it is said again before it is tried again"),
  ]);
}

/** How a stage has been since its flip. */
export interface Lived {
  /** Since when its flags are live without a break, ISO 8601. */
  readonly since: string;
  /** In declared time: scaled where time is scaled. */
  readonly forMs: number;
  readonly flags: Flags;
  /** Of a message that is sent again and again: which one this is. */
  readonly check?: { readonly occurrence: number; readonly every: string } | undefined;
  /** The stage that has followed meanwhile, and when. */
  readonly followedBy?: { readonly stage: string; readonly at: string } | undefined;
}

/** What questions about the imports of some time came to. */
export interface Answered {
  /** Which time, and what stands beside: one sentence. */
  readonly over: string;
  /** Each question (Q1 to Q6), what it asks, and its answer as lines; or why there is none, and what to do. */
  readonly figures: readonly {
    readonly id: string;
    readonly title: string;
    readonly lines: readonly string[];
  }[];
}

/** What a message shows of how it went. */
export interface Shown {
  readonly soak?: Soak | undefined;
  readonly answered?: Answered | undefined;
}

/** Said some time after the flip, once or again and again, or at the finish: C2, the checks of a hold, and C4. */
export function report(about: About, lived: Lived, { soak, answered }: Shown): Notice {
  const { check } = lived;
  const open = soak?.verdicts.filter(({ outcome }) => outcome !== "pass").length ?? 0;
  const warning = soak && open > 0 ? `${open} of ${soak.verdicts.length} gates NOT passing` : "";
  const kind = about.message.when === "finish" ? "finish" : "after";
  const told = notice(kind, about, warning, [
    ...subjectFields(about),
    ...livedFields(lived),
    ...(soak ? soakLines(soak, about) : []),
    ...(answered ? answeredLines(answered, about) : []),
  ]);
  if (!check) return told;
  const { occurrence } = check;
  return { ...told, attributes: { ...told.attributes, kind: "check", occurrence } };
}

function livedFields({ since, forMs, flags, check, followedBy }: Lived): string[] {
  return [
    ...(check ? [field("Check", `number ${check.occurrence}, one every ${check.every}`)] : []),
    field("Live", `for ${showDuration(forMs)} without a break, since ${showTime(since)}`),
    ...(followedBy ? [field("Followed by", `${followedBy.stage}, ${showTime(followedBy.at)}`)] : []),
    field("Flags now", showFlags(flags)),
  ];
}

function answeredLines({ over, figures }: Answered, about: About): string[] {
  return [
    "",
    field("Figures", over),
    ...figures.flatMap(({ id, title, lines }) => [
      "",
      `  ${id} ${oneLine(title)}`,
      ...lines.map((one) => `     ${oneLine(addressed(one, placeOf(about)))}`),
    ]),
  ];
}

/** Who reads a message stands anywhere. */
function placeOf({ rollout, region }: About): Place {
  return { rollout, region };
}

function soakLines({ verdicts, others }: Soak, about: About): string[] {
  const passed = verdicts.filter(({ outcome }) => outcome === "pass").length;
  return [
    field("Soak", passing(passed, verdicts.length, "exit gate")),
    ...verdicts.flatMap(({ gate, outcome, title, observed, required, remedy }) => [
      "",
      `  ${gate} ${outcome.toUpperCase()}: ${oneLine(title)}`,
      `     observed  ${oneLine(observed)}`,
      `     required  ${oneLine(required)}`,
      ...(remedy ? [`     to do     ${oneLine(addressed(remedy, placeOf(about)))}`] : []),
    ]),
    ...(others.length > 0
      ? [
          "",
          field(
            "Not in here",
            `${others.join(", ")}, measured by the rollout's own TypeScript: look with ${ofStage(placeOf(about), "check", about.stage)}`,
          ),
        ]
      : []),
  ];
}

function notice(kind: string, about: About, warning: string, fields: readonly string[]): Notice {
  const { rollout, stage, attempt, row, message } = about;
  const head = `${rollout} ${stage} ${row}: `;
  const text = [
    `${head}${oneLine(message.title)}`,
    ...(warning ? [`! ${warning}`] : []),
    "",
    ...(message.text?.trim() ? [message.text.trim(), ""] : []),
    ...fields,
  ].join("\n");
  return {
    subject: subjectOf(head, message.title, warning),
    text,
    attributes: { rollout, stage, attempt, row, kind },
  };
}

function subjectFields({ rollout, release, stage, attempt, row }: About): string[] {
  return [
    field("Rollout", rollout),
    ...(release ? [field("Release", showRelease(release))] : []),
    field("Stage", `${stage}, attempt ${attempt}`),
    field("Row", row),
  ];
}

/** A warning is never what is cut off. */
function subjectOf(head: string, title: string, warning: string): string {
  const end = warning ? ` (${warning})` : "";
  const start = ascii(`${head}${oneLine(title)}`);
  const room = SUBJECT_LENGTH - end.length;
  return `${start.length > room ? `${start.slice(0, room - 3).trimEnd()}...` : start}${end}`;
}
