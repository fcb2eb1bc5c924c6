import { z } from "zod";
import { turnedAwayBy } from "../answer";
import {
  definition,
  NEEDS_DATABASE,
  NEEDS_SERVICE,
  onlyReads,
  PHASES,
  parameterised,
  text,
  timeout,
  withinBusy,
  writes,
} from "../common";
import { type FieldError, kindOfGate, lacking } from "../kind";
import { placeholders } from "../placeholders";
import { answerErrors } from "../reach";
import { bodyless, filledRequest, probeWrites, request, unsaidWrites, unsent } from "../request";
import { atMost, inParts, type Order, proof } from "../strength";
import { pass } from "../verdict";
import { headerErrors } from "./requests.headers";
import { shellLines } from "./requests.shell";
import {
  answer,
  demands,
  filledStep,
  judgeStep,
  MOST_STEPS,
  mapped,
  namesRun,
  RUN,
  STEP,
  type Step,
  statusesOf,
  step,
  takenName,
  withoutRequest,
} from "./requests.step";

/** Several requests, one after the other, as a person would type them. */
export const requests = kindOfGate({
  schema: definition("requests", {
    known: z
      .record(
        takenName,
        z.strictObject({
          query: text.min(1),
          values: z.array(z.union([z.string(), z.number(), z.boolean()])).default([]),
        }),
      )
      .optional()
      .meta({
        description: `Values that the steps hold answers against, as \`{name}\`: each the one value of a read-only query. ${parameterised}`,
        examples: [{ known: { query: "select count(*) from patches" } }],
      }),
    steps: z
      .array(step)
      .min(1)
      .max(MOST_STEPS)
      .describe(
        "The requests, in their order. The first one that does not hold is the last one that is sent. `{run}` is a number that is another one each time (seconds since 1970), for what must be new.",
      ),
    writes,
    timeout: timeout("30s", "For all steps together. After this the gate is inconclusive."),
    prove: z
      .strictObject({ request })
      .optional()
      .describe(
        "A request whose answer must fail the gate, sent in place of the last step's: shows that the gate can fail.",
      ),
  }).describe("Several requests to the service, with values taken from one answer into the next."),
  sees: z.strictObject({ kind: z.literal("answers"), answers: z.array(answer) }),
  phases: PHASES,
  inNetwork: true,
  // A probe is no act: it has to show that the gate can fail without changing anything.
  probe: ({ prove, ...definition }) =>
    prove && {
      ...definition,
      prove,
      writes: undefined,
      steps: definition.steps.map((one, index) =>
        index === definition.steps.length - 1 ? { ...withoutRequest(one), ...prove.request } : one,
      ),
    },
  neverProbed: ({ steps }) =>
    writesEarly(steps) ? "a step before its last one changes something" : undefined,
  writes: ({ writes }) => writes === true,
  onBusyMachine: (definition, ms) => ({
    ...definition,
    steps: definition.steps.map((one) => withinBusy(one, ms)),
  }),
  elsewhere: ({ steps, prove }) => [...steps, prove?.request].flatMap((one) => one?.url ?? []),
  roles: ({ steps }) => steps.flatMap(({ as }) => as ?? []),
  queries: ({ known }) =>
    Object.entries(known ?? {}).map(([name, asked]) => ({ path: ["known", name, "query"], ...asked })),
  takes,
  fill: (definition, fill) => ({
    ...definition,
    ...(definition.known
      ? { known: mapped(definition.known, (one) => ({ ...one, values: one.values.map(fill) })) }
      : {}),
    steps: definition.steps.map((one) => filledStep(one, fill)),
    ...(definition.prove ? { prove: { request: filledRequest(definition.prove.request, fill) } } : {}),
  }),
  fieldErrors: (definition, { rollout }, filled) => {
    const { known, steps, writes, prove } = definition;
    return [
      ...lacking(rollout.service !== undefined, NEEDS_SERVICE),
      ...lacking(known === undefined || rollout.database !== undefined, NEEDS_DATABASE),
      ...steps.flatMap((one, index) =>
        stepErrors(one, filled?.steps[index], writes).map((error) => ({
          ...error,
          path: ["steps", String(index), ...error.path],
        })),
      ),
      ...probeWrites(prove),
      ...(prove && writesEarly(steps) ? [PROBE_AFTER_WRITES] : []),
      ...nameErrors(definition, Object.keys(rollout.parameters ?? {})),
    ];
  },
  strength: {
    steps: inParts("steps", numbered(stepOrder)),
    timeout: atMost("may take"),
    prove: proof,
  },
  required: ({ definition: { steps } }) =>
    steps.length === 1 && steps[0]
      ? demands(steps[0])
      : steps.map((one, index) => `${index + 1}. ${demands(one)}`).join("; "),
  measured: (definition, hand) => ({
    how: `${definition.steps.length === 1 ? "one request" : `${definition.steps.length} requests`}${definition.writes ? ", which change something in the app" : ""}, by hand:`,
    ...(hand.service ? { run: shellLines(definition, hand.service, hand) } : {}),
  }),
  turnedAway: ({ definition: { steps } }, { answers }) => {
    // The first step that does not hold is the last one that is sent.
    const [asked, answer] = [steps[answers.length - 1], answers.at(-1)];
    const why = answer && turnedAwayBy(answer.status, asked?.as);
    return why && `${asked?.path} ${why}`;
  },
  judge({ definition: { steps } }, { answers }, context) {
    const found = steps.map((one, index) => judgeStep(one, answers[index], context));
    const at = found.findIndex(({ outcome }) => outcome !== "pass");
    const [failing, failed] = [found[at], steps[at]];
    if (failing && failed) return { ...failing, observed: `${nameOf(steps, at)}${failing.observed}` };
    return pass(found.map(({ observed }) => observed).join("; "));
  },
});

export type RequestsGate = z.infer<typeof requests.schema>;

/** Which step a sentence is about. */
function nameOf(steps: readonly Step[], at: number): string {
  const one = steps[at];
  if (steps.length === 1 || !one) return "";
  return `${at + 1}. ${one.method} ${one.path}${one.as === undefined ? "" : ` as ${one.as}`}: `;
}

/** The names of the values that the gate takes itself. */
function takes({ known, steps }: { readonly known?: object | undefined; readonly steps: readonly Step[] }) {
  return [
    ...(namesRun(steps) ? [RUN] : []),
    ...Object.keys(known ?? {}),
    ...steps.flatMap(({ take }) => Object.keys(take ?? {})),
  ];
}

/** What keeps one step from being sent, or its answer from ever holding. */
const stepErrors = (one: Step, filled: Step | undefined, writes: boolean | undefined): FieldError[] => [
  ...unsaidWrites(one, writes, []),
  ...unsent(one, []),
  ...bodyless(one, statusesOf(one), { value: one.value, take: one.take }, []),
  ...(one.expect ? answerErrors(one.expect, one.value ?? "") : []),
  ...headerErrors(one.headers, filled?.headers),
];

/** Names that mean two things, and values that are used before they are there. */
function nameErrors(
  { known, steps }: { readonly known?: object | undefined; readonly steps: readonly Step[] },
  parameters: readonly string[],
): FieldError[] {
  const own = takes({ known, steps });
  const there = new Set([RUN, ...Object.keys(known ?? {})]);
  const twice = own.filter((name, index) => parameters.includes(name) || own.indexOf(name) !== index);
  const early = steps.flatMap((one, index) => {
    const named: string[] = [];
    filledStep({ ...one }, (value) => {
      named.push(...placeholders(String(value)));
      return value;
    });
    const errors = named
      .filter((name) => own.includes(name) && !there.has(name) && !parameters.includes(name))
      .map((name) => ({
        path: ["steps", String(index)],
        what: `names {${name}}, which no step before it takes`,
        remedy: "Take it from an earlier answer, or move the step",
      }));
    for (const name of Object.keys(one.take ?? {})) there.add(name);
    return errors;
  });
  return [
    ...[...new Set(twice)].map((name) => ({
      path: ["steps"],
      what: `takes {${name}}, which is the name of another value already`,
      remedy: "Choose another name",
    })),
    ...early,
  ];
}

/** A probe asks what its gate asks, but for the last step: it would change what these change. */
function writesEarly(steps: readonly Step[]): boolean {
  return steps.slice(0, -1).some(({ method }) => !onlyReads(method));
}

const PROBE_AFTER_WRITES: FieldError = {
  path: ["prove"],
  what: "comes after steps that change something, and a probe only looks",
  remedy: "Take prove out, or make a gate of its own of what only reads",
};

/** Says which step it is about. */
function stepOrder(index: number): Order {
  const name = `step ${index + 1}`;
  const order = inParts(name, STEP);
  return (was, now, pair) => {
    const change = order(was, now, pair);
    if (!change || was === undefined || now === undefined) return change;
    return { ...change, words: `in ${name} ${change.words}` };
  };
}

function numbered(order: (index: number) => Order): Record<string, Order> {
  return Object.fromEntries(Array.from({ length: MOST_STEPS }, (_, index) => [String(index), order(index)]));
}
