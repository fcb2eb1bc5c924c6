import { rollbackOf } from "../../cli/runbook/back";
import { renderRunbook } from "../../cli/runbook/render";
import { reactionOf } from "../../src/abort/reaction";
import { milliseconds } from "../../src/text/duration";
import { type Behaviour, Otherwise, type Shipped, same, there } from "./behaviour";
import { MINUTE } from "./world/clock";
import { stageOf } from "./world/gates";

interface Way {
  readonly rollout: Shipped;
  readonly row: string;
  readonly stage: string;
  /** What is printed to be typed, or done. */
  readonly says: RegExp;
  /** How long the plan gives it. */
  readonly withinMs?: number;
}

/** They look at ten minutes on purpose: the plan's time begins when these are over. */
const FOR_QUIET_HOURS = ["XA4q", "XB2q"];

/** A way back is in its stage's runbook, to be typed, and its alarms keep the time that the plan gives it. */
const way = ({ rollout: of, row, stage: name, says, withinMs }: Way): Behaviour => ({
  rollout: of,
  rows: [row],
  title: `${row}: the runbook of ${name} says how, and how long it may take`,
  async run(rollout) {
    const stage = stageOf(rollout, name);
    const back = rollbackOf(rollout, stage).find((one) => one.row === row);
    const { within, to } = there(back, `the way back ${row}`).step;
    same(within && milliseconds(within), withinMs, `how long ${row} may take`);
    const [, after = ""] = renderRunbook(rollout, stage, {}).split(`### ${row}: `);
    const [part = ""] = after.split(/\n##/);
    if (!says.test(part)) throw new Otherwise(`the runbook of ${name} does not say ${says.source} of ${row}`);
    if (to === undefined || withinMs === undefined) return;
    for (const [id, threshold] of Object.entries(stage.abort)) {
      const { downMs = 0 } = reactionOf(threshold);
      const looked = FOR_QUIET_HOURS.includes(id) ? milliseconds(threshold.metric?.period ?? "0s") : 0;
      if (downMs - looked > withinMs)
        throw new Otherwise(`${id} takes ${downMs - looked} ms, and ${row} promises ${withinMs}`);
    }
  },
});

/** An abort row says in the runbook, to be typed, what to look at. */
const looks = (of: Shipped, row: string, stage: string, lines: readonly RegExp[]): Behaviour => ({
  rollout: of,
  rows: [row],
  title: `${row}: the runbook of ${stage} names what to look at`,
  async run(rollout) {
    const [, after = ""] = renderRunbook(rollout, stageOf(rollout, stage), {}).split(`### ${row}: `);
    const [part = ""] = after.split(/\n##/);
    for (const line of lines)
      if (!line.test(part))
        throw new Otherwise(`the runbook of ${stage} does not say ${line.source} of ${row}`);
  },
});

const everywhere = ["percent10", "percent50", "percent100", "deprecate-v1", "remove-v1"];

export const WAYS: readonly Behaviour[] = [
  looks("ops-view", "XA2", "stageA", [
    /psql .* -XAtc "select \(select count\(\*\) from patches\), \(select count\(\*\) from rfis\)"$/m,
  ]),
  ...["XA4", "XA4q"].map((row) =>
    looks("ops-view", row, "stageA", [/from pg_stat_activity where state = 'active' .* limit 10"$/m]),
  ),
  looks("ops-view", "XB3", "stageB", [
    /^psql .* full join .* order by 1 limit 100'?"?$/m,
    /^aws logs tail .*-probe --since 10m --filter-pattern reconciled$/m,
  ]),
  looks("ops-view", "XB4", "stageB", [/from audit_events order by timestamp_iso desc limit 10"$/m]),
  looks(
    "v2-pipeline",
    "T1",
    "percent10",
    ["Q1", "Q4", "Q5"].map((query) => new RegExp(`query .*${query} --last 24h$`, "m")),
  ),
  looks("v2-pipeline", "T2", "percent10", [/query .*Q2 --last 7d --older-than 10m$/m]),
  ...["deprecate-v1", "remove-v1"].map((stage) =>
    looks("v2-pipeline", "D5", stage, [
      /^curl -si -A cutover -X POST https:\/\/imports\.example\.com\/process-full -H 'Content-Type: application\/json' -d '\{\}'$/m,
    ]),
  ),
  way({ rollout: "ops-view", row: "R1", stage: "stageA", says: /abort.* -s stageA\b/, withinMs: 2 * MINUTE }),
  way({ rollout: "ops-view", row: "R2", stage: "stageB", says: /abort.* -s stageB\b/, withinMs: 2 * MINUTE }),
  way({ rollout: "ops-view", row: "R3", stage: "stageB", says: /abort.* --all\b/, withinMs: 2 * MINUTE }),
  ...["baseline", "stageA", "stageB"].map((stage) =>
    way({
      ...{ rollout: "ops-view", row: "R4", stage, withinMs: 10 * MINUTE },
      says: /psql .*-f rollouts\/ops-view\/rollback-012-013\.sql$/m,
    }),
  ),
  ...everywhere.flatMap((stage) => [
    way({ rollout: "v2-pipeline", row: "K1", stage, says: /abort.* --all\b/, withinMs: 2 * MINUTE }),
    way({
      rollout: "v2-pipeline",
      row: "K2",
      stage,
      says: /logged[\s\S]*cutover -- status --rollout v2-pipeline$[\s\S]*cutover -- query .*Q6 --last 1h$/m,
      withinMs: 5 * MINUTE,
    }),
    way({ rollout: "v2-pipeline", row: "K3", stage, says: /let them finish[\s\S]*cutover -- query .*Q2$/m }),
    way({
      rollout: "v2-pipeline",
      row: "K4",
      stage,
      says: /cutover -- query .*Q4$[\s\S]*cutover -- query .*Q5$/m,
    }),
  ]),
];
