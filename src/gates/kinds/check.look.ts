import { failed } from "../../aws/failure";
import { milliseconds } from "../../text/duration";
import { reasonOf } from "../../text/problem";
import { mayWrite, onlyReads } from "../common";
import type { SqlSource } from "../database";
import type { GateOf } from "../kind";
import { NO_DATABASE, NO_SERVICE, type Sources } from "../look";
import type { Seen } from "../observation";
import { notSent } from "../request";
import { MissingToken, requestFailure, send } from "../service";
import { type CheckContext, CheckFailed } from "../smokeCheck";
import type { CheckGate } from "./check";

/** How long clean-up may take after a check, each part of it. */
const CLEAN_UP_MS = 10_000;

/** Runs a check written in TypeScript, and takes away what it created, whatever came of it. */
export async function look(
  { definition: gate }: GateOf<CheckGate>,
  sources: Pick<Sources, "checks" | "service" | "sql" | "parameters" | "timeScale" | "acting">,
): Promise<Seen> {
  const check = Object.hasOwn(sources.checks, gate.check) ? sources.checks[gate.check] : undefined;
  const { service } = sources;
  if (!check) {
    const known = Object.keys(sources.checks).join(", ") || "none";
    return failed("bad-answer", `there is no check ${gate.check}; this rollout has: ${known}`);
  }
  const cleaning: (() => Promise<unknown>)[] = [];
  const deadline = AbortSignal.timeout(milliseconds(gate.timeout));
  let signal = deadline;
  const context: CheckContext = {
    parameters: sources.parameters,
    timeScale: sources.timeScale,
    send: async (request) => {
      const { method = "GET", path } = request;
      if (!onlyReads(method) && !mayWrite({ definition: gate }, sources))
        throw new Error(notSent({ method, path }));
      // Only one that asks the app needs one.
      if (!service) throw new NothingSeen(NO_SERVICE);
      return send(service, { ...request, method }, signal);
    },
    sql: (query, values = []) => readValue(sources.sql, gate, query, values),
    cleanUp: (work) => cleaning.unshift(work),
  };
  try {
    const said: unknown = await Promise.race([check(context), expired(deadline)]);
    if (typeof said !== "string") throw new Error(`the check ${gate.check} says nothing of what it found`);
    return { kind: "check", holds: true, said };
  } catch (error) {
    if (error instanceof CheckFailed) return { kind: "check", holds: false, said: error.message };
    if (error instanceof NothingSeen) return error.seen;
    if (
      error instanceof MissingToken ||
      error instanceof TypeError ||
      (error instanceof Error && /Timeout|Abort/.test(error.name))
    )
      return requestFailure(error);
    return failed("bad-answer", reasonOf(error));
  } finally {
    // A check whose time is over may still name something while the rest is taken away.
    for (let work = cleaning.shift(); work; work = cleaning.shift()) {
      signal = AbortSignal.timeout(CLEAN_UP_MS);
      // What cannot be taken away is marked as a check's; the verdict on the service stands all the same.
      await Promise.resolve()
        .then(work)
        .catch(() => {});
    }
    signal = AbortSignal.abort();
  }
}

/** A question of a check that yields nothing usable: the check cannot be made. */
class NothingSeen extends Error {
  constructor(readonly seen: Seen) {
    super("nothing to look at");
  }
}

async function readValue(
  sql: SqlSource | undefined,
  gate: CheckGate,
  query: string,
  values: readonly (string | number | boolean)[],
): Promise<unknown> {
  if (!sql) throw new NothingSeen(NO_DATABASE);
  const seen = await sql.observe({ query, values: [...values], timeout: gate.timeout });
  if (seen.kind !== "value") throw new NothingSeen(seen);
  return seen.value;
}

function expired(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
  );
}
