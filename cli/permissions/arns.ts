import { logInByIam } from "../../components/permissions/statement";
import {
  channelName,
  channelsName,
  channelsRole,
  dashboardName,
  measureName,
  measureRole,
  partName,
  TOPICS,
  type TopicName,
  topicName,
} from "../../src/aws/names";
import { channelKindOf, secretOf } from "../../src/channels/registry";
import { iamLoginOf } from "../../src/rollout/gateLogin";
import type { Stage } from "../../src/rollout/rollout";
import { existingArns } from "../../src/rollout/topics";
import type { Asked } from "./asked";

/** What the names of functions, roles and queues have in common below this length; longer ones end with a hash. */
const KEPT = 40;

/** The stages that may be promoted: the first one declares the foundation. */
function promoted({ rollout }: Asked): readonly Stage[] {
  return rollout.stages.slice(1);
}

function arn({ partition, region, account }: Asked, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** Whatever of that service is named after one of these stages: its role, its function, its queue. */
function named(asked: Asked, service: string, prefix: string, stages: readonly Stage[]): string[] {
  const names = stages.flatMap(({ name }) => {
    // As `src/aws/names.ts` joins them: of dashes only those between the parts part them.
    const whole = `${asked.rollout.name}-${name.replaceAll("-", "_")}`;
    return whole.length <= KEPT ? `${whole}-*` : `${whole.slice(0, KEPT)}*`;
  });
  return [...new Set(names)].map((name) => arn(asked, service, `${prefix}${name}`));
}

/** The flag store, and all below it. */
export function flags(asked: Asked): string[] {
  const application = arn(asked, "appconfig", `application/${asked.application}`);
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
/** Those that are there. */
export function existingTopics({ rollout }: Asked): string[] {
  return Object.values(existingArns(rollout));
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
export const switched = (asked: Asked) =>
  promoted(asked).filter(({ abort }) => Object.keys(abort).length > 0);
/** Stages with timed messages have a function that sends them. */
const timed = (asked: Asked) =>
  promoted(asked).filter(({ messages }) =>
    Object.values(messages).some(({ when }) => typeof when === "object"),
  );
const probed = (asked: Asked) =>
  promoted(asked).filter(({ abort }) => Object.values(abort).some((row) => row.probe !== undefined));
/** Stages with rows that ask for a decision have reminders of it. */
export const reminding = (asked: Asked) =>
  promoted(asked).filter(({ abort }) => Object.values(abort).some((row) => row.remind !== undefined));
const withFunctions = (asked: Asked) => [...new Set([...switched(asked), ...timed(asked)])];

export const abortTopics = (asked: Asked) => named(asked, "sns", "", switched(asked));
export const queues = (asked: Asked) => [
  ...named(asked, "sqs", "", withFunctions(asked)),
  ...channels(asked).flatMap((name) => [arn(asked, "sqs", name), arn(asked, "sqs", `${name}-dlq`)]),
];
export const functions = (asked: Asked) => [
  ...named(asked, "lambda", "function:", withFunctions(asked)),
  ...ofRollout(asked).map(({ name }) => arn(asked, "lambda", `function:${name}`)),
];
/** The functions of a rollout as a whole, with their roles: where there are any, each has a log and a role as a stage's have. */
function ofRollout(asked: Asked): { readonly name: string; readonly role: string }[] {
  const { rollout, region } = asked;
  const measures = { name: measureName(rollout.name), role: measureRole(rollout.name, region) };
  const tells = { name: channelsName(rollout.name), role: channelsRole(rollout.name, region) };
  return [
    ...(rollout.measure === undefined ? [] : [measures]),
    ...(channels(asked).length === 0 ? [] : [tells]),
  ];
}
/** The names of a rollout's channels, as their queues have them. */
function channels({ rollout }: Asked): string[] {
  return Object.keys(rollout.channels ?? {}).map((channel) => channelName(rollout.name, channel));
}
/** What a channel is sent from. */
export const channelQueues = (asked: Asked) => channels(asked).map((name) => arn(asked, "sqs", name));
/** The function that sends what the channels' queues hold. */
export function telling(asked: Asked): string[] {
  const { rollout } = asked;
  return channels(asked).length === 0 ? [] : [arn(asked, "lambda", `function:${channelsName(rollout.name)}`)];
}
/** AWS names them by itself. */
export function mappings(asked: Asked): string[] {
  return channels(asked).length === 0 ? [] : [arn(asked, "lambda", "event-source-mapping:*")];
}
/** The topics of channels that have one of their own. */
export function channelTopics(asked: Asked): string[] {
  const { rollout } = asked;
  return Object.entries(rollout.channels ?? {})
    .filter(([, config]) => channelKindOf(config).ownTopic)
    .map(([channel]) => arn(asked, "sns", channelName(rollout.name, channel)));
}
/** The secrets that channels name, which somebody else keeps: Secrets Manager adds a dash and six characters. */
export function channelSecrets(asked: Asked): string[] {
  return Object.values(asked.rollout.channels ?? {})
    .flatMap((config) => secretOf(config) ?? [])
    .map((name) => arn(asked, "secretsmanager", `secret:${name}-??????`));
}
/** The function that looks from within a network. */
export function measuring(asked: Asked): string[] {
  const { rollout } = asked;
  return rollout.measure === undefined ? [] : [arn(asked, "lambda", `function:${measureName(rollout.name)}`)];
}
export const rules = (asked: Asked) => named(asked, "events", "rule/", probed(asked));
export const schedules = (asked: Asked) => named(asked, "scheduler", "schedule/default/", timed(asked));
export const scheduleGroups = (asked: Asked) =>
  named(asked, "scheduler", "schedule-group/", reminding(asked));
/** By their whole names: whoever runs a probe by hand must not call the switch beside it. */
export const probes = (asked: Asked) =>
  probed(asked).map(({ name }) =>
    arn(asked, "lambda", `function:${partName(asked.rollout.name, name, "probe")}`),
  );

/** Roles have no region. */
function roles(asked: Asked, stages: readonly Stage[]): string[] {
  return named({ ...asked, region: "" }, "iam", "role/", stages);
}
export const functionRoles = (asked: Asked) => [
  ...roles(asked, withFunctions(asked)),
  ...ofRollout(asked).map(({ role }) => arn({ ...asked, region: "" }, "iam", `role/${role}`)),
];
export const schedulerRoles = (asked: Asked) =>
  roles(asked, [...new Set([...timed(asked), ...reminding(asked)])]);

/** Of the rows, and of what watches the functions. */
export const alarms = (asked: Asked) => [
  ...named(asked, "cloudwatch", "alarm:", withFunctions(asked)),
  ...channels(asked).map((name) => arn(asked, "cloudwatch", `alarm:${name}.*`)),
  ...(channels(asked).length === 0
    ? []
    : [arn(asked, "cloudwatch", `alarm:${channelsName(asked.rollout.name)}.*`)]),
];

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
  return [
    arn(asked, "logs", `log-group:/cutover/${asked.rollout.name}/*`),
    ...named(asked, "logs", "log-group:/aws/lambda/", withFunctions(asked)),
    // Some calls name a group with what is below it.
    ...ofRollout(asked).flatMap(({ name }) => {
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
  const any = (database !== undefined && database.login?.auth !== "iam") || timed(asked).length > 0;
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
