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
  const idWidth = Math.max(8, ...verdicts.map((verdict) => verdict.gate.length + 2));
  const widths = [idWidth, 14, 30, 34, 24, 34];
  const table = new Table({
    head: ["gate", "verdict", "title", "observed", "required", "what to do"],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    colWidths: widths,
  });
  const open = verdicts.filter((verdict) => verdict.outcome !== "pass");
  const passed = verdicts.filter((verdict) => verdict.outcome === "pass");
  for (const verdict of [...open, ...passed]) {
    const remedy = verdict.earliest ? `${verdict.remedy}: ${showTime(verdict.earliest)}` : verdict.remedy;
    const { gate, outcome, title, observed, required } = verdict;
    const row = [gate, outcome.toUpperCase(), title, observed, required, remedy];
    table.push(row.map((text, column) => breakWords(text, (widths[column] ?? 0) - 2)));
  }
  return table.toString();
}

/** Breaks words that are longer than a column (URLs, mostly), which the table would cut off otherwise. */
function breakWords(text: string, width: number): string {
  return text.replace(new RegExp(`\\S{${width}}(?=\\S)`, "g"), "$&\n");
}
