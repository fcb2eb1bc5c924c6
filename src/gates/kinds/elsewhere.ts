import { z } from "zod";
import { quoted as code, shell } from "../../text/markdown";
import { tellWhere } from "../../text/problem";
import { definition, PHASES, timeout } from "../common";
import { oneQuestion, questionShape, showQuestion, sourceErrors, told } from "../elsewhere/question";
import { elsewhereByHand } from "../elsewhere/typed";
import { expectation, judgeValue, showExpectation } from "../expectation";
import { kindOfGate } from "../kind";
import { answerErrors, statedExtent, typeErrors } from "../reach";
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
    ...(gate.promql === undefined
      ? answerErrors(gate.expect, gate.value ?? "")
      : typeErrors(gate.expect, "a number", "what a query of Prometheus yields")),
    ...tellWhere(gate.expect.ne === "", {
      path: ["expect"],
      what: "can never fail: text that is empty is no value",
      remedy: "Write the text that is there where something is wrong",
    }),
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

export type ElsewhereGate = z.infer<typeof elsewhere.schema>;
