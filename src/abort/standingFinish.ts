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
  for await (const [deployment, { startedAt, ...entry }] of back(newest, REACH, source)) {
    const says = saysFinished({ name: rollout }, { deployment, ...entry });
    if (says === undefined) continue;
    // One that does not say what it follows may be anybody's: in doubt, flags come down.
    return says && entry.note?.after !== undefined
      ? { deployment, at: startedAt, by: entry.note?.by, reason: entry.note?.reason }
      : undefined;
  }
  return undefined;
}
