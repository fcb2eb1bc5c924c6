import { setTimeout as sleep } from "node:timers/promises";
import { failed } from "../aws/failure";
import type { Gate } from "../gates/gate";
import type { Observation } from "../gates/observation";
import { unlooked } from "../messages/summary";

/** What was seen of a gate within `limitMs`; afterwards, that there was no answer. What hangs holds up no other. */
export async function inTime(
  gate: Gate,
  observation: Promise<Observation>,
  limitMs: number,
): Promise<Observation> {
  const over = new AbortController();
  const late = sleep(limitMs, undefined, { signal: over.signal }).then(
    () => unlooked(gate, failed("timeout", `no answer within ${Math.round(limitMs / 1_000)} s`), Date.now()),
    () => observation,
  );
  try {
    return await Promise.race([observation, late]);
  } finally {
    over.abort();
  }
}
