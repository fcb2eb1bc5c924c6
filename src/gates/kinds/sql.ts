import { z } from "zod";
import { duration } from "../../text/duration";
import { block, quoted } from "../../text/markdown";
import { definition, NEEDS_DATABASE, PHASES, parameterised, text, window } from "../common";
import { expectation, judgeValue, showExpectation } from "../expectation";
import { kindOfGate, lacking } from "../kind";
import { atMost, expected, lookback, proof } from "../strength";
import { missedWindow, showLength, showWindow, windowSlips } from "../window";

const values = z
  .array(z.union([z.string(), z.number(), z.boolean()]))
  .default([])
  .meta({
    description: `Values for $1, $2 … in the query. ${parameterised} \`{2h}\` is that length of time, as an interval.`,
    examples: [["{workspace}"]],
  });

/** One statement that yields one value. */
export const sql = kindOfGate({
  schema: definition("sql", {
    query: text.min(1).meta({
      description:
        "One SELECT that yields one row with one column. Runs in a read-only transaction as the gate role.",
      examples: ["select count(*) from patches where workspace_id = $1"],
    }),
    values,
    window: window.optional().meta({
      description:
        "How far back the query looks: a duration, or `soak`. Its ends are the values `{from}` and `{to}`, of type timestamptz.",
      examples: ["soak"],
    }),
    expect: expectation,
    timeout: duration.default("5s").meta({
      description: "How long the statement may run before the gate counts as inconclusive.",
      examples: ["5s"],
    }),
    prove: z
      .strictObject({ query: text.min(1), values })
      .optional()
      .describe("A query whose value must fail `expect`: shows that the gate can fail (`cutover prove`)."),
  }).describe("A value read from the database."),
  sees: z.strictObject({
    kind: z.literal("value"),
    // JSON has no NaN or Infinity, and a value of another type must reach the judge as it is, to be refused there.
    value: z.unknown(),
    /** What the query looked at, where it looks at a window. */
    window: z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime() }).optional(),
  }),
  phases: PHASES,
  query: (definition) => definition,
  probe: (definition) => definition.prove && { ...definition, ...definition.prove },
  fill: (definition, fill) => {
    const { values, prove } = definition;
    return {
      ...definition,
      values: values.map(fill),
      ...(prove ? { prove: { ...prove, values: prove.values.map(fill) } } : {}),
    };
  },
  slips: (definition, { rollout }) => [
    ...lacking(rollout.database !== undefined, NEEDS_DATABASE),
    ...windowSlips(definition),
  ],
  strength: { window: lookback(() => false), expect: expected, timeout: atMost("may take"), prove: proof },
  required: ({ definition: { expect, window } }) =>
    `${showExpectation(expect)}${window === undefined ? "" : ` over ${showWindow(window)}`}`,
  measured: ({ query, values }) => ({
    how: `one value from the database${given(values)}`,
    run: block("sql", query),
  }),
  misses: ({ definition: { window } }, seen, scope) =>
    window === undefined ? undefined : missedWindow(window, seen.window, scope),
  judge({ definition }, seen) {
    const found = judgeValue(definition.expect, seen.value);
    return seen.window ? { ...found, observed: `${found.observed} over ${showLength(seen.window)}` } : found;
  },
});

export type SqlGate = z.infer<typeof sql.schema>;

/** The values of a query's parameters, in Markdown. */
export function given(values: readonly (string | number | boolean)[]): string {
  return values.length === 0
    ? ""
    : `, with ${values.map((value, index) => `$${index + 1} = ${quoted(String(value))}`).join(", ")}`;
}
