import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import pLimit from "p-limit";
import { alarmSetups } from "../aws/alarmSetups";
import { awsClient, DATA_LIMITS } from "../aws/clients";
import { functionNow } from "../aws/functions";
import { hearing } from "../aws/hearing";
import { invokePolicyOf } from "../aws/invokePolicy";
import { keyReader } from "../aws/keys";
import { type Known, known } from "../aws/known";
import { lineFilter } from "../aws/metricFilters";
import { switchName, topicBeside } from "../aws/names";
import { messagesIn, QueueClient } from "../aws/queues";
import { topicNow } from "../aws/topicNow";
import { subscribersOf } from "../aws/topics";
import { acknowledgedIn } from "../flags/acknowledged";
import type { Ledger, LedgerEntry } from "../flags/ledger";
import { type Unarmed, unarmed, unarmedProblems } from "../rollout/armed";
import {
  askedFor,
  type GuardFacts,
  type Guarding,
  type LineFacts,
  type SwitchFacts,
} from "../rollout/guardFacts";
import { type Rollout, type Stage, stagesUpTo } from "../rollout/rollout";
import { UserError } from "../text/problem";
import type { Situation } from "./sources";

/** Calls under way at once: AWS's control planes throttle early. */
const CONCURRENCY = 6;

/** Where guards are looked at, and what was read for the same look. */
interface GuardsAt {
  readonly region: string;
  /** The ARN of the on-call topic: the switches' topics stand beside it. */
  readonly onCallArn: string;
  /** The ledger's entries, which tell of pages that a person acknowledged. */
  readonly history: Known<readonly LedgerEntry[]>;
}

/**
 * Reads all that the guards of some stages are made of, each part once and all at once. Never throws: what cannot be
 * read is unknown, and says why.
 */
export async function readGuards(
  rollout: Pick<Rollout, "name" | "flags">,
  guarding: readonly Guarding[],
  { region, onCallArn, history }: GuardsAt,
): Promise<GuardFacts> {
  const asked = askedFor(rollout, guarding);
  const now = Date.now();
  const cloudwatch = awsClient(CloudWatchClient, { region }, DATA_LIMITS);
  const logs = awsClient(CloudWatchLogsClient, { region });
  const sns = awsClient(SNSClient, { region });
  const lambda = awsClient(LambdaClient, { region });
  const sqs = awsClient(QueueClient, { region });
  const keys = keyReader(region);
  const limit = pLimit(CONCURRENCY);
  const read = <T>(work: () => Promise<T>): Promise<Known<T>> => limit(() => known(work));
  // What KMS says of its key waits for the topic, within the same call: another place of the limit would wait for itself.
  const topicOf = (arn: string) => read(() => topicNow(sns, keys, arn, known));
  const switchOf = async (stage: string, fn: string, deadLetters: string): Promise<[string, SwitchFacts]> => {
    const topicArn = topicBeside(onCallArn, switchName(rollout.name, stage));
    const [topic, subscribers, seen, invoke, waiting] = await Promise.all([
      topicOf(topicArn),
      read(() => subscribersOf(sns, topicArn)),
      read(() => functionNow(lambda, fn)),
      read(() => invokePolicyOf(lambda, fn)),
      read(() => messagesIn(sqs, deadLetters)),
    ]);
    return [stage, { topicArn, topic, subscribers, fn: seen, invoke, deadLetters: waiting }];
  };
  try {
    const [alarms, { heard, listed }, lines, onCall, onCallTopic, switches] = await Promise.all([
      read(() => alarmSetups(cloudwatch, asked.alarms)),
      hearing(cloudwatch, asked.metrics, now, read),
      Promise.all(
        asked.lines.map(
          async ({ name, group }): Promise<[string, LineFacts]> => [
            name,
            await read(() => lineFilter(logs, group, name)),
          ],
        ),
      ),
      read(() => subscribersOf(sns, onCallArn)),
      topicOf(onCallArn),
      Promise.all(asked.switches.map(({ stage, fn, deadLetters }) => switchOf(stage, fn, deadLetters))),
    ]);
    return {
      now,
      alarms,
      heard,
      listed,
      lines: new Map(lines),
      onCall,
      onCallTopic,
      acknowledged: history.ok
        ? { ok: true, value: acknowledgedIn(history.value, rollout.name, now) }
        : history,
      onCallArn,
      switches: new Map(switches),
    };
  } finally {
    for (const client of [cloudwatch, logs, sns, lambda, sqs, keys]) client.destroy();
  }
}

/** At which moment of a promotion its guards are looked at. */
export type GuardMoment =
  /** Before anything is touched: the stage's own alarms come into being by this very `up`. */
  | "admission"
  /** Right before the flags change: everything stands. */
  | "flip"
  /** With the flags up. */
  | "raised";

/** The stages whose guards are in force once a stage is promoted, as far as they are there at that moment. */
function guardingOf(rollout: Pick<Rollout, "stages">, stage: Stage, moment: GuardMoment): Guarding[] {
  return stagesUpTo(rollout, stage).map((one) =>
    one.name === stage.name
      ? { stage: one, standing: moment !== "admission", raised: moment === "raised" }
      : { stage: one, standing: true, raised: true },
  );
}

/**
 * Why guards of a promotion could not act at this moment. Asks nothing where no stage declares a row.
 *
 * @param ledger as it was read for this very look
 */
export async function unarmedNow(
  situation: Situation,
  moment: GuardMoment,
  ledger: Pick<Ledger, "history">,
): Promise<Unarmed[]> {
  const { rollout, stage, settings, foundation } = situation;
  const guarding = guardingOf(rollout, stage, moment);
  if (guarding.every((one) => Object.keys(one.stage.abort).length === 0)) return [];
  const history = { ok: true, value: ledger.history } as const;
  const at = { region: settings.region, onCallArn: foundation.topics.onCall, history };
  return unarmed(rollout, guarding, await readGuards(rollout, guarding, at));
}

/** For how long what may come right by itself is waited for, and how long between two looks, in ms. */
export interface GuardPatience {
  readonly patience: number;
  readonly pause: number;
}

/** Looks until all guards are armed, or something is wrong that does not come right by itself, or time is up. */
export async function unarmedAfter(
  look: () => Promise<readonly Unarmed[]>,
  { patience, pause }: GuardPatience,
): Promise<readonly Unarmed[]> {
  for (const ends = Date.now() + patience; ; await sleep(pause)) {
    const found = await look();
    const waits = found.length > 0 && found.every(({ passing }) => passing);
    if (!waits || Date.now() + pause > ends) return found;
  }
}

/** Throws a `UserError` that names every guard that could not act. */
export function requireArmed(stage: Pick<Stage, "name">, found: readonly Unarmed[]): void {
  if (found.length === 0) return;
  throw new UserError(
    `The last look refuses to deploy ${stage.name}: what would bring its flags down again could not act:`,
    unarmedProblems(found),
  );
}
