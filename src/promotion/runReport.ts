import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Flags } from "../flags/flags";
import { type Ledger, originOf, showEntry } from "../flags/ledger";
import type { Plan } from "../rollout/plan";
import type { Comparison } from "../rollout/strength/judge";
import type { Proof } from "./prove";
import type { Promotion } from "./request";
import type { Settlement } from "./settlement";

/** Names a file that the program writes its plan and what it measured to, for whoever runs `pulumi`. */
export const REPORT_VARIABLE = "CUTOVER_REPORT";

/** What one run of the program planned and measured. Holds no secret: it is what the policies see. */
export interface RunReport {
  readonly plan: Plan;
  /** Absent before the first deployment. */
  readonly live?: LiveReport | undefined;
  readonly promotion?: Promotion | undefined;
  /** How its gates came out on what is known to be bad. Tried in a preview alone. */
  readonly proofs?: readonly Proof[] | undefined;
  /** What the stage is held to, and was before: also where nothing is promoted. */
  readonly strength?: Comparison | undefined;
  /** What became of it after the flip. */
  readonly settlement?: Settlement | undefined;
  /** When the ledger was last asked what came after the flip: what began later was no part of it. ISO 8601, UTC. */
  readonly lookedAt?: string | undefined;
}

/** The flags that are live, as a person asks about them. */
export interface LiveReport {
  readonly flags: Flags;
  /** Since when they are served without a break. ISO 8601, UTC. */
  readonly since: string;
  /** Number of the deployment that put them there; what merely carries them on is never the one. */
  readonly deployment: number;
  /** Who that was: a stage's promotion, an abort, or somebody past this tool. */
  readonly by: string;
  /** What was said about it, for an abort or a lower. */
  readonly reason?: string | undefined;
}

export function liveReport(ledger: Ledger): LiveReport | undefined {
  const { live } = ledger;
  if (!live) return undefined;
  const origin = originOf(ledger) ?? live;
  return {
    flags: live.flags,
    since: live.completedAt,
    deployment: origin.deployment,
    by: showEntry(origin),
    reason: origin.note?.reason,
  };
}

/** Writes the report where somebody asked for one. The engine's own output says nothing of a blocked promotion. */
export function writeReport(report: RunReport, env: NodeJS.ProcessEnv = process.env): void {
  const file = env[REPORT_VARIABLE];
  if (file) writeFileSync(file, JSON.stringify(report));
}

/** Reads what `writeReport` wrote. Undefined where the run did not come so far. */
export async function readReport(file: string): Promise<RunReport | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as RunReport);
}
