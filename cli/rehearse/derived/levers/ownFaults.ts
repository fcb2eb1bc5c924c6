import type pg from "pg";
import { reasonOf, UserError } from "../../../../src/text/problem";
import { PATIENCE_MS } from "../../pace";
import { type Fault, OWN_FILE } from "../own";
import type { Row } from "../rows";
import type { Lever } from "./lever";

/** What a rollout's own `rehearsal.ts` says of a row goes before all that can be derived. */
export function ownFaults(
  faults: Readonly<Record<string, Fault>>,
  { urls, pool }: { readonly urls: readonly string[]; readonly pool: pg.Pool },
): Lever {
  const of = ({ key, id }: Row): Fault | undefined => faults[key] ?? faults[id];
  let pulled: Fault | undefined;
  const act = async (requests: Fault["requests"], sql: readonly string[]) => {
    for (const statement of sql) await pool.query(statement);
    for (const url of urls)
      for (const { method, path, body } of requests) {
        const answer = await fetch(`${url}${path}`, {
          method,
          ...(body === undefined
            ? {}
            : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
          signal: AbortSignal.timeout(PATIENCE_MS),
        }).catch((error: unknown) => {
          throw new UserError(`${method} ${url}${path}, a fault of ${OWN_FILE}, failed: ${reasonOf(error)}`);
        });
        if (!answer.ok)
          throw new UserError(`${method} ${path}, a fault of ${OWN_FILE}, answered ${answer.status}`);
      }
  };
  return {
    moves: `as ${OWN_FILE} says`,
    can: (row) => of(row) !== undefined,
    async pull(row) {
      pulled = of(row);
      if (pulled) await act(pulled.requests, pulled.sql);
    },
    async release() {
      const one = pulled;
      pulled = undefined;
      if (one) await act(one.mend, one.mendSql);
    },
  };
}
