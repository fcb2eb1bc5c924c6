import { z } from "zod";
import type { ServerReport } from "../abort/drillServers";
import { placeIn } from "../aws/arn";
import { identify } from "../aws/caller";
import { measureName } from "../aws/names";
import { flagValues } from "../flags/values";
import type { SourceSaid } from "../gates/flagSource";
import { type Gate, gate } from "../gates/gate";
import type { Seen } from "../gates/observation";
import type { Accepted } from "../measuring/accept";
import type { Question } from "../measuring/call";
import type { Rollout } from "../rollout/rollout";
import { reasonOf } from "../text/problem";
import { askerOf, type Calling, observedBy } from "./away";

/**
 * The rollout's measuring function, for commands that work without Pulumi: found by its name in the caller's account.
 * What it sees comes back as if it was seen from here; what it does not answer is thrown, in words for people.
 */
export interface AwayHere {
  /** What every server says of its flags; of a drill, those alone that an abort does not restart. */
  told(about: "flags" | "drill"): Promise<readonly ServerReport[]>;
  /** Where every server says that its flags come from. */
  sources(): Promise<readonly SourceSaid[]>;
  /** The one value of a query as the gate role. Fails with an observation that says why, and never throws. */
  count(query: string, values: readonly (string | number | boolean)[], timeout: string): Promise<Seen>;
}

const told = z.array(
  z.strictObject({
    server: z.string(),
    flags: flagValues.optional(),
    token: z.string().optional(),
    error: z.string().optional(),
  }),
);
const said = z.array(
  z.strictObject({
    server: z.string(),
    kind: z.enum(["appconfig", "done", "unknown"]),
    says: z.string(),
  }),
);

/** The function, where the rollout declares one. Asks nothing yet. */
export function awayHere(rollout: Rollout, region: string, calling?: Calling): AwayHere | undefined {
  if (!rollout.measure) return undefined;
  const ask = askerHere(rollout, region, calling);
  return {
    told: async (about) => read(told, await ask({ kind: "servers", about })),
    sources: async () => read(said, await ask({ kind: "servers", about: "source" })),
    async count(query, values, timeout) {
      const [first] = rollout.stages;
      const asked: Gate = gate.parse({
        id: "inFlight",
        phase: "exit",
        stage: first.name,
        definition: { title: "Work in flight", source: "sql", query, values, timeout, expect: { gte: 0 } },
      });
      const [one] = await observedBy(ask, [asked], { parameters: rollout.parameters });
      return (one as NonNullable<typeof one>).seen;
    },
  };
}

/** Finds the function at the first question. Never throws: that it cannot be found is no answer. */
function askerHere(
  rollout: Rollout,
  region: string,
  calling?: Calling,
): (asked: Question["asked"]) => Promise<Accepted> {
  let found: Promise<string> | undefined;
  const arnOf = async () => {
    const { partition, account } = placeIn(await identify(region));
    return `arn:${partition}:lambda:${region}:${account}:function:${measureName(rollout.name)}`;
  };
  return async (asked) => {
    try {
      found ??= arnOf();
      const foundation = { measuring: { functionArn: await found } };
      const ask = askerOf({ rollout, stage: rollout.stages[0], foundation }, calling);
      return (await ask?.(asked)) ?? { ok: false, why: "the rollout declares no measuring function" };
    } catch (error) {
      found = undefined;
      return { ok: false, why: `the measuring function cannot be found: ${reasonOf(error)}` };
    }
  };
}

function read<T>(schema: z.ZodType<T>, accepted: Accepted): T {
  if (!accepted.ok) throw new Error(`the measuring function gives no answer that counts: ${accepted.why}`);
  const seen = schema.safeParse(accepted.seen);
  if (!seen.success) throw new Error("the measuring function answers something else than what servers say");
  return seen.data;
}
