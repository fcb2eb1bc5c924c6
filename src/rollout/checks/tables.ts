import type { Problem } from "../../text/problem";
import type { Rollout } from "../rollout";

/**
 * Tables that the rollout reads and that its database does not have. Pure.
 *
 * @param there the tables and views of the schema
 */
export function missingTables(
  { database, stages }: Pick<Rollout, "database" | "stages">,
  there: readonly string[],
): Problem[] {
  if (!database) return [];
  const rows = stages.flatMap(({ name, entry, smoke, exit, abort }) =>
    [entry, smoke, exit, abort].flatMap((section) =>
      Object.entries(section).map(([id, row]) => ({ row: `${id} of ${name}`, text: JSON.stringify(row) })),
    ),
  );
  return database.reads
    .filter((table) => !there.includes(table))
    .map((table) => {
      const asking = rows.filter(({ text }) => asks(text, table)).map(({ row }) => row);
      return {
        where: `cutover:rollout.database.reads, ${table}`,
        what: `there is no such table in the schema ${database.schema} of ${database.name}${asking.length === 0 ? "" : `, and ${asking.join(" and ")} ${asking.length === 1 ? "asks" : "ask"} it`}`,
        remedy:
          asking.length === 0
            ? NOT_ASKED
            : "Name your own table there and in the queries of these rows; or create it first, by its migration",
      };
    });
}

const NOT_ASKED = "Take it out, correct its name, or create it first, by its migration";

/** Whether a row's SQL reads from a table. */
function asks(text: string, table: string): boolean {
  return text
    .split(/\b(?:from|join)\b(?:\s|\\[nt])+/i)
    .slice(1)
    .some((part) => /^[\w.]+/.exec(part)?.[0].split(".").at(-1) === table);
}
