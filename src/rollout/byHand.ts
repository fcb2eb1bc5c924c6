import { psql } from "../gates/byHand";
import { COUNTS, firstToMend, rowsToMend, writtenSince } from "./config/reconcile";
import type { Rollout, Stage } from "./rollout";

/** What people reconcile once a stage came down: two sources that it compares, each line as it is typed. */
export interface ToReconcile {
  readonly title: string;
  /** The query of the rows that differ, as far as any row of the stage goes by them. */
  readonly query: string;
  /** The same to be typed: the first hundred, each with its key and what both sources have. */
  readonly differing: string;
  /** How many rows were written since the flags that were live went live; absent where nothing says when. */
  readonly written?: string | undefined;
}

/** Everything that a stage compares, in the order in which config has it. */
export function toReconcile(
  { database }: Pick<Rollout, "database">,
  { reconcile = {}, abort }: Pick<Stage, "reconcile" | "abort">,
): ToReconcile[] {
  const schema = database?.schema;
  return Object.entries(reconcile).map(([name, of]) => {
    const counted = Object.values(abort).flatMap((row) =>
      row.reconcile?.of === name ? row.reconcile.count : [],
    );
    const count = COUNTS.filter((one) => counted.includes(one));
    const written = writtenSince(of, "$1");
    return {
      title: of.title,
      query: rowsToMend(of, count),
      differing: psql({ query: firstToMend(of, count), values: [] }, { schema }),
      ...(written === undefined ? {} : { written: psql({ query: written, values: ["{from}"] }, { schema }) }),
    };
  });
}
