import type { Verdict } from "../src/gates/judge";
import type { Proof } from "../src/promotion/prove";
import { type GateRow, showGates } from "../src/promotion/show";

/** What needs somebody comes first. */
const ORDER = ["broken", "unknown", "unproven", "proven"] as const;

const WORDS = {
  broken: ["BROKEN", "passes"],
  unknown: ["UNKNOWN", "saw"],
  unproven: ["UNPROVEN", ""],
  proven: ["PROVEN", ""],
} as const;

const of = (proofs: readonly Proof[], outcome: Proof["outcome"]) =>
  proofs.filter((proof) => proof.outcome === outcome);
const ids = (proofs: readonly Proof[]) => proofs.map(({ gate }) => gate).join(", ");

/** How gates came out that were tried on what is bad, as lines: each of them, and what is to do. */
export function showProofs(proofs: readonly Proof[]): string[] {
  const rows = ORDER.flatMap((outcome) =>
    of(proofs, outcome).map(({ gate, title, observed }): GateRow => {
      const [word, label] = WORDS[outcome];
      return { gate, word, title, facts: [[label, observed]] };
    }),
  );
  const without = of(proofs, "no-probe");
  return [
    ...(rows.length > 0 ? [showGates(rows)] : []),
    ...(without.length > 0 ? [`Nothing bad can be tried on ${ids(without)}.`] : []),
    ...toDo(proofs),
    `${of(proofs, "proven").length} of ${rows.length} were seen to fail on what is bad; ${of(proofs, "broken").length} let it pass, ${of(proofs, "unknown").length} could not be tried.`,
  ];
}

/** What is said of a gate whose pass says less than it seems to, behind its id and before what was seen. */
export const SAYS_LITTLE = {
  broken: "lets pass what is known to be bad",
  unknown: "could not be tried on what is bad",
} as const;

/**
 * The same in short, beside something else: only what is not proven, and nothing where all is. Of a gate that does not
 * pass, its verdict says what helps, and nobody asks yet what its pass would say.
 */
export function showUnproven(
  proofs: readonly Proof[],
  verdicts: readonly Pick<Verdict, "gate" | "outcome">[],
): string[] {
  const passing = verdicts.flatMap(({ gate, outcome }) => (outcome === "pass" ? [gate] : []));
  const told = proofs.filter(({ gate, outcome }) => outcome === "broken" || passing.includes(gate));
  return [
    ...(["broken", "unknown"] as const).flatMap((outcome) =>
      of(told, outcome).map(({ gate, observed }) => `${gate} ${SAYS_LITTLE[outcome]}: ${observed}.`),
    ),
    ...toDo(told),
  ];
}

/** A missing prove is written; one that could not be tried is there, and another one would not help. */
function toDo(proofs: readonly Proof[]): string[] {
  const [unproven, unknown, broken] = [of(proofs, "unproven"), of(proofs, "unknown"), of(proofs, "broken")];
  return [
    ...(broken.length > 0 ? [`Correct ${ids(broken)}, or let prove: name what is bad for certain.`] : []),
    ...(unknown.length > 0
      ? [
          `See to it that what prove: of ${ids(unknown)} names answers, with as many samples as the gate wants.`,
        ]
      : []),
    ...(unproven.length > 0 ? [`Add prove: to ${ids(unproven)}, with what must fail.`] : []),
  ];
}
