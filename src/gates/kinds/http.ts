import { z } from "zod";
import { dotted } from "../../text/dotted";
import { milliseconds, showDuration } from "../../text/duration";
import { quoted as code, shell } from "../../text/markdown";
import { turnedAwayBy } from "../answer";
import { curl } from "../byHand";
import { definition, NEEDS_SERVICE, PHASES, timeout, within, withinBusy, writes } from "../common";
import { expectation, judgeValue, showExpectation } from "../expectation";
import { kindOfGate, lacking } from "../kind";
import { bodyless, filledRequest, probeWrites, request, unsaidWrites, unsent } from "../request";
import { atMost, expected, inParts, proof } from "../strength";
import { fail, pass } from "../verdict";

/** One request, and what must be true of its answer. */
export const http = kindOfGate({
  schema: definition("http", {
    request,
    writes,
    status: z.int().min(100).max(599).default(200).describe("The status that the answer must have."),
    value: dotted
      .min(1)
      .optional()
      .meta({
        description:
          "Where in the answer's JSON the value stands: keys joined by dots, such as data.counts.total. For JMESPath take `source: requests`. Needs `expect`.",
        examples: ["data.counts.total"],
      }),
    expect: expectation.optional(),
    within,
    timeout: timeout("10s"),
    prove: z
      .strictObject({ request })
      .optional()
      .describe("A request whose answer must fail the gate: shows that the gate can fail."),
  })
    .refine((gate) => (gate.value === undefined) === (gate.expect === undefined), {
      message: "`value` and `expect` together, or neither of them",
    })
    .describe("One request to the service."),
  sees: z.strictObject({
    kind: z.literal("answer"),
    status: z.number().int(),
    /** Until the answer was complete. */
    ms: z.number().nonnegative(),
    value: z.unknown().optional(),
  }),
  phases: PHASES,
  inNetwork: true,
  // A probe is no act: it has to show that the gate can fail without changing anything.
  probe: (definition) => definition.prove && { ...definition, ...definition.prove, writes: undefined },
  writes: ({ writes }) => writes === true,
  elsewhere: ({ request, prove }) => [request, prove?.request].flatMap((one) => one?.url ?? []),
  onBusyMachine: withinBusy,
  roles: ({ request }) => (request.as === undefined ? [] : [request.as]),
  fill: (definition, fill) => ({
    ...definition,
    request: filledRequest(definition.request, fill),
    ...(definition.prove ? { prove: { request: filledRequest(definition.prove.request, fill) } } : {}),
  }),
  fieldErrors: ({ request, status, value, writes, prove }, { rollout }) => [
    ...lacking(rollout.service !== undefined, NEEDS_SERVICE),
    ...unsaidWrites(request, writes, ["request"]),
    ...unsent(request, ["request"]),
    ...bodyless(request, [status], { value }, []),
    ...probeWrites(prove),
  ],
  strength: {
    request: inParts("request"),
    expect: expected,
    within: atMost("must answer in"),
    timeout: atMost("may take"),
    prove: proof,
  },
  required({ definition: { status, value, expect, within } }) {
    const demanded = expect ? `, ${value} ${showExpectation(expect)}` : "";
    return `status ${status}${demanded}${within ? `, in < ${within}` : ""}`;
  },
  measured: ({ request, value }, { service }) => ({
    how: `${code(`${request.method} ${request.url ?? ""}${request.path}`)}${request.as === undefined ? "" : ` as ${code(request.as)}`}`,
    ...(service ? { run: shell([curl(service.url, request, value)]) } : {}),
  }),
  turnedAway: ({ definition: { request } }, { status }) => {
    const why = turnedAwayBy(status, request.as);
    return why && `${request.path} ${why}`;
  },
  judge({ definition }, seen) {
    const took = `${seen.status} in ${showDuration(seen.ms)}`;
    if (seen.status !== definition.status) return fail(took, "Look at the service's log for this request");
    if (definition.within !== undefined && !(seen.ms < milliseconds(definition.within)))
      return fail(took, "Find out why the answer is slow");
    if (!definition.expect) return pass(took);
    const found = judgeValue(definition.expect, seen.value);
    return { ...found, observed: `${found.observed} (${took})` };
  },
});

export type HttpGate = z.infer<typeof http.schema>;
