import Table from "cli-table3";
import wrapAnsi from "wrap-ansi";
import { type Flags, showFlags } from "../flags/flags";
import { showTime, type Verdict } from "../gates/judge";
import { passing } from "../text/counted";
import { plainLine } from "../text/text";
import type { Judgement } from "./admit";

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
    `${subject.rollout} ${subject.stage}, attempt ${subject.attempt}, is not promoted: ${passing(passed, judgement.verdicts.length, "gate")}.`,
    `Flags stay: ${showFlags(subject.from)}.`,
    `Asked for:  ${showFlags(subject.to)}.`,
    ...judgement.problems.map((problem) => `! ${problem}.`),
    showVerdicts(judgement.verdicts),
    judgement.earliest ? `Earliest promotion: ${showTime(judgement.earliest)}` : "",
  ]
    .filter((line) => line !== "")
    .join("\n");
}

/** The engine indents what it prints by ten columns: the rest of 80. */
const WIDTH = 70;

/** One gate of a table: a word on it, and lines that say more. */
export interface GateRow {
  readonly gate: string;
  readonly word: string;
  /** What must hold. */
  readonly title: string;
  /** What else there is to say, each with what it is. Empty ones are left out. */
  readonly facts: readonly (readonly [label: string, text: string])[];
}

/** The gate table, those that are not a pass first. */
export function showVerdicts(verdicts: readonly Verdict[]): string {
  const open = verdicts.filter((verdict) => verdict.outcome !== "pass");
  const passed = verdicts.filter((verdict) => verdict.outcome === "pass");
  return showGates([
    ...open.map(({ gate, outcome, title, observed, required, remedy, earliest }) => ({
      gate,
      word: outcome.toUpperCase(),
      title,
      facts: [
        ["observed", observed],
        ["required", required],
        ["to do", earliest ? `${remedy}: ${showTime(earliest)}` : remedy],
      ] as const,
    })),
    ...passed.map(({ gate, title, observed, required }) => ({
      gate,
      word: "PASS",
      title,
      facts: [["", `${observed}; required ${required}`]] as const,
    })),
  ]);
}

/** A table that a terminal of 80 columns shows, also within what the engine prints. */
export function showGates(rows: readonly GateRow[]): string {
  const idWidth = Math.max(6, ...rows.map(({ gate }) => gate.length + 2));
  const wordWidth = Math.max(9, ...rows.map(({ word }) => word.length + 2));
  const textWidth = WIDTH - idWidth - wordWidth - 4;
  const table = new Table({
    head: ["gate", "verdict", "what must hold"],
    style: { head: [], border: [], compact: true },
    colWidths: [idWidth, wordWidth, textWidth],
  });
  const labelWidth = 10;
  for (const { gate, word, title, facts } of rows) {
    const text = [
      ...wrap(title, textWidth - 2),
      ...facts
        .filter(([, fact]) => fact !== "")
        .flatMap(([label, fact]) =>
          label === ""
            ? wrap(fact, textWidth - 4).map((line) => `  ${line}`)
            : wrap(fact, textWidth - 4 - labelWidth).map(
                (line, index) => `  ${(index === 0 ? label : "").padEnd(labelWidth)}${line}`,
              ),
        ),
    ];
    table.push([gate, word, text.join("\n")]);
  }
  return table.toString();
}

/** Lines of at most `width` columns; a word that is longer (a URL, mostly) is broken, and never cut off. */
function wrap(text: string, width: number): string[] {
  return wrapAnsi(plainLine(text), width, { hard: true }).split("\n");
}
