import { z } from "zod";
import { rate, FaultSwitch as Switch, toggle } from "../service/faults";

/** Everything that this service can be told to do wrong. A name that is not here is refused. */
export const Faults = z.strictObject({
  v1Failures: rate.describe("share of v1's imports that fail"),
  v2Failures: rate.describe("share of v2's imports that fail (T1, G1, G3)"),
  v2Stuck: rate.describe("share of v2's imports that never end (T2, G2)"),
  v2SlowMs: z.number().min(0).max(60_000).default(0).describe("added to every import of v2 (G2, Q3)"),
  v2Corrupt: rate.describe("share of v2's imports that store other bytes than they were given (T4)"),
  processorsDown: toggle.describe("/health says that no processor is available (H0)"),
  cpuPercent: z.number().min(0).max(100).default(0).describe("added to the CPU that is told (G5)"),
  withoutHeaders: toggle.describe("v1 does not say that it is deprecated (D4)"),
  v1Lives: toggle.describe("v1 answers also when it is removed (X4)"),
  stuckFlags: toggle.describe("new configuration is ignored until a restart (S1)"),
});
export type Faults = z.output<typeof Faults>;

/** The faults of one server. */
export class FaultSwitch extends Switch<Faults> {
  constructor() {
    super(Faults);
  }
}
