import { literal } from "../quote";
import { bigint, float, type QueryFunction, text, time, WINDOW } from "./query";
import type { Source } from "./source";

/** Failures whose texts are looked at: the newest ones. Bounds the work, however many there are. */
export const LOOKED_AT = 10_000;
/** Characters of an error's text that are read, and characters of a pattern that are told. */
const READ_CHARS = 300;
export const PATTERN_CHARS = 160;
/** Patterns that an answer names by default, and at most. */
export const TOP = 20;
const MOST = 100;

/** What takes the place of what differs from import to import. */
const QUOTED = "<text>";
const VARIES = "#";
export const NO_TEXT = "(no error text)";

/**
 * What is replaced, in this order. A quotation ends where the text does, where it was cut off; an apostrophe within a
 * word opens none. Then UUIDs, words of six letters and more with a digit among them, long hexadecimal words, numbers.
 */
const PATTERNS = {
  quoted: String.raw`(?<!\w)('[^']*('|$)|"[^"]*("|$)|\x60[^\x60]*(\x60|$))`,
  varies: [
    String.raw`\m[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\M`,
    String.raw`\m(?=\w*[0-9])\w{6,}\M`,
    String.raw`\m[0-9a-fA-F]{8,}\M`,
    "[0-9]+([.,:][0-9]+)*",
  ].join("|"),
};

function normalised(error: string): string {
  const read = `btrim(regexp_replace(substr(${error}, 1, ${READ_CHARS}), ${literal(String.raw`\s+`)}, ' ', 'g'))`;
  const unquoted = `regexp_replace(${read}, ${literal(PATTERNS.quoted)}, ${literal(QUOTED)}, 'g')`;
  const bare = `regexp_replace(${unquoted}, ${literal(PATTERNS.varies)}, ${literal(VARIES)}, 'g')`;
  return `coalesce(nullif(left(${bare}, ${PATTERN_CHARS}), ''), ${literal(NO_TEXT)})`;
}

/**
 * Q4. The most frequent patterns of error texts, each ranked, and one row without a rank for all others together.
 * `share` is the percentage of the failures that were looked at, `share_of_imports` of all imports of the window.
 * No failure: one row of rank 1 without a pattern, all shares 0 or null. No import at all: no row.
 */
export function errorPatternsQuery(source: Source): QueryFunction {
  const top = `least(greatest(coalesce($3, ${TOP}), 1), ${MOST})`;
  return {
    id: "Q4",
    name: "q4_error_patterns",
    args: [...WINDOW, { name: "top", type: "integer", default: String(TOP) }],
    columns: [
      bigint("rank"),
      text("pattern"),
      bigint("failures"),
      float("share"),
      float("share_of_imports"),
      bigint("patterns"),
      time("last_started"),
    ],
    body: `with totals as (
  select count(*) as imports, count(*) filter (where ${source.failed}) as failed
    from ${source.table}
   where ${source.inWindow}
), newest as (
  select ${source.error} as error, ${source.started} as started
    from ${source.table}
   where ${source.inWindow} and ${source.failed}
   order by ${source.started} desc
   limit ${LOOKED_AT}
), grouped as (
  select p.pattern, count(*) as failures, max(p.started) as last_started
    from (select ${normalised("n.error")} as pattern, n.started from newest as n) as p
   group by p.pattern
), ranked as (
  select g.*, row_number() over (order by g.failures desc, g.pattern collate "C") as place from grouped as g
), told as (
  select case when r.place <= ${top} then r.place end as rank,
         max(r.pattern) filter (where r.place <= ${top}) as pattern,
         sum(r.failures)::bigint as failures, count(*) as patterns, max(r.last_started) as last_started
    from ranked as r
   group by case when r.place <= ${top} then r.place end
)
select coalesce(o.rank, case when o.failures is null then 1 end) as rank, o.pattern,
       coalesce(o.failures, 0) as failures,
       100.0::double precision * o.failures / s.failures as share,
       coalesce(100.0::double precision * o.failures / s.failures * t.failed / t.imports, 0) as share_of_imports,
       coalesce(o.patterns, 0) as patterns, o.last_started
  from totals as t
  cross join (select sum(g.failures)::double precision as failures from grouped as g) as s
  left join told as o on true
 where t.imports > 0
 order by 1 nulls last`,
  };
}
