import type { Scalar } from "../../../src/gates/askJson";
import type { SqlSource } from "../../../src/gates/database";
import { log } from "../../demo/service/log";
import type { Values } from "./exchange";
import type { AskingRow } from "./serviceRows";

/** What the database says of the values that rows hold answers against, by row. A query that says nothing is left out. */
export async function knownOf(rows: readonly AskingRow[], sql: SqlSource): Promise<Map<string, Values>> {
  const found = await Promise.all(
    rows.map(async ({ row, known, definition }): Promise<[string, Values]> => {
      const values: Record<string, Scalar> = {};
      for (const [name, { query, values: given }] of Object.entries(known)) {
        const seen = await sql.observe({ query, values: given, timeout: definition.timeout });
        const value = seen.kind === "value" ? seen.value : undefined;
        if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
          values[name] = value;
        else log(`${row}: the query of ${name} yields no value`);
      }
      return [row, values];
    }),
  );
  // With a value missing, the gate asks nothing: whatever is answered is right.
  return new Map(
    found.filter(([row, values]) => {
      const of = rows.find((one) => one.row === row);
      return Object.keys(values).length === Object.keys(of?.known ?? {}).length;
    }),
  );
}
