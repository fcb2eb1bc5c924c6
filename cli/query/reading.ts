import { showExpectation } from "../../src/gates/expectation";
import { type GateDefinition, kindOf } from "../../src/gates/gate";
import type { QueryId } from "../../src/imports/queries/query";
import type { Rollout, Stage } from "../../src/rollout/rollout";

/** The functions by question, as gates' queries name them. */
const FUNCTIONS: Readonly<Record<QueryId, RegExp>> = {
  // Also where it is asked of the imports that ended in the window.
  Q1: /\bq1_success_rate\b|\bsuccess_rate\b.*\bended_imports\b/is,
  Q2: /\bq2_stuck_imports\b/i,
  Q3: /\bq3_durations\b/i,
  Q4: /\bq4_error_patterns\b/i,
  Q5: /\bq5_versions\b/i,
  Q6: /\bq6_timeline\b/i,
};

/** What a person should know of a question, whatever the gates say. */
const GENERAL: Readonly<Record<QueryId, string>> = {
  Q1: "success_rate is a percentage of what has ended. Nothing ended: no rate, which is no pass. ahead counts starts that lie in the future: a clock is wrong.",
  Q2: "stuck: not ended though older than --older-than; late: ended, but only after longer than that. No imports: unknown, which is no pass.",
  Q3: "Shares are percentages of what has ended. Compare the buckets with the baseline: imports that move down the table have become slower.",
  Q4: "share is of the failures, share_of_imports of all imports of the window. Numbers, ids and quoted texts are left out of the patterns.",
  Q5: "v2 should be no worse than v1 over the same window. Few imports of one version say little.",
  Q6: "After a stage's change, v2 should rise to its percentage within minutes, and no part should be empty.",
};

/** Lines that say how the answer is read: against each gate and alarm that asks the same question. */
export function readingsOf(rollout: Rollout, id: QueryId, stage: string | undefined): string[] {
  const lines = new Map<string, string[]>();
  const add = (line: string, where: string) => lines.set(line, [...(lines.get(line) ?? []), where]);
  for (const one of rollout.stages) {
    if (stage !== undefined && one.name !== stage) continue;
    for (const [row, line] of gateLines(one, id)) add(`${row} ${line}`, one.name);
    for (const [row, { title, probe, threshold, action }] of Object.entries(one.abort)) {
      if (!probe || "from" in probe || !threshold || !FUNCTIONS[id].test(probe.query)) continue;
      const over = probe.window === undefined ? "" : ` over ${probe.window}`;
      const does = action === "rollback" ? "brings the flags down" : "pages";
      add(`${row} ${does}: ${title} (its value${over} is ${showExpectation(threshold)})`, one.name);
    }
  }
  return [GENERAL[id], ...[...lines].map(([line, stages]) => `${line}. In ${stages.join(", ")}`)];
}

function gateLines(stage: Stage, id: QueryId): [row: string, line: string][] {
  const phases = { entry: stage.entry, exit: stage.exit, smoke: stage.smoke };
  return Object.entries(phases).flatMap(([phase, gates]) =>
    Object.entries<GateDefinition>(gates).flatMap(([row, gate]): [string, string][] => {
      const asked = kindOf(gate).query?.(gate);
      if (!asked || !FUNCTIONS[id].test(asked.query)) return [];
      const { window, expect } = asked;
      const over = window === undefined ? "" : ` over ${window === "soak" ? "the soak" : window}`;
      return [[row, `(${phase}) demands: ${gate.title} (its value${over} ${showExpectation(expect)})`]];
    }),
  );
}
