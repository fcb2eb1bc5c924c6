import type { Reading } from "../../gates/databaseReading";
import { sqlName } from "../../text/sqlName";
import type { ReconcileSettings } from "./settings";
import { plansOf } from "./statements";

/** From how many rows on a walk without an index is told: below, a database rightly reads the whole table. */
const LARGE = 10_000;

/** A node of PostgreSQL's plan, as `explain (format json, verbose)` has it. */
interface Node {
  readonly "Node Type"?: string;
  readonly "Plan Rows"?: number;
  readonly Schema?: string;
  readonly "Relation Name"?: string;
  readonly "Function Name"?: string;
  readonly Alias?: string;
  readonly "Sort Key"?: readonly string[];
  readonly Plans?: readonly Node[];
}

/** What a plan reads as a whole, and what its owner would type so that it need not. */
export interface ReadWhole {
  readonly name: string;
  /** Left out where it is no table, or is sorted by what no plain index leads through. */
  readonly index?: string;
}

/** What a plan reads as a whole in order to find a few rows of it. Pure. */
export function readWhole(plan: unknown): ReadWhole[] {
  const [{ Plan: root } = { Plan: undefined }] = plan as { Plan?: Node }[];
  return root ? within(root, []) : [];
}

/** @param sorted by what the nearest node above sorts all that it is given */
function within(node: Node, sorted: readonly string[]): ReadWhole[] {
  const { "Node Type": type = "", "Plan Rows": rows = 0 } = node;
  const by = type === "Sort" ? (node["Sort Key"] ?? []) : sorted;
  const whole =
    // How many rows a function has is not known to any plan.
    type === "Function Scan" ||
    (rows >= LARGE && (/Seq Scan$/.test(type) || (type === "Foreign Scan" && sorted.length > 0)));
  const name = node["Relation Name"] ?? node["Function Name"];
  const own: ReadWhole[] = whole ? [{ name: name ?? "a table", ...indexOf(node, by) }] : [];
  return [...own, ...(node.Plans ?? []).flatMap((below) => within(below, by))];
}

/** By the names that the plan itself has: a source may call its columns as it likes. */
function indexOf({ Schema, Alias, ...node }: Node, sorted: readonly string[]): Pick<ReadWhole, "index"> {
  const table = node["Relation Name"];
  if (!/Seq Scan$/.test(node["Node Type"] ?? "") || table === undefined || Schema === undefined) return {};
  const columns = sorted.map((key) => /^(\w+|"(?:[^"]|"")+")\.(\w+|"(?:[^"]|"")+")(?: DESC)?$/.exec(key));
  const own = columns.flatMap((found) =>
    found && [Alias, sqlName(Alias ?? "")].includes(found[1]) ? (found[2] ?? []) : [],
  );
  if (own.length === 0 || own.length < sorted.length) return {};
  return {
    index: `create index concurrently on ${sqlName(Schema)}.${sqlName(table)} (${own.join(", ")})`,
  };
}

/** What keeps comparing from being cheap, a sentence each, for people: by the database's own plan. */
export async function slowSources(
  { rows }: Pick<Reading, "rows">,
  settings: Pick<ReconcileSettings, "first" | "second" | "key" | "changed">,
): Promise<string[]> {
  const slow: string[] = [];
  for (const { name, query } of [settings.first, settings.second]) {
    for (const { text, values, by, each } of plansOf(query, settings)) {
      const [row] = await rows(text, values);
      const read = readWhole(JSON.parse(row?.["QUERY PLAN"] ?? "[]"));
      if (read.length === 0) continue;
      const tables = read.map((one) => one.name).join(", ");
      const indexes = read.flatMap(({ index }) => index ?? []);
      const remedy =
        indexes.length > 0 ? `As the table's owner: ${indexes.join("; ")}` : "Add an index that does";
      slow.push(
        `${name}: no index leads through ${by}, so each ${each} reads ${tables} as a whole. ${remedy}`,
      );
    }
  }
  return slow;
}
