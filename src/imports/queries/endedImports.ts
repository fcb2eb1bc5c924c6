import { bigint, float, type ImportsFunction, WINDOW } from "./query";
import { type Source, successRate } from "./source";

/**
 * How long before the window an import may have begun. It bounds what is read, by the index on the start; what takes
 * longer is long stuck, and whoever closes what was left behind longer ago makes no failures of today.
 */
const BEGAN_BEFORE = "72 hours";

/**
 * What ended within the window, whenever it began in the three days before it. Q1 takes the imports that began in its
 * window, as a stage's own: of slow ones it knows nothing until the window is as long as they are. An alarm asks how
 * they end now. Where nobody wrote down when an import ended, its start counts.
 *
 * Always one row. The rate is a percentage, and null where nothing ended. `p99_seconds` is what 99 of 100 imports that
 * succeeded took at most, null where none did: what hangs does not move it, since it does not end.
 */
export function endedImports(source: Source): ImportsFunction {
  const { startedIs } = source;
  return {
    id: "ended",
    name: "ended_imports",
    args: WINDOW,
    columns: [bigint("succeeded"), bigint("failed"), float("success_rate"), float("p99_seconds")],
    body: `select c.succeeded, c.failed, ${successRate("c")} as success_rate, c.p99_seconds
  from (
    select count(*) filter (where r.state = 'succeeded') as succeeded,
         count(*) filter (where r.state = 'failed') as failed,
         percentile_cont(0.99) within group (order by r.seconds)
           filter (where r.state = 'succeeded' and r.seconds >= 0) as p99_seconds
      from ${source.rowsWhere(`${startedIs(">=", `($1 - interval '${BEGAN_BEFORE}')`)} and ${startedIs("<", "$2")}`)}
     where r.ended >= $1 and r.ended < $2
  ) as c`,
  };
}
