import { bigint, float, type QueryFunction, WINDOW } from "./query";
import type { Source } from "./source";

/** Ids of stuck imports that an answer names. */
const EXAMPLES = 10;

/**
 * Q2. Always one row. `stuck` were accepted more than `older_than` before the window's end (or before now, where that
 * is earlier) and have not ended; `late` have ended, but only after longer than that. Both are null where the window
 * has no imports: silence is no evidence.
 */
export function stuckImportsQuery(source: Source): QueryFunction {
  const end = "least($2, now())";
  const known = "c.imports > 0 and $3 is not null";
  return {
    id: "Q2",
    name: "q2_stuck_imports",
    args: [...WINDOW, { name: "older_than", type: "interval" }],
    columns: [
      bigint("imports"),
      bigint("stuck"),
      bigint("late"),
      float("oldest_seconds"),
      { name: "examples", type: "text[]" },
    ],
    body: `select c.imports,
       case when ${known} then c.stuck end as stuck,
       case when ${known} then c.late end as late,
       date_part('epoch', ${end} - c.oldest) as oldest_seconds,
       array(
         select ${source.id}
           from ${source.table}
          where ${source.inWindow} and ${source.open} and ${source.startedIs("<", `(${end} - $3)`)}
          order by ${source.started}
          limit ${EXAMPLES}
       ) as examples
  from (
    select count(*) as imports,
         count(*) filter (where r.open and r.started < ${end} - $3) as stuck,
         count(*) filter (where r.seconds > date_part('epoch', $3)) as late,
         min(r.started) filter (where r.open and r.started < ${end} - $3) as oldest
      from ${source.rows}
  ) as c`,
  };
}
