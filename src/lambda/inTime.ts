import { failed } from "../aws/failure";
import type { Gate } from "../gates/gate";
import type { Observation } from "../gates/observation";
import { unlooked } from "../messages/summary";
import { within } from "../text/within";

/** What was seen of a gate within `limitMs`; afterwards, that there was no answer. What hangs holds up no other. */
export async function inTime(
  gate: Gate,
  observation: Promise<Observation>,
  limitMs: number,
): Promise<Observation> {
  const seen = await within(limitMs, observation);
  const why = `no answer within ${Math.round(limitMs / 1_000)} s`;
  return seen ?? unlooked(gate, failed("timeout", why), Date.now());
}
