import type { Check } from "../src/gates/smokeCheck";
import * as pipeline from "./v2-pipeline/checks";

/** By rollout, then by the name that stack config calls a check: what no other kind of gate can say. */
const CHECKS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  "v2-pipeline": { "sunset-is-ahead": pipeline.sunsetIsAhead },
};

/** The checks of a rollout; none for one that wrote none. */
export function checksOf(rollout: string): Readonly<Record<string, Check>> {
  return CHECKS[rollout] ?? {};
}
