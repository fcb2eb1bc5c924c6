import Table from "cli-table3";
import { type Flags, showFlags } from "../model/flags";
import type { Judgement } from "./admit";
import { showTime, type Verdict } from "./judge";

/** What a report says a promotion is. */
interface Subject {
  readonly rollout: string;
  readonly stage: string;
  readonly attempt: number;
  readonly from: Flags;
  readonly to: Flags;
}

/**
 * Why a promotion is blocked: the flags it would change, what is wrong with the evidence, a table of every gate,
 * and the earliest time at which it could pass. Plain text: it goes through the engine's diagnostics.
 */
export function showJudgement(subject: Subject, judgement: Judgement): string {
  const passed = judgement.verdicts.filter((verdict) => verdict.outcome === "pass").length;
  return [
    `${subject.rollout} ${subject.stage}, attempt ${subject.attempt}, is not promoted: ${passed} of ${judgement.verdicts.length} gates pass.`,
    `Flags stay: ${showFlags(subject.from)}. Asked for: ${showFlags(subject.to)}.`,
    ...judgement.problems.map((problem) => `! ${problem}.`),
    showVerdicts(judgement.verdicts),
    judgement.earliest ? `Earliest promotion: ${showTime(judgement.earliest)}` : "",
  ]
    .filter((line) => line !== "")
    .join("\n");
}

/** The gate table, those that are not a pass first. */
export function showVerdicts(verdicts: readonly Verdict[]): string {
  const table = new Table({
    head: ["gate", "verdict", "title", "observed", "required", "what to do"],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    colWidths: [8, 14, 30, 34, 24, 34],
  });
  const open = verdicts.filter((verdict) => verdict.outcome !== "pass");
  const passed = verdicts.filter((verdict) => verdict.outcome === "pass");
  for (const verdict of [...open, ...passed]) {
    const remedy = verdict.earliest ? `${verdict.remedy}: ${showTime(verdict.earliest)}` : verdict.remedy;
    table.push([
      verdict.gate,
      verdict.outcome.toUpperCase(),
      verdict.title,
      verdict.observed,
      verdict.required,
      remedy,
    ]);
  }
  return table.toString();
}
