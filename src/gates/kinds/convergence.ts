import { z } from "zod";
import { showFlags } from "../../flags/flags";
import { flagValues } from "../../flags/values";
import { counted } from "../../text/counted";
import { someTime } from "../../text/duration";
import { shell } from "../../text/markdown";
import { environmentLine, serverLines } from "../byHand";
import { definition, PHASES } from "../common";
import { lackingServers, listed, listedIn, notAllAsked } from "../everyServer";
import { kindOfGate } from "../kind";
import { atMost } from "../strength";
import { fail, inconclusive, pass } from "../verdict";

/** Every listed server reports the flags. */
export const convergence = kindOfGate({
  schema: definition("convergence", {
    within: someTime.default("5m").meta({
      description: "How long after the flip the last server may take.",
      examples: ["5m"],
    }),
  }).describe("Every listed server reports the stage's flags."),
  sees: z.strictObject({
    kind: z.literal("servers"),
    servers: z.array(
      z.strictObject({
        server: z.string(),
        flags: flagValues.optional(),
        /** How many flags it tells that the gate does not ask about. */
        others: z.number().int().positive().optional(),
        error: z.string().optional(),
      }),
    ),
  }),
  facts: {
    /** The flags that every server has to report. */
    flags: flagValues.optional(),
    /** Every server that has to be asked, and where it tells its flags. */
    servers: listed.extend({ path: z.string(), at: z.string() }).optional(),
  },
  phases: PHASES,
  inNetwork: true,
  awsActions: ["ecs:DescribeTasks", "ecs:ListTasks"],
  settlesWithin: ({ within }) => within,
  bind(_, { rollout: { servers }, line }) {
    const live = { flags: { ...line.at(-1)?.flags } };
    if (!servers) return live;
    const { path, at } = servers;
    return { ...live, servers: { ...listedIn(servers), path, at } };
  },
  fieldErrors: (_, { rollout }) => lackingServers(rollout.servers),
  strength: { within: atMost("allows") },
  required: ({ flags }) => (flags ? `every server: ${showFlags(flags)}` : "every server agrees"),
  measured: ({ within }, hand, { flags = {} }) => ({
    how: `every server is asked for its flags, for up to ${within}; where a server reads them from its environment, the last line, typed on that server, shows what it was started with`,
    run: shell([...serverLines(hand), environmentLine(Object.keys(flags))]),
  }),
  judge(gate, { servers }) {
    const unasked = notAllAsked(gate.servers, servers);
    if (unasked) return unasked;
    const expected = Object.entries(gate.flags ?? {});
    if (expected.length === 0)
      return inconclusive(
        "it is not known which flags they should report",
        "Measure again with this version of cutover",
      );
    const odd = servers.filter(
      ({ flags }) => !flags || expected.some(([flag, value]) => flags[flag] !== value),
    );
    if (odd.length === 0) return pass(`all ${counted(servers.length, "server")}`);
    const words = odd.map(
      ({ server, flags, error }) => `${server}: ${error ?? (flags ? showFlags(flags) : "no answer")}`,
    );
    return fail(
      `${odd.length} of ${servers.length} do not: ${words.join("; ")}`,
      "Restart the servers that read flags from the environment, and look at the others' logs",
    );
  },
});
