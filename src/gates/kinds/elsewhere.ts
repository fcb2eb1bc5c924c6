import { z } from "zod";
import { quoted as code, shell } from "../../text/markdown";
import { definition, PHASES, timeout } from "../common";
import {
  oneQuestion,
  type Question,
  questionShape,
  showQuestion,
  sourceErrors,
  told,
} from "../elsewhere/question";
import { elsewhereByHand } from "../elsewhere/typed";
import { compare, type Expectation, expectation, judgeValue, showExpectation } from "../expectation";
import { isYesOrNo } from "../jmespath";
import { type FieldError, kindOfGate } from "../kind";
import { statedExtent } from "../reach";
import { another, atMost, expected, proof } from "../strength";
import { inconclusive } from "../verdict";

const { from: _, ...asked } = questionShape;

/** One value that somebody else's service tells, such as a monitoring system's. */
export const elsewhere = kindOfGate({
  schema: definition("elsewhere", {
    ...questionShape,
    expect: expectation,
    timeout: timeout("10s"),
    prove: z
      .strictObject(asked)
      .optional()
      .describe(
        "What is asked of the same source instead, whose value must fail `expect`: shows that the gate can fail.",
      ),
  })
    .refine(oneQuestion.test, oneQuestion.message)
    .describe("A value that a named source tells: a query of Prometheus, or a place in any answer's JSON."),
  sees: told,
  phases: PHASES,
  inNetwork: true,
  asksSource: ({ from }) => from,
  extents: ({ expect }) => [statedExtent(expect)],
  probe: ({ prove, path, value, promql: __, ...rest }) =>
    prove && { ...rest, ...(prove.promql === undefined ? { path, value } : {}), ...prove },
  fieldErrors: (gate, { rollout }) => [
    ...sourceErrors(gate, rollout),
    ...typeErrors(gate),
    ...sourceErrors({ from: gate.from, path: gate.prove?.path }, rollout)
      .filter(({ path }) => path[0] === "path")
      .map((error) => ({ ...error, path: ["prove", ...error.path] })),
    ...(gate.prove &&
    !oneQuestion.test({ path: gate.path, value: gate.value, ...gate.prove, from: gate.from })
      ? [{ path: ["prove"], what: "asks nothing", remedy: `Write ${oneQuestion.message}` }]
      : []),
  ],
  strength: {
    from: another("source"),
    expect: expected,
    timeout: atMost("may take"),
    prove: proof,
  },
  required: ({ definition: gate }) => `${showQuestion(gate)} ${showExpectation(gate.expect)}`,
  measured: (gate, { sources = {} }) => ({
    how: `${code(showQuestion(gate))}, asked there`,
    run: shell(elsewhereByHand(gate, sources[gate.from])),
  }),
  judge({ definition: { expect } }, { value, warnings = [], infos = [] }) {
    const found = judgeValue(expect, value);
    const says = [
      ...(warnings.length === 0 ? [] : [`it warns: ${warnings.join("; ")}`]),
      ...(infos.length === 0 ? [] : [`it says: ${infos.join("; ")}`]),
    ];
    const observed = [found.observed, ...says].join("; ");
    // An answer that its source does not stand by may be of a part alone.
    return warnings.length > 0 && found.outcome === "pass"
      ? inconclusive(observed, "Mend what the source warns of, or ask for something else")
      : { ...found, observed };
  },
});

/** What keeps a value from ever meeting what is expected, or from ever missing it, by what type alone it has. */
function typeErrors({
  promql,
  value = "",
  expect,
}: Pick<Question, "promql" | "value"> & {
  readonly expect: Expectation;
}): FieldError[] {
  const equals = [expect.eq, expect.ne].filter((one) => one !== undefined);
  const error = (how: string, why: string, remedy: string) => [
    { path: ["expect"], what: `can never ${how}: ${why}`, remedy },
  ];
  if (promql !== undefined)
    return equals.every((one) => typeof one === "number")
      ? []
      : error("hold", "a query of Prometheus yields a number", "Write a number, such as { eq: 1 }");
  if (equals.includes(""))
    return error(
      expect.eq === "" ? "hold" : "fail",
      "text that is empty is no value",
      "Write the text that is there where all is well",
    );
  return !isYesOrNo(value) || [true, false].some((one) => compare(expect, one).kind === "met")
    ? []
    : error("hold", `${value} is true or false`, "Write { eq: true }, or { eq: false }");
}

export type ElsewhereGate = z.infer<typeof elsewhere.schema>;
