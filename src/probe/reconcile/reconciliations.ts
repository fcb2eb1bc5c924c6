import type { ReadingSource } from "../../gates/databaseReading";
import { secretsOut } from "../../text/redact";
import type { Measured } from "../run";
import type { ProbeSettings } from "../settings";
import { type Reconciled, Reconciler, WALKS_MS } from "./reconciler";

/** Characters of a key that are shown. */
const LONGEST_KEY = 64;
const redact = secretsOut({ secrets: [] }, LONGEST_KEY);

/** All reconciliations of a stage, and the rows that count what they found. */
export class Reconciliations {
  private readonly all: readonly (readonly [name: string, Reconciler])[];
  private readonly counted: NonNullable<ProbeSettings["counted"]>;

  constructor({ reconcile = {}, counted = {} }: Pick<ProbeSettings, "reconcile" | "counted">) {
    this.all = Object.entries(reconcile).map(([name, settings]) => [name, new Reconciler(settings)] as const);
    this.counted = counted;
  }

  /**
   * Compares once more, one after the other: they share one connection. What fails makes its rows fail, and those alone.
   *
   * @param deadline until when, as `performance.now()` has it
   * @returns beside it what was found, by name; without those that failed
   */
  async round(
    source: ReadingSource,
    deadline: number,
  ): Promise<Measured & { readonly reconciled: Readonly<Record<string, Reconciled>> }> {
    const found: Record<string, Reconciled> = {};
    const failed: Record<string, string> = {};
    for (const [name, reconciler] of this.all) {
      // Each has its part: the last one must not find the time used up, round by round.
      const read = await reconciler.round(source, deadline, WALKS_MS / this.all.length);
      if ("failure" in read) failed[name] = read.failure;
      else found[name] = shown(read.done);
    }
    const values: Record<string, number> = {};
    const failures: Record<string, string> = Object.fromEntries(
      Object.entries(failed).map(([name, why]) => [`reconcile.${name}`, why]),
    );
    for (const [row, { of, count }] of Object.entries(this.counted)) {
      const counts = found[of];
      if (counts) values[row] = count.reduce((sum, one) => sum + counts[one], 0);
      else failures[row] = failed[of] ?? "bad-answer: nothing of that name is compared";
    }
    return { values, failures, reconciled: found };
  }
}

/** Keys go to a log: what looks like a secret in one is taken out. */
function shown(reconciled: Reconciled): Reconciled {
  const samples = Object.fromEntries(
    Object.entries(reconciled.samples).map(([kind, keys]) => [kind, keys.map(redact)]),
  );
  return { ...reconciled, samples };
}
