import { type Finish, saysFinished } from "../rollout/finished";
import { back, type Source } from "./attempt";

/** So far back it is looked for: what says nothing of it is a carry entry. */
const REACH = 100;

/** The finish of a rollout, where it stands: by its newest entries alone, for who has no time for all of the ledger. */
export async function standingFinish(
  source: Pick<Source, "entry">,
  rollout: string,
  newest: number,
): Promise<Finish | undefined> {
  for await (const [deployment, { note, startedAt, rolledBack }] of back(newest, REACH, source)) {
    const says = saysFinished({ name: rollout }, { note, rolledBack });
    if (says === undefined) continue;
    // A finish that somebody copied says that it follows another deployment.
    if (!says || note?.after !== deployment - 1) return undefined;
    return { deployment, at: startedAt, by: note.by, reason: note.reason };
  }
  return undefined;
}
