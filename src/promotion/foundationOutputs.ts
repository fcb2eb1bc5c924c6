import { z } from "zod";
import type { FlagStore } from "../flags/readLedger";
import { type DatabaseConnection, reachedAs } from "../gates/databaseConnection";
import { type Baseline, baseline } from "../imports/answer";
import type { Rollout } from "../rollout/rollout";
import { short } from "../text/command";
import { type Problem, reasonOf, UserError } from "../text/problem";
import { type Measuring, measuringOutput } from "./away";
import type { Settings } from "./settings";
import { isUnknownStack, readOutputs, type State } from "./stackState";

/** The outputs of the first stage's stack, as the other stages need them. */
export const foundationOutputs = z.object({
  applicationId: z.string(),
  environmentId: z.string(),
  profileId: z.string(),
  strategyId: z.string(),
  topics: z.object({ onCall: z.string(), ops: z.string(), stakeholders: z.string() }),
});
/** The gate role's login: a secret output, but where IAM vouches for it. */
export const gateLogin = z.union([
  z.object({ user: z.string(), password: z.string() }),
  z.object({ user: z.string(), iam: z.object({ region: z.string() }) }),
]);

/** What the stages of a rollout stand on. */
export interface FoundationOutputs extends z.infer<typeof foundationOutputs> {
  readonly store: FlagStore;
  readonly database: DatabaseConnection | undefined;
  /** The answers to Q1 to Q6 before the first stage; absent where none are recorded. */
  readonly queryBaseline?: Baseline | undefined;
  /** The function in the VPC that looks at gates; absent where none is up. */
  readonly measuring?: Measuring | undefined;
}

/** Reads the foundation from its own stack. Known in full also in a preview. */
export async function readFoundation(rollout: Rollout, settings: Settings): Promise<FoundationOutputs> {
  const stack = rollout.stages[0].name;
  const values = await readOutputs(settings, stack).catch((error: unknown): State => {
    if (isUnknownStack(error)) return {};
    throw notUp(stack, {
      what: `cannot be read: ${reasonOf(error).slice(0, 300)}`,
      remedy: "See to the backend and its secrets, then run it again",
    });
  });
  const parsed = foundationOutputs.safeParse(values);
  if (!parsed.success)
    throw notUp(stack, { what: "has no outputs yet", remedy: `Run ${short.ofStack("up", stack)} first` });
  const { applicationId, environmentId, profileId } = parsed.data;
  return {
    ...parsed.data,
    store: { applicationId, environmentId, profileId, region: settings.region },
    database: connectionOf(rollout, gateLogin.safeParse(values.gateLogin).data),
    queryBaseline: baseline.safeParse(values.queryBaseline).data,
    measuring: measuringOutput.safeParse(values.measuring).data,
  };
}

function notUp(stack: string, problem: Omit<Problem, "where">): UserError {
  return new UserError(`The stack ${stack}, on which all stages stand, is not up:`, {
    where: stack,
    ...problem,
  });
}

/** The database as the gate role reaches it. */
export function connectionOf(
  rollout: Rollout,
  login: z.infer<typeof gateLogin> | undefined,
): DatabaseConnection | undefined {
  if (!rollout.database || !login) return undefined;
  return { ...reachedAs(rollout.database), ...login };
}
