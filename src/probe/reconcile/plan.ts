import type { Reading } from "../../gates/databaseReading";
import type { ReconcileSettings } from "./settings";
import { planOf } from "./statements";

/** From how many rows on a walk without an index is told: below, a database rightly reads the whole table. */
const LARGE = 10_000;

interface Node {
  readonly "Node Type"?: string;
  readonly "Plan Rows"?: number;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly Node[];
}

/** The tables that a plan reads as a whole, in order to find a thousand keys. */
function readWhole(plan: unknown): string[] {
  const [{ Plan: root } = { Plan: undefined }] = plan as { Plan?: Node }[];
  const nodes = (node: Node | undefined): Node[] =>
    node ? [node, ...(node.Plans ?? []).flatMap(nodes)] : [];
  return nodes(root).flatMap((node) =>
    /Seq Scan$/.test(node["Node Type"] ?? "") && (node["Plan Rows"] ?? 0) >= LARGE
      ? [node["Relation Name"] ?? "a table"]
      : [],
  );
}

/** What keeps a walk from being cheap, for people: by the database's own plan. */
export async function slowSources(
  reading: Reading,
  { first, second, key }: Pick<ReconcileSettings, "first" | "second" | "key">,
): Promise<string[]> {
  const slow: string[] = [];
  for (const { name, query } of [first, second]) {
    const { text, values } = planOf(query, key);
    const [row] = await reading.rows(text, values);
    const tables = readWhole(JSON.parse(row?.["QUERY PLAN"] ?? "[]"));
    if (tables.length > 0)
      slow.push(
        `${name}: no index leads through ${key}, so each step reads ${tables.join(", ")} as a whole. Add an index on it`,
      );
  }
  return slow;
}
