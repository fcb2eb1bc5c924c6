import { counted } from "../text/counted";

/** How a gate came out. Only `pass` promotes. */
export type Outcome = "pass" | "fail" | "inconclusive" | "not-run";

/** A gate's verdict, with all that a person needs to understand it. */
export interface Verdict {
  readonly gate: string;
  readonly title: string;
  readonly outcome: Outcome;
  /** What was measured, in words. */
  readonly observed: string;
  /** What it had to be, in words. */
  readonly required: string;
  /** What to do. Empty for a pass. */
  readonly remedy: string;
  /** When the gate could pass at the earliest, where that is known. ISO 8601, UTC. */
  readonly earliest?: string | undefined;
}

/** What judging depends on beside the gate and its observation. */
export interface JudgeContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How much faster declared durations pass than the clock. 1 on any real account. */
  readonly timeScale: number;
  /** The attempt that is to be promoted: a sign-off made for another one does not count. */
  readonly attempt: number;
}

/** The time that an observation has to be about. */
export interface Scope {
  /** Since when the flags are live. ISO 8601, UTC. */
  readonly liveSince: string;
  readonly liveDeployment: number;
  /** When it was measured. ISO 8601, UTC. */
  readonly at: string;
  readonly timeScale: number;
}

/** What an observation leaves out of the time that its gate speaks of, and when it could cover it at the earliest. */
export interface Missed {
  readonly what: string;
  /** ISO 8601, UTC; absent where waiting alone does not help. */
  readonly earliest?: string;
}

/** What a judge finds of one observation; the rest of a verdict is the gate's. */
export type Found = Pick<Verdict, "outcome" | "observed" | "remedy" | "earliest">;

export const pass = (observed: string): Found => ({ outcome: "pass", observed, remedy: "" });
export const fail = (observed: string, remedy: string): Found => ({ outcome: "fail", observed, remedy });
export const inconclusive = (observed: string, remedy: string): Found => ({
  outcome: "inconclusive",
  observed,
  remedy,
});

/** Zero faults in zero cases says nothing. */
export const tooFew = (over: string, minSamples: number): Found =>
  inconclusive(
    `${over}; too few to say anything`,
    `It goes by ${counted(minSamples, "sample")} at least: let them come in, or find out why there are so few`,
  );

/** How far the clocks of this machine and of a service may differ. */
export const CLOCK_SKEW_MS = 5_000;

/** True where two clocks may mean the same moment. */
export function sameTime(one: string, other: string): boolean {
  return Math.abs(Date.parse(one) - Date.parse(other)) <= CLOCK_SKEW_MS;
}

/** `2026-11-21 21:40:05Z`: as exact as a person needs it, and unmistakably UTC. */
export function showTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime())
    ? "an unknown time"
    : `${time.toISOString().slice(0, 19).replace("T", " ")}Z`;
}
