import { z } from "zod";
import { ofStage } from "../../text/command";
import { milliseconds, showDuration, someTime } from "../../text/duration";
import { shell } from "../../text/markdown";
import { definition, maxAge } from "../common";
import { kindOfGate, lacking } from "../kind";
import { type Promised, shortestOf } from "../promise";
import { atMost } from "../strength";
import { CLOCK_SKEW_MS, fail, inconclusive, pass } from "../verdict";

/** The newest stage of a line with an abort path: its switch is the one that brings down what is live. */
function pathOf<T extends { readonly abort: object }>(line: readonly T[]): T | undefined {
  return line.findLast(({ abort }) => Object.keys(abort).length > 0);
}

/** Where neither the gate nor a row says a time. Source: R1 to R3 of the cutover's plan. */
const WITHIN = "120s";

/** The strictest of the gate's own time and of what a row promises, and that row's id. */
function limitOf(gate: {
  readonly definition: { readonly within?: string | undefined };
  readonly drill?: { readonly promised?: Promised | undefined } | undefined;
}): { readonly within: string; readonly row?: string | undefined } {
  const { within } = gate.definition;
  const promised = gate.drill?.promised;
  if (!promised) return { within: within ?? WITHIN };
  if (within !== undefined && milliseconds(within) < milliseconds(promised.within)) return { within };
  return promised;
}

function showLimit(gate: Parameters<typeof limitOf>[0]): string {
  const { within, row } = limitOf(gate);
  return row === undefined ? within : `${within} (${row})`;
}

/** The abort path in force before the flip was tried, lately and fast enough. */
export const drill = kindOfGate({
  schema: definition("drill", {
    maxAge: maxAge("30d", "drill"),
    within: someTime.optional().meta({
      description:
        "How long it may have taken from the breaching data point to the completed deployment. Default: what the rows under `rollback:` promise that bring flags down, such as R1; 120s where none says a time. A row's shorter time counts all the same.",
      examples: ["120s"],
    }),
  }).describe(
    "The abort path in force was drilled (`cutover drill`), lately and fast enough: that of the live stage, or of the nearest one before it that declares abort rows. The soak goes on through a drill.",
  ),
  sees: z.strictObject({
    kind: z.literal("drill"),
    rollout: z.string(),
    stage: z.string(),
    deployment: z.number().int(),
    /** When its data point was published; absent where the alarm did not say. */
    breachAt: z.iso.datetime().optional(),
    completedAt: z.iso.datetime().optional(),
  }),
  /** The stage whose abort path it must have tried. */
  facts: {
    drill: z
      .strictObject({
        rollout: z.string(),
        stage: z.string(),
        /** What the rollout promises of such a rollback: the row, and its time. */
        promised: z.strictObject({ row: z.string(), within: z.string() }).optional(),
      })
      .optional(),
  },
  phases: ["entry"],
  free: true,
  undone: "Drill the abort path, then run pulumi up again",
  bind(_, { rollout, line }) {
    const drilled = pathOf(line);
    if (!drilled) return {};
    const promised = shortestOf({ ...drilled.rollback, ...rollout.rollback });
    const named = { rollout: rollout.name, stage: drilled.name };
    return { drill: { ...named, ...(promised ? { promised } : {}) } };
  },
  fieldErrors: (_, { line }) =>
    lacking(pathOf(line) !== undefined, {
      what: "needs an abort path to drill, and no stage before this one declares abort alarms",
      remedy: "Add abort: to a stage before this one, or take the gate out",
    }),
  strength: { maxAge: atMost("accepts an age of"), within: atMost("allows") },
  required: (gate) => `a drill of the abort path in < ${showLimit(gate)}, ≤ ${gate.definition.maxAge} ago`,
  measured: (_, { place }, { drill }) => ({
    how: "read from the ledger; a drill makes one, and its soak goes on",
    ...(drill ? { run: shell([ofStage(place, "drill", drill.stage)]) } : {}),
  }),
  judge(gate, seen, { now }) {
    const { definition, drill: wanted } = gate;
    if (!wanted)
      return inconclusive("there is no live stage to drill", "Measure again with this version of cutover");
    const again = `Drill again: ${ofStage(wanted, "drill", wanted.stage)}`;
    const which = `deployment ${seen.deployment}`;
    if (seen.rollout !== wanted.rollout || seen.stage !== wanted.stage)
      return fail(`${which} was a drill of ${seen.rollout} ${seen.stage}`, again);
    const ended = Date.parse(seen.completedAt ?? "");
    const age = now - ended;
    if (!(age >= -CLOCK_SKEW_MS))
      return inconclusive(`${which}: it is not known when it was completed`, again);
    const took = ended - Date.parse(seen.breachAt ?? "");
    if (!(took >= -CLOCK_SKEW_MS)) return inconclusive(`${which}: it is not known when it began`, again);
    const observed = `${showDuration(took)}, ${showDuration(age)} ago`;
    if (age > milliseconds(definition.maxAge)) return fail(observed, again);
    if (!(took < milliseconds(limitOf(gate).within)))
      return fail(
        observed,
        `Find out which part of the path is slow, as a drill tells of each: ${ofStage(wanted, "drill", wanted.stage)}`,
      );
    return pass(observed);
  },
});
