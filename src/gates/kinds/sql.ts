import { z } from "zod";
import { counted } from "../../text/counted";
import { quoted, shell } from "../../text/markdown";
import { fromGoTime } from "../../text/moment";
import { psql } from "../byHand";
import { definition, NEEDS_DATABASE, PHASES, parameterised, text, timeout, window } from "../common";
import { expectation, judgeValue, showExpectation } from "../expectation";
import { kindOfGate, lacking } from "../kind";
import { extentOfQuery, statedExtent } from "../reach";
import { atMost, expected, lookback, proof } from "../strength";
import { tooFew } from "../verdict";
import { missedWindow, namesWindow, showLength, showWindow, windowErrors } from "../window";

const values = z
  .array(z.union([z.string().overwrite(fromGoTime), z.number(), z.boolean()]))
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
    minSamples: z
      .int()
      .min(1)
      .optional()
      .describe(
        "Fewer samples than this are inconclusive: zero faults in zero cases says nothing. Needs `samplesFrom`.",
      ),
    samplesFrom: z
      .strictObject({ query: text.min(1), values })
      .optional()
      .meta({
        description:
          "The query whose one value is the number of samples: what `query` would count if all of it were bad. Asked in the same transaction. Needs `minSamples`.",
        examples: [{ query: "select count(*) from custody_transitions" }],
      }),
    rowSecurity: z
      .strictObject({ intended: text.min(10).max(300).describe("Why the gate role's own rows are enough.") })
      .optional()
      .meta({
        description:
          "For a table under row-level security, where the gate is to count only the rows that the gate role may see. Without it such a query is an error, never an answer of fewer rows.",
        examples: [{ intended: "The policy shows the gate role this workspace, and no other is moved" }],
      }),
    timeout: timeout("5s", "How long the statement may run before the gate counts as inconclusive."),
    prove: z
      .strictObject({ query: text.min(1), values })
      .optional()
      .describe("A query whose value must fail `expect`: shows that the gate can fail (`cutover prove`)."),
  })
    .refine((gate) => (gate.minSamples === undefined) === (gate.samplesFrom === undefined), {
      message: "`minSamples` and `samplesFrom` together, or neither of them",
    })
    .describe("A value read from the database."),
  sees: z.strictObject({
    kind: z.literal("value"),
    // JSON has no NaN or Infinity, and a value of another type must reach the judge as it is, to be refused there.
    value: z.unknown(),
    /** How many cases it is about, where the gate asks. */
    samples: z.number().nonnegative().optional(),
    /** What the query looked at, where it looks at a window. */
    window: z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime() }).optional(),
  }),
  phases: PHASES,
  inNetwork: true,
  query: (definition) => definition,
  queries: ({ query, values, expect, samplesFrom, rowSecurity, prove }) => {
    const filtered = rowSecurity !== undefined;
    return [
      { path: ["query"], query, values, expect, filtered, decides: true },
      ...(samplesFrom ? [{ path: ["samplesFrom", "query"], ...samplesFrom, filtered, decides: true }] : []),
      ...(prove ? [{ path: ["prove", "query"], ...prove, filtered }] : []),
    ];
  },
  extents: ({ query, expect }) => [extentOfQuery(query), statedExtent(expect)],
  // One that names no window is asked without, and so without the samples in it.
  probe: (definition) =>
    definition.prove && {
      ...definition,
      ...(namesWindow(definition.prove.values)
        ? {}
        : { window: undefined, minSamples: undefined, samplesFrom: undefined }),
      ...definition.prove,
    },
  fill: (definition, fill) => {
    const { values, samplesFrom, prove } = definition;
    return {
      ...definition,
      values: values.map(fill),
      ...(samplesFrom ? { samplesFrom: { ...samplesFrom, values: samplesFrom.values.map(fill) } } : {}),
      ...(prove ? { prove: { ...prove, values: prove.values.map(fill) } } : {}),
    };
  },
  fieldErrors: (definition, { rollout }) => [
    ...lacking(rollout.database !== undefined, NEEDS_DATABASE),
    ...windowErrors(definition),
    ...(definition.window === undefined && definition.samplesFrom
      ? windowErrors(definition.samplesFrom).map((error) => ({
          ...error,
          path: ["samplesFrom", ...error.path],
        }))
      : []),
  ],
  strength: { window: lookback(() => false), expect: expected, timeout: atMost("may take"), prove: proof },
  required: ({ definition: { expect, window, minSamples, rowSecurity } }) =>
    [
      `${showExpectation(expect)}${window === undefined ? "" : ` over ${showWindow(window)}`}`,
      ...(minSamples === undefined ? [] : [`≥ ${counted(minSamples, "sample")}`]),
      ...(rowSecurity ? ["of the rows that the gate role may see"] : []),
    ].join(", "),
  measured: ({ query, values, window, samplesFrom, rowSecurity }, hand) => ({
    how: [
      "one value from the database",
      ...(samplesFrom ? ["samples are counted by a second query"] : []),
      ...(rowSecurity
        ? [`the gate role sees its own rows only, as intended: ${quoted(rowSecurity.intended)}`]
        : []),
    ].join("; "),
    run: shell([
      psql({ query, values, window }, hand),
      ...(samplesFrom ? [psql({ ...samplesFrom, window }, hand)] : []),
    ]),
  }),
  misses: ({ definition: { window } }, seen, scope) =>
    window === undefined ? undefined : missedWindow(window, seen.window, scope),
  judge({ definition: { expect, minSamples } }, { value, samples, window }, { timeScale }) {
    const over = [
      ...(window ? [`over ${showLength(window, timeScale)}`] : []),
      ...(minSamples === undefined ? [] : [`${samples ?? "no"} samples`]),
    ].join(", ");
    if (minSamples !== undefined && !((samples ?? 0) >= minSamples)) return tooFew(over, minSamples);
    const found = judgeValue(expect, value);
    return over === "" ? found : { ...found, observed: `${found.observed} ${over}` };
  },
});

export type SqlGate = z.infer<typeof sql.schema>;
