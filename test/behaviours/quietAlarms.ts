import type { Seen } from "../../src/gates/observation";
import { type Behaviour, type Shipped, same } from "./behaviour";
import { ago, DAY } from "./world/clock";
import { gateBefore, onSeen } from "./world/gates";

/** All alarms of these rows are quiet, and were. */
const quiet = (of: Shipped, id: string, stage: string, rows: readonly string[]): Behaviour => ({
  rollout: of,
  rows: [id],
  title: `${id}: ${stage} waits while ${rows.join(", ")} are not quiet, or were not`,
  async run(rollout) {
    const gate = gateBefore(rollout, stage, id);
    const seen = (odd?: string, how: object = {}): Seen => ({
      kind: "alarms",
      since: ago(2 * DAY),
      alarms: rows.map((row) => ({ row, state: "OK" as const, ...(row === odd ? how : {}) })),
    });
    same(Object.keys(gate.alarms ?? {}).sort(), [...rows].sort(), "the alarms that are looked at");
    same(onSeen(gate, seen()), "pass", "all of them are quiet");
    for (const row of rows) {
      same(onSeen(gate, seen(row, { state: "ALARM" })), "fail", `${row} fires`);
      same(onSeen(gate, seen(row, { firedAt: ago(DAY) })), "fail", `${row} has fired`);
      same(onSeen(gate, seen(row, { state: "missing" })), "inconclusive", `${row} has no alarm`);
    }
  },
});

const T = ["T1", "T2", "T3", "T4"];

const FOLLOWING = ["percent50", "percent100", "deprecate-v1", "remove-v1"];

export const QUIET_ALARMS: readonly Behaviour[] = [
  quiet("ops-view", "XA", "stageB", ["XA1", "XA2", "XA3", "XA4", "XA4q"]),
  ...FOLLOWING.map((stage) => quiet("v2-pipeline", "A0", stage, stage === "remove-v1" ? [...T, "D5"] : T)),
];
