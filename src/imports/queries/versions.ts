import { literal } from "../quote";
import { COUNTED, float, type QueryFunction, text, WINDOW } from "./query";
import { COUNTS, NO_VALUE, OTHER_VALUE, type Source, successRate } from "./source";

/** What Q5 says where the mapping has no version column. */
export const NO_VERSION =
  "No column is mapped for the pipeline's version: add one to the table of imports, and map it as database.imports.columns.version";

const COLUMNS = [
  text("version"),
  ...COUNTED,
  float("success_rate"),
  float("p50_seconds"),
  float("p95_seconds"),
  text("note"),
];

/**
 * Q5. Always a row for v1 and one for v2; further ones for imports without a version and with another one, where
 * there are such. Without a version column: one row, whose note says so.
 */
export function versionsQuery(source: Source): QueryFunction {
  return {
    id: "Q5",
    name: "q5_versions",
    args: WINDOW,
    columns: COLUMNS,
    body: source.hasVersion ? compared(source) : missing(),
  };
}

function missing(): string {
  const values = COLUMNS.map(({ name, type }) =>
    name === "note" ? `${literal(NO_VERSION)}::text as note` : `null::${type} as ${name}`,
  );
  return `select ${values.join(", ")}`;
}

function compared(source: Source): string {
  return `with grouped as (
  select r.version,
         ${COUNTS},
         percentile_cont(array[0.5, 0.95]) within group (order by case when r.seconds >= 0 then r.seconds end) as quantiles
    from ${source.rows}
   group by r.version
)
select n.version, coalesce(g.imports, 0) as imports, coalesce(g.succeeded, 0) as succeeded,
       coalesce(g.failed, 0) as failed, coalesce(g.running, 0) as running, coalesce(g.unmapped, 0) as unmapped,
       ${successRate("g")} as success_rate,
       g.quantiles[1] as p50_seconds, g.quantiles[2] as p95_seconds, null::text as note
  from (values (1, 'v1'), (2, 'v2'), (3, '${NO_VALUE}'), (4, '${OTHER_VALUE}')) as n(place, version)
  left join grouped as g on g.version = n.version
 where n.place <= 2 or g.version is not null
 order by n.place`;
}
