import type { Proof } from "../../src/promotion/prove";
import { code, text } from "../../src/text/markdown";
import { SAYS_LITTLE } from "../proofs";

const SIGNS = { broken: "⛔", unknown: "❓" } as const;

/** A gate that was not seen to fail on what is known to be bad. */
export type UnprovenView = Pick<Proof, "gate" | "observed"> & {
  readonly outcome: "broken" | "unknown" | "unproven";
};

/** The gates whose pass says less than it seems to; undefined where nothing was tried, or each was seen to fail. */
export function unprovenOf(proofs: readonly Proof[] = []): UnprovenView[] | undefined {
  const found = proofs.flatMap(({ gate, outcome, observed }) =>
    outcome === "proven" || outcome === "no-probe" ? [] : [{ gate, outcome, observed }],
  );
  return found.length > 0 ? found : undefined;
}

/** The same as lines of the comment, below its gates. */
export function unprovenLines(unproven: readonly UnprovenView[] = []): string[] {
  const of = (outcome: UnprovenView["outcome"]) => unproven.filter((one) => one.outcome === outcome);
  const without = of("unproven").map(({ gate }) => code(gate));
  const lines = [
    ...(["broken", "unknown"] as const).flatMap((outcome) =>
      of(outcome).map(
        ({ gate, observed }) =>
          `- ${SIGNS[outcome]} ${code(gate)} ${SAYS_LITTLE[outcome]}: ${text(observed)}`,
      ),
    ),
    ...(without.length > 0
      ? [`- ❓ Never seen to fail, for want of a ${code("prove")}: ${without.join(", ")}`]
      : []),
  ];
  return lines.length > 0 ? ["", ...lines] : [];
}
