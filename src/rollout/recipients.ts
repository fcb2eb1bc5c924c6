import { TOPICS, type TopicName } from "../aws/names";
import { channelKindOf } from "../channels/registry";
import { type Rollout, type Stage, stagesUpTo } from "./rollout";
import { topicNameIn } from "./topics";

/** Who is told of a stage by one topic, and of what. */
export interface Recipients {
  readonly topic: TopicName;
  /** Rows whose alarms page by it, the stage's own first, then those of earlier stages, which stay in force. */
  readonly pages: readonly string[];
  /** Rows that open an incident in it. */
  readonly incidents: readonly string[];
  /** Messages of the stage. */
  readonly messages: readonly string[];
  /** True where it hears of every rollback. */
  readonly rollbacks: boolean;
  readonly channels: readonly { readonly name: string; readonly tool: string }[];
  /** Each in words, without what may be a key. */
  readonly subscriptions: readonly string[];
}

/** Who is told of a stage, topic by topic, and by what. Pure; says nothing of secrets, nor of their names. */
export function recipientsOf(rollout: Rollout, stage: Stage): Recipients[] {
  const inForce = stagesUpTo(rollout, stage)
    .reverse()
    .flatMap(({ abort }) => Object.entries(abort));
  return TOPICS.map((topic) => ({
    topic,
    pages: topic === "onCall" ? inForce.map(([row]) => row) : [],
    incidents: inForce.flatMap(([row, { incident }]) => (incident?.to.includes(topic) ? [row] : [])),
    messages: Object.entries(stage.messages).flatMap(([row, { to }]) => (to.includes(topic) ? [row] : [])),
    rollbacks: topic !== "onCall" && stage.predecessor !== undefined,
    channels: Object.entries(rollout.channels ?? {}).flatMap(([name, config]) =>
      config.topics.includes(topic) ? [{ name, tool: channelKindOf(config).title }] : [],
    ),
    subscriptions: subscribed(rollout, topic),
  }));
}

function subscribed({ topics, existingTopics }: Rollout, topic: TopicName): string[] {
  const there = existingTopics?.[topic];
  return [
    ...(there ? [`those of the account's own topic ${topicNameIn(there.arn)}`] : []),
    ...topics[topic].map(({ protocol, endpoint }) => `${protocol} ${shown(protocol, endpoint)}`),
  ];
}

/** The columns of a table of them. */
export const TOLD_COLUMNS = ["Topic", "Hears of", "Channels", "Subscriptions"] as const;

/**
 * One row for each topic, by those columns.
 *
 * @param as how anybody's text and a name are written where the table stands
 */
export function toldRows(
  told: readonly Recipients[],
  as: { readonly text: (raw: string) => string; readonly code: (raw: string) => string },
): string[][] {
  return told.map((one) => {
    const { topic, channels, subscriptions } = one;
    const cells = [as.code(topic), as.text(hearsOf(one)) || "nothing"];
    if (channels.length + subscriptions.length === 0) return [...cells, "**nobody is told**", ""];
    return [
      ...cells,
      channels.map(({ name, tool }) => `${as.code(name)} (${as.text(tool)})`).join(", ") || "none",
      subscriptions.map((each) => as.text(each)).join(", ") || "none",
    ];
  });
}

/** What a topic is used for in a stage, as an enumeration; empty where it is silent. */
function hearsOf({ pages, incidents, messages, rollbacks }: Recipients): string {
  return [
    ...(pages.length > 0 ? [`pages of ${pages.join(", ")}`] : []),
    ...(incidents.length > 0 ? [`incidents of ${incidents.join(", ")}`] : []),
    ...(messages.length > 0 ? [messages.join(", ")] : []),
    ...(rollbacks ? ["any rollback"] : []),
  ].join("; ");
}

/** The host of a URL alone, since its path may be a key; the end of a number; the name of what an ARN names. */
function shown(protocol: string, endpoint: unknown): string {
  if (typeof endpoint !== "string") return "(its address is kept secret)";
  if (protocol.startsWith("http")) return URL.canParse(endpoint) ? new URL(endpoint).host : "(no URL)";
  if (protocol === "sms") return `…${endpoint.slice(-2)}`;
  return endpoint.startsWith("arn:") ? (endpoint.split(":").at(-1) ?? "") : endpoint;
}
