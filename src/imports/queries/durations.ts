import { literal } from "../quote";
import { bigint, float, type QueryFunction, text, WINDOW } from "./query";
import type { Source } from "./source";

/** Lower bounds of the histogram's buckets in seconds, and what people call the bucket. */
const BUCKETS = [
  [0, "below 1 s"],
  [1, "1 s to 2 s"],
  [2, "2 s to 5 s"],
  [5, "5 s to 10 s"],
  [10, "10 s to 30 s"],
  [30, "30 s to 1 min"],
  [60, "1 min to 2 min"],
  [120, "2 min to 5 min"],
  [300, "5 min to 10 min"],
  [600, "10 min to 30 min"],
  [1_800, "30 min to 1 h"],
  [3_600, "1 h to 2 h"],
  [7_200, "2 h and longer"],
] as const;

/** The bucket of imports that finished before they started, by the clocks of whoever wrote that down. */
export const SKEWED = "finished before it started";

/**
 * Q3. Always one row for each bucket, the first for clock skew, which takes no part in the shares. Shares are
 * percentages of the imports that ended, and null where none did.
 */
export function durationsQuery(source: Source): QueryFunction {
  const names = [SKEWED, ...BUCKETS.map(([, name]) => name)];
  const rows = names.map((name, index) => `(${index}, ${literal(name)})`).join(", ");
  const bounds = BUCKETS.map(([seconds]) => seconds).join(", ");
  return {
    id: "Q3",
    name: "q3_durations",
    args: WINDOW,
    columns: [
      { name: "bucket", type: "integer" },
      text("took"),
      bigint("imports"),
      float("share"),
      float("cumulative"),
    ],
    body: `with counted as (
  select width_bucket(r.seconds, array[${bounds}]::double precision[]) as bucket, count(*) as imports
    from ${source.rows}
   where r.seconds is not null
   group by 1
)
select b.bucket, b.took, coalesce(c.imports, 0) as imports,
       case when b.bucket > 0 then 100.0::double precision * coalesce(c.imports, 0) / t.imports end as share,
       case when b.bucket > 0 then 100.0::double precision
         * sum(coalesce(c.imports, 0)) filter (where b.bucket > 0) over (order by b.bucket) / t.imports end as cumulative
  from (values ${rows}) as b(bucket, took)
  left join counted as c on c.bucket = b.bucket
  cross join (select nullif(sum(n.imports) filter (where n.bucket > 0), 0)::double precision as imports from counted as n) as t
 order by b.bucket`,
  };
}
