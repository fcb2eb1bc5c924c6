import type { TopicName } from "../../../src/aws/names";
import { announceBy } from "../../../src/messages/announce";
import { herald } from "../../../src/messages/herald";
import { dueAt } from "../../../src/messages/timing";
import { exitGatesOf } from "../../../src/promotion/resolve";
import { askedOf } from "../../../src/rollout/cause";
import { recurringOf, timedOf } from "../../../src/rollout/config/messages";
import { predecessorOf, type Rollout } from "../../../src/rollout/rollout";
import { memoryPost, TOPICS } from "../../src/messages/letters";
import { there } from "../behaviour";
import { ago, DAY, NOW } from "./clock";
import { stageOf } from "./gates";
import { ledgerAfter } from "./ledger";

/** A message as people got it: to whom, when, and what it says. */
export interface Told {
  /** Sorted. */
  readonly to: readonly string[];
  /** How long after the flip, and how often from then on, in ms; `before` for one at the flip. */
  readonly when: "before" | { readonly after: number } | { readonly every: number };
  readonly text: string;
}

const NAMES: Readonly<Record<string, TopicName>> = {
  "on-call": "onCall",
  ops: "ops",
  stakeholders: "stakeholders",
};

/** Sends one message of a stage, at its time, and tells what came of it. */
export async function toldBy(rollout: Rollout, stageName: string, row: string): Promise<Told> {
  const stage = stageOf(rollout, stageName);
  const message = there(stage.messages[row], `the message ${row} of ${stageName}`);
  const post = memoryPost();
  const [timed] = timedOf({ [row]: message });
  const [recurring] = recurringOf({ [row]: message });
  const about = { rollout: rollout.name, stage: stage.name, attempt: 1 };
  if (message.when === "before") {
    const from = predecessorOf(rollout, stage)?.flags ?? {};
    const promotion = { ...about, messages: { [row]: message }, from, to: stage.flags, topics: TOPICS };
    await announceBy(post, promotion, () => {}, NOW);
  } else {
    const stages = rollout.stages.slice(0, rollout.stages.indexOf(stage) + 1);
    const ledger = ledgerAfter(rollout, stages, 30 * DAY);
    const config = {
      of: askedOf(rollout, stage),
      store: { applicationId: "a", environmentId: "e", profileId: "p", region: "eu-central-1" },
      topics: TOPICS,
      messages: { [row]: message },
      gates: exitGatesOf(rollout, stage),
      toldGroup: "told",
      timeScale: 1,
    };
    const due = { cutover: 1, row, stage: stage.name, attempt: 1, deployment: ledger.newest };
    await herald(due, config as never, {
      ...post,
      ledger: async () => ledger,
      measure: async () => ({ kind: "failure", failure: "no-data", message: "nothing was measured" }),
      log: () => {},
      now: () => NOW,
    });
  }
  const flip = ago(0);
  return {
    to: post.delivered.map(({ topic }) => NAMES[topic] ?? topic).sort(),
    when: timed
      ? { after: dueAt(flip, timed.after, 1) - NOW }
      : recurring
        ? { every: dueAt(flip, recurring.every, 1) - NOW }
        : "before",
    text: post.delivered.map(({ subject, text }) => `${subject}\n${text}`).join("\n"),
  };
}
