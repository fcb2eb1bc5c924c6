import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { paginateListTopics, SNSClient } from "@aws-sdk/client-sns";
import { alarmsBeginning } from "../aws/alarms";
import { withClient } from "../aws/clients";
import { isRowAlarmOf, rolloutLogs, TOPICS, topicName } from "../aws/names";
import { type NoFlagStore, PartOfFlagStore } from "../flags/find";
import { topicNameIn } from "../rollout/topics";
import { reasonOf, UserError } from "../text/problem";

/**
 * What a rollout without a flag store has left in this account and region. Each stage's stack has alarms, log groups
 * and topics of its own, which outlive the flag store: where there are any, it was started once. Where there are none
 * it was never started here, or all of it was taken down: AWS cannot tell these two apart.
 */
export interface Remains {
  /** What is there, by kind and name. */
  readonly left: readonly string[];
  /** What could not be looked at, a sentence each. */
  readonly unknown: readonly string[];
}

/** Looks for what is left. Never throws: what cannot be looked at is said to be unknown. */
export async function remainsOf(region: string, rollout: string, error?: NoFlagStore): Promise<Remains> {
  const looks: readonly [kind: string, look: () => Promise<string[]>][] = [
    ["alarm", () => withClient(CloudWatchClient, { region }, (client) => alarmsOf(client, rollout))],
    [
      "log group",
      () => withClient(CloudWatchLogsClient, { region }, (client) => logGroupsOf(client, rollout)),
    ],
    ["topic", () => withClient(SNSClient, { region }, (client) => topicsOf(client, rollout))],
  ];
  const found = await Promise.all(
    looks.map(async ([kind, look]) => {
      try {
        return { left: (await look()).map((name) => `${kind} ${name}`), unknown: [] };
      } catch (failure) {
        return { left: [], unknown: [`${kind}s could not be listed (${reasonOf(failure)})`] };
      }
    }),
  );
  return {
    left: [
      ...(error instanceof PartOfFlagStore ? [`AppConfig application ${rollout}, in part`] : []),
      ...found.flatMap(({ left }) => left),
    ],
    unknown: found.flatMap(({ unknown }) => unknown),
  };
}

async function alarmsOf(client: CloudWatchClient, rollout: string): Promise<string[]> {
  const all = Object.keys(await alarmsBeginning(client, `${rollout}-`));
  return all.filter((name) => isRowAlarmOf(rollout, name)).sort();
}

async function logGroupsOf(client: CloudWatchLogsClient, rollout: string): Promise<string[]> {
  const found: string[] = [];
  const logGroupNamePrefix = rolloutLogs(rollout);
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, { logGroupNamePrefix }))
    for (const { logGroupName = "" } of logGroups)
      if (logGroupName.startsWith(logGroupNamePrefix)) found.push(logGroupName);
  return found.sort();
}

async function topicsOf(client: SNSClient, rollout: string): Promise<string[]> {
  const own = new Set(TOPICS.map((topic) => topicName(rollout, topic)));
  const found: string[] = [];
  for await (const { Topics = [] } of paginateListTopics({ client }, {}))
    for (const { TopicArn = "" } of Topics) found.push(topicNameIn(TopicArn));
  return found.filter((name) => own.has(name)).sort();
}

/** Some of what is left, for a sentence. */
export function showLeft({ left }: Remains): string {
  const more = left.length > 3 ? ` and ${left.length - 3} more` : "";
  return `${left.slice(0, 3).join(", ")}${more}`;
}

/** What an abort says where nothing is left: nothing was lowered, for nothing is known to be up. */
export function neverStarted(error: NoFlagStore, { unknown }: Remains): UserError {
  const doubt = unknown.map((what) => ({
    where: "what else is there",
    what,
    remedy: "So it is not known whether its flag store was deleted",
  }));
  return new UserError(error.message.split("\n")[0] ?? "", [...error.problems, ...doubt]);
}

/** What an abort says where the flag store was deleted: what it cannot do, and what is left to be done. */
export function storeDeleted(
  rollout: string,
  region: string,
  remains: Remains,
  todo: { readonly up: string | undefined; readonly restart: readonly string[] },
): UserError {
  const again = todo.up ?? `pulumi up of its first stage's stack, in the folder of its stack files`;
  return new UserError(
    `NOTHING WAS LOWERED: the flag store of ${rollout} was deleted, and servers keep the flags that they have:`,
    [
      {
        where: `AppConfig in ${region}`,
        what: `has no flags of ${rollout}, which was started here once: there is ${showLeft(remains)}`,
        remedy: `Make it anew, with every flag off: ${again}`,
      },
      {
        where: "servers",
        what: "that asked the deleted store hold on to its last answer, and none can be told to drop it",
        remedy: `Restart ${todo.restart.join(", ") || "every server"} once it is there again, so that each asks the new one`,
      },
      {
        where: "stages",
        what: "that were live have alarms and switches of the deleted store",
        remedy: "Bring each up again with its attempt raised, or destroy its stack",
      },
    ],
  );
}
