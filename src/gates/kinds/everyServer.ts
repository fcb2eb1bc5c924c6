import { z } from "zod";
import { UNSIGNED } from "../../flags/servers";
import { pathBelow } from "../../text/address";
import { dotted } from "../../text/dotted";
import { quoted as code, shell } from "../../text/markdown";
import { secretFree } from "../../text/writtenOut";
import { serverLines } from "../byHand";
import { definition, PHASES, parameterised, timeout } from "../common";
import { lackingServers, listed, listedIn, notAllAsked } from "../everyServer";
import { expectation, judgeValue, retype, showExpectation } from "../expectation";
import { kindOfGate } from "../kind";
import { wellNamed } from "../placeholders";
import { atMost, expected } from "../strength";
import { pass } from "../verdict";

/** Every server by itself answers what is expected: not the load balancer, behind which an old one may hide. */
export const everyServer = kindOfGate({
  schema: definition("everyServer", {
    path: pathBelow
      .refine(...wellNamed)
      .refine(...secretFree(UNSIGNED))
      .meta({
        description: `What each server is asked for, with GET. ${parameterised}`,
        examples: ["/version"],
      }),
    value: dotted.min(1).meta({
      description: "Where in the answer's JSON the value stands: keys joined by dots, such as data.build.",
      examples: ["build"],
    }),
    expect: expectation,
    timeout: timeout("5s", "After this a server counts as one that does not answer."),
  }).describe("Every listed server, asked by itself, answers with what is expected."),
  sees: z.strictObject({
    kind: z.literal("everyServer"),
    servers: z.array(
      z.strictObject({ server: z.string(), value: z.unknown().optional(), error: z.string().optional() }),
    ),
  }),
  facts: {
    /** The servers that have to be asked. */
    each: listed.optional(),
  },
  phases: PHASES,
  inNetwork: true,
  awsActions: ["ecs:DescribeTasks", "ecs:ListTasks"],
  asksEach: true,
  bind: (_, { rollout: { servers } }) => (servers ? { each: listedIn(servers) } : {}),
  fill: (definition, fill) => ({ ...definition, path: String(fill(definition.path)) }),
  fieldErrors: (_, { rollout }) => lackingServers(rollout.servers),
  strength: { expect: expected, timeout: atMost("may take") },
  required: ({ definition: { value, expect } }) => `every server: ${value} ${showExpectation(expect)}`,
  measured: ({ path, value }, { servers }) => ({
    how: `every server is asked by itself for ${code(path)}`,
    run: shell(serverLines({ servers: servers && { ...servers, path, at: value } })),
  }),
  judge({ definition, each }, { servers }) {
    const unasked = notAllAsked(each, servers);
    if (unasked) return unasked;
    const found = servers.map(({ server, value, error }) => {
      const judged = judgeValue(definition.expect, value);
      const said = error ?? (value === undefined ? `nothing at ${definition.value}` : judged.observed);
      // One that does not answer may be the old one.
      return {
        value,
        outcome: error === undefined ? judged.outcome : ("inconclusive" as const),
        said: `${server}: ${said}`,
      };
    });
    const odd = found.filter(({ outcome }) => outcome !== "pass");
    const all = [...odd, ...found.filter((one) => !odd.includes(one))].map(({ said }) => said).join("; ");
    if (odd.length === 0) return pass(all);
    return {
      outcome: odd.some(({ outcome }) => outcome === "fail") ? "fail" : "inconclusive",
      observed: `${odd.length} of ${servers.length} do not: ${all}`,
      remedy:
        odd.flatMap(({ value }) => retype(definition.expect, value) ?? [])[0] ??
        "Deploy these servers anew, or take them out of service, and out of servers: in cutover:rollout",
    };
  },
});

export type EveryServerGate = z.infer<typeof everyServer.schema>;
