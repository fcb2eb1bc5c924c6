import { logInByIam } from "../../components/permissions/statement";
import {
  alarmName,
  channelsName,
  DRILL_ROW,
  dashboardName,
  deliveriesName,
  functionRole,
  measureName,
  messageSchedules,
  partName,
  roleName,
  type StagePart,
  TOPICS,
  type TopicName,
  topicName,
  watchName,
} from "../../src/aws/names";
import { scheduledOf } from "../../src/rollout/config/messages";
import { iamLoginOf } from "../../src/rollout/gateLogin";
import type { Stage } from "../../src/rollout/rollout";
import { arn, roleArn } from "./arn";
import type { Asked } from "./asked";
import { channels, deliveries } from "./outside";

/** The stages that may be promoted: the first one declares the foundation. */
function promoted({ rollout }: Asked): readonly Stage[] {
  return rollout.stages.slice(1);
}

/**
 * A part of each of these stages, by its whole name: `ops-view-*` is what stage `view` of rollout `ops` has, and all that
 * another rollout has whose name is `ops-view`.
 */
function parts({ rollout }: Asked, stages: readonly Stage[], ...some: readonly StagePart[]): string[] {
  return stages.flatMap(({ name }) => some.map((part) => partName(rollout.name, name, part)));
}

export const flagStore = (asked: Asked) => arn(asked, "appconfig", `application/${asked.application}`);
/** The flag store, and all below it. */
export function flags(asked: Asked): string[] {
  const application = flagStore(asked);
  return [
    application,
    `${application}/environment/*`,
    `${application}/configurationprofile/*`,
    arn(asked, "appconfig", "deploymentstrategy/*"),
  ];
}

/** The topics that people are told by: the rollout's own, and those of the account that config names. */
export function topics(asked: Asked): string[] {
  return TOPICS.map((topic) => asked.rollout.existingTopics?.[topic]?.arn ?? ownTopic(asked, topic));
}
/** Those that the rollout makes. */
export function ownTopics(asked: Asked): string[] {
  return TOPICS.filter((topic) => asked.rollout.existingTopics?.[topic] === undefined).map((topic) =>
    ownTopic(asked, topic),
  );
}
/** The same, where a channel's queue subscribes to them. */
export function channelledTopics({ rollout }: Asked): string[] {
  const used = Object.values(rollout.channels ?? {}).flatMap((channel) => channel.topics);
  return TOPICS.flatMap((topic) =>
    used.includes(topic) ? (rollout.existingTopics?.[topic]?.arn ?? []) : [],
  );
}
function ownTopic(asked: Asked, topic: TopicName): string {
  return arn(asked, "sns", topicName(asked.rollout.name, topic));
}

/** Stages with abort rows have a switch. */
const switched = (asked: Asked) => promoted(asked).filter(({ abort }) => Object.keys(abort).length > 0);
/** Stages with timed messages have a function that sends them. */
const timed = (asked: Asked) =>
  promoted(asked).filter(({ messages }) =>
    Object.values(messages).some(({ when }) => typeof when === "object"),
  );
const probed = (asked: Asked) =>
  promoted(asked).filter(({ abort }) => Object.values(abort).some((row) => row.probe !== undefined));
/** Stages with rows that ask for a decision have reminders of it. */
const reminding = (asked: Asked) =>
  promoted(asked).filter(({ abort }) => Object.values(abort).some((row) => row.remind !== undefined));
/** The functions of stages that are told when they fail for good. */
const answering = (asked: Asked) => [
  ...parts(asked, switched(asked), "abort"),
  ...parts(asked, timed(asked), "messages"),
];
/** The functions of stages. */
const ofStages = (asked: Asked) => [...answering(asked), ...parts(asked, probed(asked), "probe")];

export const abortTopics = (asked: Asked) =>
  parts(asked, switched(asked), "abort").map((name) => arn(asked, "sns", name));
export const queues = (asked: Asked) => [
  ...answering(asked).map((name) => arn(asked, "sqs", `${name}-dlq`)),
  ...[...channels(asked), ...deliveries(asked)].flatMap((name) => [
    arn(asked, "sqs", name),
    arn(asked, "sqs", `${name}-dlq`),
  ]),
];
export const switches = (asked: Asked) =>
  parts(asked, switched(asked), "abort").map((name) => arn(asked, "lambda", `function:${name}`));
export const functions = (asked: Asked) => [
  ...ofStages(asked).map((name) => arn(asked, "lambda", `function:${name}`)),
  ...ofRollout(asked).map(({ name }) => arn(asked, "lambda", `function:${name}`)),
];
/** The functions of a rollout as a whole, with their roles: where there are any, each has a log and a role as a stage's have. */
function ofRollout(asked: Asked): { readonly name: string; readonly role: string }[] {
  const { rollout, region } = asked;
  const names = [
    ...(rollout.measure === undefined ? [] : [measureName(rollout.name)]),
    ...(channels(asked).length === 0 ? [] : [channelsName(rollout.name)]),
    ...(deliveries(asked).length === 0 ? [] : [deliveriesName(rollout.name)]),
  ];
  return names.map((name) => ({ name, role: functionRole(name, region) }));
}
/** The function that looks from within a network. */
export function measuring(asked: Asked): string[] {
  const { rollout } = asked;
  return rollout.measure === undefined ? [] : [arn(asked, "lambda", `function:${measureName(rollout.name)}`)];
}
export const rules = (asked: Asked) =>
  parts(asked, probed(asked), "probe").map((name) => arn(asked, "events", `rule/${name}`));
export function schedules(asked: Asked): string[] {
  const rows = timed(asked).flatMap(({ name, messages }) =>
    scheduledOf(messages).flatMap(({ row }) => messageSchedules(asked.rollout.name, name, row)),
  );
  return rows.map((name) => arn(asked, "scheduler", `schedule/default/${name}`));
}
export const scheduleGroups = (asked: Asked) =>
  parts(asked, reminding(asked), "reminders").map((name) =>
    arn(asked, "scheduler", `schedule-group/${name}`),
  );
/** Whoever runs a probe by hand must not call the switch beside it. */
export const probes = (asked: Asked) =>
  parts(asked, probed(asked), "probe").map((name) => arn(asked, "lambda", `function:${name}`));

function roles(asked: Asked, stages: readonly Stage[], part: StagePart): string[] {
  const { rollout, region } = asked;
  return stages.map(({ name }) => roleArn(asked, roleName(rollout.name, name, part, region)));
}
/** With which switches run, and with which schedules remind of what they ask. */
export const switchRoles = (asked: Asked) => roles(asked, switched(asked), "abort");
export const reminderRoles = (asked: Asked) => roles(asked, reminding(asked), "reminders");
export const functionRoles = (asked: Asked) => [
  ...switchRoles(asked),
  ...roles(asked, timed(asked), "messages"),
  ...roles(asked, probed(asked), "probe"),
  ...ofRollout(asked).map(({ role }) => roleArn(asked, role)),
];
export const schedulerRoles = (asked: Asked) => [
  ...roles(asked, timed(asked), "scheduler"),
  ...reminderRoles(asked),
];

/** Of the rows and of the drill, and of what watches the functions. */
export function alarms(asked: Asked): string[] {
  const { name: rollout } = asked.rollout;
  const rows = switched(asked).flatMap(({ name, abort }) =>
    [...Object.keys(abort), DRILL_ROW].map((row) => alarmName(rollout, name, row)),
  );
  const told = channels(asked);
  const carried = deliveries(asked);
  const watched = [
    ...ofStages(asked),
    ...told,
    ...(told.length > 0 ? [channelsName(rollout)] : []),
    ...carried,
    ...(carried.length > 0 ? [deliveriesName(rollout)] : []),
  ];
  return [...rows, ...watched.map((name) => watchName(name, "*"))].map((name) =>
    arn(asked, "cloudwatch", `alarm:${name}`),
  );
}

/** Dashboards have no region. */
export function dashboards(asked: Asked): string[] {
  const { rollout, region } = asked;
  const names = [undefined, ...promoted(asked).map(({ name }) => name)];
  return names.map((stage) =>
    arn({ ...asked, region: "" }, "cloudwatch", `dashboard/${dashboardName(rollout.name, region, stage)}`),
  );
}

/** What a rollout keeps of what people did and were told, and its functions' logs. */
export function logs(asked: Asked): string[] {
  const names = [...ofStages(asked), ...ofRollout(asked).map(({ name }) => name)];
  return [
    arn(asked, "logs", `log-group:/cutover/${asked.rollout.name}/*`),
    // Some calls name a group with what is below it.
    ...names.flatMap((name) => {
      const group = arn(asked, "logs", `log-group:/aws/lambda/${name}`);
      return [group, `${group}:*`];
    }),
  ];
}

export const keptLogs = (asked: Asked) => [arn(asked, "logs", `log-group:/cutover/${asked.rollout.name}/*`)];

/** The logs of others, whose lines rows count. */
export function countedLogs(asked: Asked): string[] {
  const groups = promoted(asked).flatMap(({ abort }) =>
    Object.values(abort).flatMap((row) => (row.logs === undefined ? [] : [row.logs.group])),
  );
  return [...new Set(groups)].flatMap((group) => {
    const named = arn(asked, "logs", `log-group:${group}`);
    // Some calls name a group with what is below it.
    return [named, `${named}:*`];
  });
}

/** The gate role's login, and what functions log in with. */
export function secrets(asked: Asked): string[] {
  const { database } = asked.rollout;
  const any =
    (database !== undefined && database.login?.auth !== "iam") ||
    timed(asked).length > 0 ||
    (asked.rollout.sources !== undefined && probed(asked).length > 0);
  return any ? [arn(asked, "secretsmanager", `secret:cutover/${asked.rollout.name}/*`)] : [];
}

/** The gates' login to their database, where IAM vouches for it. */
export function databaseLogin(asked: Asked): string[] {
  const login = iamLoginOf(asked.rollout, asked.region);
  if (!login) return [];
  const { resource } = asked.rollout.database?.login ?? {};
  return [...logInByIam(asked, { login, resource }).Resource];
}

/** The databases of which snapshots are taken, and the snapshots. */
export function snapshots(asked: Asked): string[] {
  return promoted(asked).flatMap(({ name, snapshot }) => {
    if (snapshot === undefined) return [];
    const of = `${asked.rollout.name}-${name}-attempt-*`.toLowerCase().replaceAll(/-+/g, "-");
    const { instance, cluster } = snapshot;
    return instance === undefined
      ? [arn(asked, "rds", `cluster:${cluster}`), arn(asked, "rds", `cluster-snapshot:${of}`)]
      : [arn(asked, "rds", `db:${instance}`), arn(asked, "rds", `snapshot:${of}`)];
  });
}

/** Servers that start anew for new flags. */
export function restarted(asked: Asked): string[] {
  const ecs = asked.rollout.servers?.ecs ?? [];
  return ecs
    .filter(({ restart }) => restart)
    .map(({ cluster, service }) => arn(asked, "ecs", `service/${cluster}/${service}`));
}

/** Those that AWS knows no resource for. */
export const unnamed = () => ["*"];
