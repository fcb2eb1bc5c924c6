import { bigint, COUNTED, float, type QueryFunction, time, WINDOW } from "./query";
import { COUNTS, type Source, successRate } from "./source";

/** Parts that a window is cut into by default, and at most. */
const PARTS = 24;
const MOST = 200;

/**
 * Q6. One row for each of the window's equal parts, also where nothing happened in it. `v1` and `v2` are null where
 * no version column is mapped. No row for a window that is empty or has no end.
 */
export function timelineQuery(source: Source): QueryFunction {
  const [since, until] = ["date_part('epoch', $1)", "date_part('epoch', $2)"];
  const parts = `least(greatest(coalesce($3, ${PARTS}), 1), ${MOST})`;
  const version = (name: string) =>
    source.hasVersion ? `count(*) filter (where r.version = '${name}')` : "null::bigint";
  const counted = (name: string) => (source.hasVersion ? `coalesce(g.${name}, 0)` : `g.${name}`);
  return {
    id: "Q6",
    name: "q6_timeline",
    args: [...WINDOW, { name: "parts", type: "integer", default: String(PARTS) }],
    columns: [time("starting"), ...COUNTED, float("success_rate"), bigint("v1"), bigint("v2")],
    body: `with grouped as (
  select width_bucket(date_part('epoch', r.started), ${since}, ${until}, ${parts}) as part,
         ${COUNTS},
         ${version("v1")} as v1, ${version("v2")} as v2
    from ${source.rows}
   where $1 < $2 and isfinite($1) and isfinite($2)
   group by 1
)
select to_timestamp(${since} + (p.part - 1) * (${until} - ${since}) / ${parts}) as starting,
       coalesce(g.imports, 0) as imports, coalesce(g.succeeded, 0) as succeeded,
       coalesce(g.failed, 0) as failed, coalesce(g.running, 0) as running, coalesce(g.unmapped, 0) as unmapped,
       ${successRate("g")} as success_rate,
       ${counted("v1")} as v1, ${counted("v2")} as v2
  from generate_series(1, ${parts}) as p(part)
  left join grouped as g on g.part = p.part
 where $1 < $2 and isfinite($1) and isfinite($2)
 order by p.part`,
  };
}
