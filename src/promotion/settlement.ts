import type { Verdict } from "../gates/judge";

/** What became of a promotion after its flip. Recorded with its evidence. */
export type Settlement =
  | {
      readonly outcome: "settled";
      readonly verdicts: readonly Verdict[];
      /**
       * From the flags' deployment, or from the restart of servers, until the last server reported the flags, in ms.
       * Absent where no server was asked, or not right away, and in records of older versions.
       */
      readonly convergedMs?: number | undefined;
    }
  | {
      readonly outcome: "aborted";
      /** The row that took the flags down. */
      readonly by: string;
      /** What happened, and what became of the flags. */
      readonly sentence: string;
      readonly verdicts: readonly Verdict[];
    };

/** What a person reads first when the flags had to be taken down. */
export function showAborted(stage: string, settlement: Extract<Settlement, { outcome: "aborted" }>): string {
  return `${stage} was promoted and taken down again by ${settlement.sentence}.`;
}
