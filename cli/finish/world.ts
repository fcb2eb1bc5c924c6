import { carry } from "../../src/abort/carry";
import { callerOf } from "../../src/aws/caller";
import { KeptLog } from "../../src/aws/keptLog";
import { decisionsGroup } from "../../src/aws/names";
import { ledgerReader } from "../../src/flags/readLedger";
import { AwsPost, sentGroup } from "../../src/messages/post";
import { readCommit } from "../../src/promotion/commit";
import type { FinishWorld } from "../../src/promotion/finishWorld";
import { withStore } from "../../src/promotion/flagStore";
import { measure } from "../../src/promotion/measure";
import { prove } from "../../src/promotion/prove";
import { readAlarms } from "../../src/promotion/readiness";
import { sourcesOf } from "../../src/promotion/sources";
import { NOT_FINISHED, takeBack } from "../../src/promotion/takeBack";
import type { Stage } from "../../src/rollout/rollout";
import { type Opened, readLastFlip } from "../pulumi";

/** A deployment under way is waited for so long, in ms: an ordinary one is over in a moment. */
const PATIENCE_MS = 15_000;

/** The world that a finish is done in: AWS, the stacks, and whatever the gates ask. */
export function worldOf(opened: Opened): FinishWorld & { close(): void } {
  const { rollout, stage, foundation, settings } = opened;
  const { region } = settings;
  const posts = new Map<string, AwsPost>();
  const postOf = ({ name }: Pick<Stage, "name">) => {
    const post = posts.get(name) ?? new AwsPost(region, sentGroup(rollout.name, name));
    posts.set(name, post);
    return post;
  };
  return {
    ledger: ledgerReader(foundation.store, rollout.flags),
    lastFlip: ({ name }) => readLastFlip(settings.folder, name),
    decisions: async ({ name }, row) => {
      const kept = new KeptLog(region, decisionsGroup(rollout.name, name));
      try {
        return new Set((await kept.keys(`${row}/`)).keys());
      } finally {
        kept.close();
      }
    },
    alarms: (names) => readAlarms(names, region),
    measure: (gates, subject, ledger, acting) =>
      measure(
        subject,
        gates,
        { ...sourcesOf(opened, stage.name, ledger), acting },
        acting ? "flip" : "admission",
      ),
    prove: (gates, ledger) => prove(gates, sourcesOf(opened, stage.name, ledger), stage.attempt),
    record: (note, lookedAt) => withStore(opened, (store) => carry(store, note, PATIENCE_MS, lookedAt)),
    bringDown: (one, down) => takeBack({ ...opened, stage: one }, down, NOT_FINISHED),
    postOf,
    commit: () => readCommit(settings.folder),
    caller: () => callerOf(region),
    now: Date.now,
    close: () => {
      for (const post of posts.values()) post.close();
    },
  };
}
