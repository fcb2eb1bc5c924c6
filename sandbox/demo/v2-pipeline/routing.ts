import { isAmong, placeOf } from "../../../kit/node/src";
import type { FlagsNow } from "./flags";

export type Pipeline = "v1" | "v2";

/** Whoever is on v2 at one percentage is on v2 at every higher one: a rising percentage takes nobody back. */
export function pipelineOf(now: Pick<FlagsNow, "isOn">, user: string): Pipeline {
  return now.isOn("V2_ROLLOUT_PERCENT", user) ? "v2" : "v1";
}

/** The same by the kit's formula, for who looks at the servers from outside. */
export function pipelineFor(user: string, percent: number): Pipeline {
  return isAmong(placeOf("V2_ROLLOUT_PERCENT", user), percent) ? "v2" : "v1";
}
