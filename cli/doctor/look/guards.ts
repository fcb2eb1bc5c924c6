import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { SNSClient } from "@aws-sdk/client-sns";
import { alarmsNow } from "../../../src/aws/alarms";
import { awsClient, withClient } from "../../../src/aws/clients";
import { type Known, known } from "../../../src/aws/known";
import { lineFilter } from "../../../src/aws/metricFilters";
import { alarmName, TOPICS, type TopicName } from "../../../src/aws/names";
import { type Subscriber, subscribersOf } from "../../../src/aws/topics";
import { readGuards } from "../../../src/promotion/guards";
import type { GuardFacts, Guarding } from "../../../src/rollout/guardFacts";
import type { Rollout } from "../../../src/rollout/rollout";
import { topicArnOf } from "../../../src/rollout/topics";
import type { Came } from "../ground";

/** What rows look at, and whom they would page. */
export interface RowFacts {
  readonly guarding: readonly Guarding[];
  readonly guards: GuardFacts;
  /** What rows of stages that are not up yet look at, which others make: by the names of alarms and log groups. */
  readonly there: ReadonlyMap<string, Known<boolean>>;
}

/** Reads what the rows of every stage are made of; of a stage that is not up, what has to be there before. */
export async function readRows(
  rollout: Rollout,
  { ledger, promoted, raised }: Came,
  at: { readonly region: string; readonly arn: string; readonly left: number },
): Promise<RowFacts> {
  const { region, arn, left } = at;
  const guarding = rollout.stages.map(
    (stage): Guarding => ({
      stage,
      standing: [...promoted, ...raised].includes(stage.name),
      raised: raised.includes(stage.name),
    }),
  );
  const onCallArn = topicArnOf(rollout, arn, region, "onCall");
  const history = { ok: true, value: ledger?.history ?? [] } as const;
  const [guards, there] = await Promise.all([
    readGuards(rollout, guarding, { region, onCallArn, history }),
    readOthers(rollout, guarding, region, left),
  ]);
  return { guarding, guards, there };
}

async function readOthers(
  rollout: Rollout,
  guarding: readonly Guarding[],
  region: string,
  left: number,
): Promise<Map<string, Known<boolean>>> {
  const cloudwatch = awsClient(CloudWatchClient, { region });
  const logs = awsClient(CloudWatchLogsClient, { region });
  const rows = guarding
    .filter(({ standing }) => !standing)
    .flatMap(({ stage }) => Object.entries(stage.abort).map(([row, one]) => ({ stage, row, ...one })));
  try {
    const found = rows.flatMap(({ stage, row, alarm, logs: counted }) => [
      ...(alarm === undefined
        ? []
        : [[alarm, async () => (await alarmsNow(cloudwatch, [alarm])).has(alarm)] as const]),
      ...(counted === undefined
        ? []
        : [
            [
              counted.group,
              async () =>
                (await lineFilter(logs, counted.group, alarmName(rollout.name, stage.name, row))) !==
                "no-group",
            ] as const,
          ]),
    ]);
    return new Map(
      await Promise.all(
        [...new Map(found)].map(
          async ([name, look]): Promise<[string, Known<boolean>]> => [name, await known(look, left)],
        ),
      ),
    );
  } finally {
    for (const client of [cloudwatch, logs]) client.destroy();
  }
}

/** Who listens to each of a rollout's topics; undefined where there is no such topic. Never throws. */
export async function readTopics(
  rollout: Pick<Rollout, "name" | "existingTopics">,
  { region, arn, left }: { readonly region: string; readonly arn: string; readonly left: number },
): Promise<ReadonlyMap<TopicName, Known<readonly Subscriber[] | undefined>>> {
  return withClient(SNSClient, { region }, async (sns) => {
    const read = async (topic: TopicName) =>
      [topic, await known(() => subscribersOf(sns, topicArnOf(rollout, arn, region, topic)), left)] as const;
    return new Map(await Promise.all(TOPICS.map(read)));
  });
}
