import type pg from "pg";
import { reasonOf, UserError } from "../../../../src/text/problem";
import type { SandboxProject } from "../../../sandbox/project";
import { type Fault, OWN_FILE } from "../../../sandbox/world/own";
import { PATIENCE_MS } from "../../pace";
import type { Row } from "../rehearsedRows";
import type { Lever } from "./lever";

/** What a rollout's own `rehearsal.ts` says of a row goes before all that can be derived. */
export function ownFaults(
  faults: Readonly<Record<string, Fault>>,
  {
    urls,
    pool,
    project,
  }: {
    readonly urls: readonly string[];
    readonly pool: pg.Pool;
    readonly project: Pick<SandboxProject, "edit">;
  },
): Lever {
  const of = ({ key, id }: Row): Fault | undefined => faults[key] ?? faults[id];
  let pulled: Fault | undefined;
  const before: Fault["config"] = [];
  const run = async (sql: readonly string[]) => {
    for (const statement of sql) await pool.query(statement);
  };
  const send = async (requests: Fault["requests"]) => {
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
    moves: `a fault of ${OWN_FILE}`,
    can: (row) => of(row) !== undefined,
    async pull(row) {
      pulled = of(row);
      if (!pulled) return;
      await run(pulled.sql);
      await send(pulled.requests);
      for (const { stack, path, value } of pulled.config)
        before.unshift({ stack, path, value: await project.edit(stack, path, value) });
    },
    async release() {
      const one = pulled;
      pulled = undefined;
      for (const { stack, path, value } of before.splice(0)) await project.edit(stack, path, value);
      if (!one) return;
      // What an app did meanwhile is put in order once it does it no more.
      await send(one.mend);
      await run(one.mendSql);
    },
  };
}
