import { bigint, COUNTED, float, type QueryFunction, WINDOW } from "./query";
import { COUNTS, type Source, successRate } from "./source";

/** Q1. Always one row. The rate is a percentage, and null where no import of the window has ended. */
export function successRateQuery(source: Source): QueryFunction {
  return {
    id: "Q1",
    name: "q1_success_rate",
    args: WINDOW,
    columns: [...COUNTED, bigint("ahead"), float("success_rate")],
    // `ahead`: starts that lie in the future. Somebody's clock is fast, and these imports are in no window yet.
    body: `select c.imports, c.succeeded, c.failed, c.running, c.unmapped, a.ahead,
       ${successRate("c")} as success_rate
  from (
    select ${COUNTS}
      from ${source.rows}
  ) as c,
  (
    select count(*) as ahead
      from ${source.table}
     where ${source.startedIs(">", "greatest($2, now())")}
  ) as a`,
  };
}
