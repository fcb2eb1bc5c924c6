import { askElsewhere, type Elsewhere } from "../gates/elsewhere/ask";
import type { RowElsewhere } from "../rollout/config/probe";
import { milliseconds } from "../text/duration";
import { secretsOut } from "../text/redact";
import { type Measured, numberOf, TOO_LATE } from "./run";

/** Measurements begin up to so much early or late, in ms: what is due then is asked then. */
const SLACK_MS = 5_000;

/** The rows of a stage that named sources answer, each at its own pace. */
export class ElsewhereRows {
  readonly #askedAt = new Map<string, number>();
  readonly #rows: readonly (readonly [row: string, question: RowElsewhere])[];

  constructor(
    rows: Readonly<Record<string, RowElsewhere>>,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#rows = Object.entries(rows);
  }

  /**
   * Asks what is due, all at once. A row whose turn has not come is in neither part. One that fails is asked again the next
   * time, whatever its pace: its alarm takes silence for a breach.
   *
   * @param deadline until when, as `performance.now()` has it
   */
  async round(elsewhere: Elsewhere, deadline: number): Promise<Measured> {
    const values: Record<string, number> = {};
    const failures: Record<string, string> = {};
    const began = this.now();
    const clean = secretsOut({ secrets: Object.values(elsewhere.tokens) });
    const due = this.#rows.filter(
      ([row, { every }]) =>
        began - (this.#askedAt.get(row) ?? Number.NEGATIVE_INFINITY) >= milliseconds(every) - SLACK_MS,
    );
    await Promise.all(
      due.map(async ([row, question]) => {
        const left = Math.floor(deadline - performance.now());
        const limit = Math.min(left, milliseconds(question.timeout));
        const result = left > 0 ? numberOf(await askElsewhere(elsewhere, question, limit)) : TOO_LATE;
        if (typeof result === "number") {
          values[row] = result;
          this.#askedAt.set(row, began);
        } else failures[row] = clean(result.failure);
      }),
    );
    return { values, failures };
  }
}
