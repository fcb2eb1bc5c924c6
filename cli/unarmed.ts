import { callerOf } from "../src/aws/caller";
import type { Known } from "../src/aws/known";
import type { LedgerEntry } from "../src/flags/ledger";
import { readGuards } from "../src/promotion/guards";
import { type Unarmed, unarmed } from "../src/rollout/armed";
import type { Guarding } from "../src/rollout/guardFacts";
import { type Rollout, stageNamed, stagesUpTo } from "../src/rollout/rollout";
import { topicArnOf } from "../src/rollout/topics";
import { UserError } from "../src/text/problem";

/** How far a rollout came, as the ledger tells it. */
export interface Came {
  /** The stage that is live. */
  readonly live?: string | undefined;
  /** Every stage that was ever promoted: its alarms have to be there. */
  readonly promoted: readonly string[];
  /** The ledger's entries. */
  readonly history: Known<readonly LedgerEntry[]>;
}

/** Why guards of the stages that are up could not act: from AWS and the stack files, without any state. */
export async function readUnarmed(rollout: Rollout, region: string, came: Came): Promise<Unarmed[]> {
  const raised = stagesUpTo(
    rollout,
    came.live === undefined ? undefined : stageNamed(rollout, came.live),
  ).map(({ name }) => name);
  const guarding = rollout.stages
    .filter(
      ({ name, abort }) => Object.keys(abort).length > 0 && [...raised, ...came.promoted].includes(name),
    )
    .map((stage): Guarding => ({ stage, standing: true, raised: raised.includes(stage.name) }));
  if (guarding.length === 0) return [];
  const caller = await callerOf(region);
  if (caller === undefined)
    throw new UserError("Whose account it is cannot be read:", [
      {
        where: "STS",
        what: "does not tell the account, by which the topics are found",
        remedy: "Check the credentials and the network",
      },
    ]);
  const onCallArn = topicArnOf(rollout, caller, region, "onCall");
  return unarmed(
    rollout,
    guarding,
    await readGuards(rollout, guarding, { region, onCallArn, history: came.history }),
  );
}
