import { loadModule, parseSync } from "libpg-query";
import type { ParseSql } from "../src/rollout/checks/queries";
import { reasonOf } from "../src/text/problem";

/** PostgreSQL's own parser. Whoever imports this file loads it, where it is installed. */
export async function openParser(): Promise<ParseSql> {
  await loadModule();
  return (query) => {
    try {
      return { statements: (parseSync(query).stmts ?? []).flatMap(({ stmt }) => stmt ?? []) };
    } catch (error) {
      return { error: reasonOf(error) };
    }
  };
}
