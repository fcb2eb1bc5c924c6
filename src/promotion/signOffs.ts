import { type Gate, kindOf } from "../gates/gate";
import type { Verdict } from "../gates/judge";

/** A person's statement that the promotion still waits for. */
export interface MissingSignOff {
  readonly gate: string;
  readonly title: string;
  /** What is wrong with the one that is there, or that there is none. */
  readonly why: string;
  readonly remedy: string;
}

/** The sign-offs that are not there, or do not count. */
export function missingSignOffs(gates: readonly Gate[], verdicts: readonly Verdict[]): MissingSignOff[] {
  return gates.flatMap((gate): MissingSignOff[] => {
    if (!kindOf(gate.definition).byPerson) return [];
    const verdict = verdicts.find((one) => one.gate === gate.id);
    if (verdict?.outcome === "pass") return [];
    return [
      {
        gate: gate.id,
        title: gate.definition.title,
        why: verdict?.observed ?? "not looked at",
        remedy: verdict?.remedy ?? "",
      },
    ];
  });
}

/**
 * What to paste into a stage's file. It counts for nothing as it stands: who, when and what are for people to
 * fill in, and an empty one is refused.
 */
export function signOffYaml(
  stage: string,
  attempt: number,
  gates: readonly string[],
  liveSince: string,
): string[] {
  return [
    `# Pulumi.${stage}.yaml`,
    "config:",
    "  cutover:stage:",
    "    signOffs:",
    ...gates.flatMap((gate) => [
      `      ${/^[A-Za-z][A-Za-z0-9_-]*$/.test(gate) ? gate : JSON.stringify(gate)}:`,
      '        by: "" # who states it',
      `        at: "" # when, such as 2026-11-21T10:00:00Z, after ${liveSince}`,
      '        statement: "" # what is stated',
      `        attempt: ${attempt}`,
    ]),
  ];
}
