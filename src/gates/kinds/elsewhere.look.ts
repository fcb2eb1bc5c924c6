import { failed } from "../../aws/failure";
import { milliseconds } from "../../text/duration";
import { askElsewhere } from "../elsewhere/ask";
import type { GateOf } from "../kind";
import type { Sources } from "../look";
import type { Seen } from "../observation";
import type { ElsewhereGate } from "./elsewhere";

/** Asks the gate's source once. */
export async function look({ definition }: GateOf<ElsewhereGate>, { elsewhere }: Sources): Promise<Seen> {
  if (!elsewhere) return failed("unreachable", "the rollout declares no sources");
  return askElsewhere(elsewhere, definition, milliseconds(definition.timeout));
}
