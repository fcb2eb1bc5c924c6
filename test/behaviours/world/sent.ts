import type { TopicName } from "../../../src/aws/names";
import type { Gate } from "../../../src/gates/gate";
import { gateHash } from "../../../src/gates/hash";
import { judgeInScope, type Verdict } from "../../../src/gates/judge";
import type { Observation, Seen } from "../../../src/gates/observation";
import { announceBy } from "../../../src/messages/announce";
import { tellFinish } from "../../../src/messages/finishing";
import { sendDue } from "../../../src/messages/sendDue";
import { dueAt } from "../../../src/messages/timing";
import { exitGatesOf } from "../../../src/promotion/resolve";
import { askedOf } from "../../../src/rollout/cause";
import { recurringOf, timedOf } from "../../../src/rollout/config/messages";
import { predecessorOf, type Rollout } from "../../../src/rollout/rollout";
import { milliseconds } from "../../../src/text/duration";
import { memoryPost, TOPICS } from "../../src/messages/topicMessages";
import { COVERED } from "../../support/build";
import { there } from "../behaviour";
import { ago, DAY, HOUR, NOW } from "./clock";
import { stageOf } from "./gates";
import { ledgerAfter } from "./ledger";

/** A message as people got it: to whom, when, and what it says. */
export interface Told {
  /** Sorted. */
  readonly to: readonly string[];
  /** How long after the flip, and how often from then on, in ms; `before` for one at the flip, `finish` for one at the end. */
  readonly when: "before" | "finish" | { readonly after: number } | { readonly every: number };
  readonly text: string;
  /** Which of the plan's questions were asked for it, and over how long until now, in ms. */
  readonly asked: readonly string[];
  readonly overMs?: number | undefined;
}

const NAMES: Readonly<Record<string, TopicName>> = {
  "on-call": "onCall",
  ops: "ops",
  stakeholders: "stakeholders",
};
/** How long the stage has been live. */
export const LIVE_MS = 30 * DAY;

/** Sends one message of a stage, at its time, and tells what came of it. */
export async function toldBy(rollout: Rollout, stageName: string, row: string): Promise<Told> {
  const stage = stageOf(rollout, stageName);
  const message = there(stage.messages[row], `the message ${row} of ${stageName}`);
  const post = memoryPost();
  const [timed] = timedOf({ [row]: message });
  const [recurring] = recurringOf({ [row]: message });
  const about = { rollout: rollout.name, release: rollout.release, stage: stage.name, attempt: 1 };
  const asked: string[] = [];
  let overMs: number | undefined;
  if (message.when === "before") {
    const from = predecessorOf(rollout, stage)?.flags ?? {};
    const promotion = { ...about, messages: { [row]: message }, from, to: stage.flags, topics: TOPICS };
    await announceBy(post, promotion, () => {}, NOW);
  } else if (message.when === "finish") {
    const verdicts = exitGatesOf(rollout, stage).map((gate) => judgedNow(gate));
    const lived = { since: ago(LIVE_MS), forMs: LIVE_MS, flags: stage.flags };
    await tellFinish(
      post,
      { ...about, ...lived, messages: { [row]: message }, topics: TOPICS, verdicts },
      new Set(),
    );
  } else {
    const stages = rollout.stages.slice(0, rollout.stages.indexOf(stage) + 1);
    const ledger = ledgerAfter(rollout, stages, LIVE_MS);
    const config = {
      of: askedOf(rollout, stage),
      release: rollout.release,
      store: { applicationId: "a", environmentId: "e", profileId: "p", region: "eu-central-1" },
      topics: TOPICS,
      messages: { [row]: message },
      gates: exitGatesOf(rollout, stage),
      attempt: 1,
      sentGroup: "told",
      timeScale: 1,
    };
    const due = { cutover: 1, row, stage: stage.name, attempt: 1, deployment: ledger.newest };
    await sendDue(due, config as never, {
      ...post,
      ledger: async () => ledger,
      measure: async (gates) => gates.map((gate) => observed(gate)),
      ask: async (ids, { from, to }) => {
        asked.push(...ids);
        overMs = to - from;
        return {
          over: "since then",
          figures: ids.map((id) => ({ id, title: "How", lines: [`answer to ${id}`] })),
        };
      },
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
        : (message.when as "before" | "finish"),
    text: post.delivered.map(({ subject, text }) => `${subject}\n${text}`).join("\n"),
    asked,
    overMs,
  };
}

/** What is seen of a gate that holds. */
function observed(gate: Gate): Observation {
  return { gate: gate.id, definition: gateHash(gate), at: ago(0), tookMs: 1, seen: good(gate) };
}

function judgedNow(gate: Gate): Verdict {
  const live = { liveSince: ago(LIVE_MS), liveDeployment: 1 };
  return judgeInScope(gate, observed(gate), live, { now: NOW, timeScale: 1, attempt: 1 });
}

function good({ definition }: Gate): Seen {
  if (definition.source === "signOff") {
    const said = { by: "ada@example.com", statement: "so it is", attempt: 1 };
    return { kind: "signOff", at: ago(HOUR), liveSince: ago(LIVE_MS), ...said } as Seen;
  }
  if (definition.source === "requests") {
    const answers = definition.steps.map(({ expect }) => ({ status: 200, ms: 1, value: fitting(expect) }));
    return { kind: "answers", answers } as Seen;
  }
  if (definition.source !== "metric" && definition.source !== "sql")
    throw new Error(`it is not known what is seen of ${definition.source}`);
  const { expect, window } = definition;
  const lengthMs = window === undefined || window === "soak" ? LIVE_MS : milliseconds(window);
  const over = { window: { from: ago(Math.min(lengthMs, LIVE_MS)), to: ago(0) }, samples: 100_000 };
  return definition.source === "metric"
    ? ({ kind: "metric", value: fitting(expect), coverage: COVERED, ...over } as Seen)
    : ({ kind: "value", value: fitting(expect), ...over } as Seen);
}

/** A value that is as it is to be. */
const fitting = (expect: { readonly eq?: unknown; readonly gte?: number | undefined } | undefined): unknown =>
  expect?.eq ?? expect?.gte ?? 0;
