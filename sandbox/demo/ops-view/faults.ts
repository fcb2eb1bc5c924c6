import { z } from "zod";
import { rate, FaultSwitch as Switch, toggle } from "../service/faults";

/** Everything that this service can be told to do wrong. A name that is not here is refused. */
export const Faults = z.strictObject({
  queue5xx: rate.describe("share of queue requests answered with 500 (XA1)"),
  list5xx: rate.describe("share of list requests answered with 500 (E1)"),
  write5xx: rate.describe("share of writes answered with 500 (XB1, F1)"),
  latencyMs: z.number().min(0).max(60_000).default(0).describe("added to every queue request (XA4, E5)"),
  staleVersions: rate.describe("share of moves answered with 409 STALE_VERSION (XB2, F2)"),
  missingAudit: toggle.describe("moves commit without their audit event (XB4, F3)"),
  roleLeak: toggle.describe("analysts are listed everyone's items (XA3, SA2)"),
  narrowAdmin: toggle.describe("admins are listed what a verifier is (E3)"),
  emptyQueue: toggle.describe("the queue counts nothing, for anyone (XA2, SA1)"),
  countSkew: z.number().min(0).max(10).default(1).describe("factor on the queue's counts (E2)"),
  divergence: toggle.describe("writes are acknowledged, and rolled back in the database (XB3, F4)"),
  duplicateBatches: toggle.describe("the same file and revision makes a new batch (F5)"),
  stuckFlags: toggle.describe(
    "new configuration is ignored until a restart; what reads it at its start alone does not start (A2)",
  ),
});
export type Faults = z.output<typeof Faults>;

/** The faults of one server. */
export class FaultSwitch extends Switch<Faults> {
  constructor(initial?: unknown, heard?: (faults: Faults) => void) {
    super(Faults, initial, heard);
  }
}
