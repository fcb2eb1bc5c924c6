import { standingFinish } from "../src/abort/standingFinish";
import { AppConfigStore, withAppConfig } from "../src/flags/appConfigStore";
import { findFlagStore } from "../src/flags/find";
import type { AbortStore } from "../src/flags/store";
import { showFinish } from "../src/rollout/finished";
import { UserError } from "../src/text/problem";

/** What is not told in this time, in ms, is told by what the command itself comes upon. */
const PATIENCE_MS = 3_000;

/**
 * Throws a `UserError` where a rollout is finished, for a command that means nothing then. Where that cannot be read, it
 * counts as not finished.
 *
 * @param what what is not done, as `Nothing is held`
 */
export async function requireUnfinished(
  store: Pick<AbortStore, "read" | "entry">,
  rollout: string,
  what: string,
): Promise<void> {
  const finish = await store
    .read()
    .then(({ newest }) => standingFinish(store, rollout, newest))
    .catch(() => undefined);
  if (!finish) return;
  throw new UserError(`${what}:`, [
    {
      where: rollout,
      what: `is ${showFinish(finish)}`,
      remedy:
        "Nothing goes up any more, and nothing comes down by itself: bring each stage up once more, then destroy it",
    },
  ]);
}

/** The same, of a rollout in a region. One that is not there is not finished. */
export async function requireUnfinishedIn(region: string, rollout: string, what: string): Promise<void> {
  await withAppConfig(region, async (client) => {
    const ids = await findFlagStore(client, rollout, PATIENCE_MS).catch(() => undefined);
    if (ids) await requireUnfinished(new AppConfigStore(client, ids), rollout, what);
  });
}
