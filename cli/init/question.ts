import { UserError } from "../../src/text/problem";
import { type Answers, METRICS } from "./answers";

/** What was given on the command line, as it was typed. */
export interface Given {
  readonly name?: string | undefined;
  readonly template?: string | undefined;
  readonly flags?: readonly string[] | undefined;
  /** Names of flags that write. */
  readonly writes?: readonly string[] | undefined;
  /** Names with commas. */
  readonly stages?: string | undefined;
  /** Stages with values. */
  readonly stage?: readonly string[] | undefined;
  readonly thresholds?: readonly string[] | undefined;
  readonly snapshot?: string | undefined;
  readonly backup?: string | undefined;
  readonly database?: string | undefined;
  readonly tables?: readonly string[] | undefined;
  readonly namespace?: string | undefined;
  readonly errors?: string | undefined;
  readonly requests?: string | undefined;
  readonly latency?: string | undefined;
}

/** An answer to everything, for questions that are asked before the others are answered. */
export const SOUND: Answers = {
  name: "sound",
  flags: [{ name: "SOUND", kind: "percentage" }],
  stages: [{ name: "sound" }],
  snapshot: { kind: "instance", id: "sound" },
  metrics: METRICS,
};

/** What a check says, in words for whoever has just typed it. */
export function wrongIn(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.problems.map(({ where, what, remedy }) => `${where}: ${what}. ${remedy}`).join(". ");
  }
}
