import type { Plain } from "./plain";

/** How bad it is, in PagerDuty's words, which other tools share. */
export type Severity = "critical" | "error" | "warning" | "info";

interface Traits {
  readonly severity: Severity;
  /**
   * What becomes of a page: `alarm` opens the alarm's, or adds to it; `resolve` closes that one; `acknowledge` says that a person has it; `own` opens another
   * one, which pages anew and which a person closes; `none` pages nobody.
   */
  readonly page: "alarm" | "resolve" | "acknowledge" | "own" | "none";
}

/**
 * Every kind of message that people get, by the attribute `kind` with which it goes to its topic. Those of an alarm
 * come from CloudWatch itself, and have none.
 */
export const KINDS = {
  alarm: { severity: "critical", page: "alarm" },
  resolved: { severity: "info", page: "resolve" },
  "rolled-back": { severity: "error", page: "alarm" },
  "down-already": { severity: "warning", page: "alarm" },
  unchanged: { severity: "critical", page: "alarm" },
  finished: { severity: "error", page: "alarm" },
  // Whoever has acknowledged the alarm's page is to be woken again by these.
  "stays-up": { severity: "critical", page: "own" },
  "rollback-failed": { severity: "critical", page: "own" },
  reminder: { severity: "critical", page: "own" },
  dismissed: { severity: "info", page: "acknowledge" },
  /** To channels alone: who listens to a topic is spared it. */
  acknowledged: { severity: "info", page: "acknowledge" },
  incident: { severity: "error", page: "own" },
  "rollback-notice": { severity: "warning", page: "none" },
  drill: { severity: "info", page: "own" },
  "drill-failed": { severity: "error", page: "own" },
  page: { severity: "info", page: "own" },
  before: { severity: "info", page: "none" },
  back: { severity: "warning", page: "none" },
  after: { severity: "info", page: "none" },
  check: { severity: "info", page: "none" },
  finish: { severity: "info", page: "none" },
  /** What somebody else sent to the topic. */
  note: { severity: "warning", page: "own" },
} as const satisfies Record<string, Traits>;

export type Kind = keyof typeof KINDS;

export function isKind(text: string | undefined): text is Kind {
  return text !== undefined && Object.hasOwn(KINDS, text);
}

export function traitsOf(kind: Kind): Traits {
  return KINDS[kind];
}

export interface Link {
  readonly href: string;
  readonly text: string;
}

/** A message to people, as every channel shows it. */
export interface Notification extends Plain {
  readonly kind: Kind;
  /** The same however often it is delivered, or published to several topics. */
  readonly id: string;
  /** What happened, to whom, in one line. */
  readonly headline: string;
  /** The alarm that it is about, told apart from those of other accounts and regions. */
  readonly alarm?: string | undefined;
  /** When the alarm's occurrences fired that it is about, beside `at`: whoever decides, or saw a page, does so later. */
  readonly fired?: readonly string[] | undefined;
  /** What tells a page from others that is about no alarm, such as a drill's. */
  readonly page?: string | undefined;
  /** When it happened, ISO 8601 in UTC. */
  readonly at: string;
  /** When its topic took it in, ISO 8601 in UTC. */
  readonly sent?: string | undefined;
  readonly rollout: string;
  readonly stage?: string | undefined;
  readonly row?: string | undefined;
  readonly region: string;
  readonly links: readonly Link[];
}

/**
 * The key of a page that was opened beside an alarm's own, by its kind and by when the alarm fired: nothing but a person
 * closes it, and one that somebody has acknowledged, and left open, must not take in the next.
 */
function ownKeyOf(alarm: string, kind: Kind, at: string): string {
  return `${alarm}/${kind}/${at}`;
}

/** What whoever decides about an alarm, or says that they saw it, has in hand with it. */
const WITH_IT: Readonly<Partial<Record<Kind, readonly Kind[]>>> = {
  dismissed: ["reminder"],
  acknowledged: ["reminder", "stays-up", "rollback-failed"],
};

type Keyed = Pick<Notification, "kind" | "alarm" | "page" | "id" | "at">;

/** The keys of all pages that a message acknowledges, the first being that of `pageKeyOf`. */
export function acknowledgedKeys(message: Keyed & Pick<Notification, "fired">): string[] {
  const { alarm, kind, fired = [] } = message;
  const beside =
    alarm === undefined
      ? []
      : fired.flatMap((at) => (WITH_IT[kind] ?? []).map((own) => ownKeyOf(alarm, own, at)));
  return [pageKeyOf(message) ?? message.id, ...beside];
}

/** The key that a page is opened, added to and closed by; undefined where nobody is paged. */
export function pageKeyOf({ kind, alarm, page: named, id, at }: Keyed): string | undefined {
  const { page } = traitsOf(kind);
  if (page === "none") return undefined;
  if (alarm === undefined) return named ?? id;
  return page === "own" ? ownKeyOf(alarm, kind, at) : alarm;
}
