import { writeFileSync } from "node:fs";
import type { Promotion } from "../gates/promotion";
import type { Settlement } from "../gates/settlement";
import type { Plan } from "../model/plan";

/** Names a file that the program writes its plan and what it measured to, for whoever runs `pulumi`. */
export const REPORT_VARIABLE = "CUTOVER_REPORT";

/** What one run of the program planned and measured. Holds no secret: it is what the policies see. */
export interface RunReport {
  readonly plan: Plan;
  readonly promotion?: Promotion | undefined;
  /** What became of it after the flip. */
  readonly settlement?: Settlement | undefined;
}

/** Writes the report where somebody asked for one. The engine's own output says nothing of a blocked promotion. */
export function writeReport(report: RunReport, env: NodeJS.ProcessEnv = process.env): void {
  const file = env[REPORT_VARIABLE];
  if (file) writeFileSync(file, JSON.stringify(report));
}
