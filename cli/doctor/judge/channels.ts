import type { Known } from "../../../src/aws/known";
import { channelName, channelsName, TOPIC_SUFFIX, type TopicName } from "../../../src/aws/names";
import type { Subscriber } from "../../../src/aws/topics";
import { type ChannelConfig, channelKindOf } from "../../../src/channels/registry";
import { restore } from "../../../src/rollout/guardFault";
import type { Rollout } from "../../../src/rollout/rollout";
import { short } from "../../../src/text/command";
import { counted } from "../../../src/text/counted";
import type { Locate } from "../../../src/text/problem";
import { type Finding, finder } from "../finding";
import type { ChannelFact, ChannelFacts } from "../look/channels";
import { functionFault, wrongOf } from "./queued";

const { ok, fault, later, unknown } = finder("People");

/** Whom channels tell, and what they are made of. */
export interface ChannelsSeen extends ChannelFacts {
  readonly rollout: Rollout;
  readonly topics: ReadonlyMap<TopicName, Known<readonly Subscriber[] | undefined>>;
  readonly locate: Locate;
}

/** Whether each channel would be told, and whom it would page. Pure. */
export function judgeChannels(seen: ChannelsSeen): Finding[] {
  const channels = Object.entries(seen.rollout.channels ?? {});
  const found = channels.flatMap(([name, config]) => oneChannel(seen, name, config));
  return channels.length === 0 ? [] : [...found, ...functionFindings(seen)];
}

/** What one channel is looked at with. */
interface One {
  readonly name: string;
  readonly config: ChannelConfig;
  readonly fact: ChannelFact;
  readonly first: string;
  readonly where: { readonly where: string };
  readonly wheres: (key: string) => { readonly where: string };
}

function oneChannel(seen: ChannelsSeen, channel: string, config: ChannelConfig): Finding[] {
  const { rollout, channels, locate } = seen;
  const name = `channel ${channel}`;
  const first = rollout.stages[0].name;
  const wheres = (key: string) => ({ where: locate(first, ["cutover:rollout", "channels", channel, key]) });
  const where = { where: locate(first, ["cutover:rollout", "channels", channel]) };
  const fact = channels.get(channel);
  if (!fact) return [unknown(name, "was not looked at", "Run doctor again")];
  const one: One = { name, config, fact, first, where, wheres };
  const wrong = [
    ...secretFindings(one),
    ...(isMade(one, seen) ? madeFindings(one, seen, channelName(rollout.name, channel)) : []),
  ];
  if (wrong.length > 0) return wrong;
  const words = wordsOf(config);
  return isMade(one, seen)
    ? [ok(name, words)]
    : [later(name, `${words}; made by the next ${short.ofStack("up", first)}`, where)];
}

/** Whom it tells, of which topics. */
function wordsOf(config: ChannelConfig): string {
  const { title, tells } = channelKindOf(config);
  const topics = config.topics.map((topic) => TOPIC_SUFFIX[topic]);
  const last = topics.at(-1) ?? "";
  const named = topics.length > 1 ? `${topics.slice(0, -1).join(", ")} and ${last}` : last;
  return `${title} is told what goes to ${named}, and ${tells}`;
}

/** False before the `up` that makes it: a queue that is gone has topics that still deliver to it. */
function isMade({ fact, config }: One, { topics }: ChannelsSeen): boolean {
  if (!fact.waiting.ok || fact.waiting.value !== undefined) return true;
  return config.topics.some((topic) => subscribed(fact, topics.get(topic)) !== undefined);
}

function subscribed(
  { queueArn }: ChannelFact,
  topic: Known<readonly Subscriber[] | undefined> | undefined,
): Subscriber | undefined {
  return topic?.ok ? topic.value?.find(({ endpoint }) => endpoint === queueArn) : undefined;
}

function madeFindings(one: One, { topics, fed, fn }: ChannelsSeen, called: string): Finding[] {
  const { name, config, fact, first, where, wheres } = one;
  const mend = restore(first);
  const { waiting, deadLetters } = fact;
  if (!waiting.ok) return [unknown(name, `its queue ${called}: ${waiting.why}`, waiting.remedy)];
  if (waiting.value === undefined)
    return [fault(name, `its queue ${called} is not there: it is told nothing`, mend, where)];
  const deaf = config.topics.flatMap((topic) => {
    const told = topics.get(topic);
    // A topic that is not there, or could not be read, has a line of its own.
    if (!told?.ok || !told.value) return [];
    const mine = subscribed(fact, told);
    if (mine?.confirmed && !mine.filtered) return [];
    const why =
      mine === undefined
        ? `${TOPIC_SUFFIX[topic]} does not deliver to its queue`
        : mine.confirmed
          ? `a filter policy keeps messages of ${TOPIC_SUFFIX[topic]} from its queue`
          : `its queue's subscription to ${TOPIC_SUFFIX[topic]} is not confirmed`;
    return [fault(name, why, mend, wheres("topics"))];
  });
  const state = fed.ok ? fed.value.get(fact.queueArn) : undefined;
  return [
    ...deaf,
    ...(deadLetters.ok
      ? deadLettersFound(one, deadLetters.value, called)
      : [unknown(name, deadLetters.why, deadLetters.remedy)]),
    ...(!fed.ok
      ? [unknown(name, `whether its queue is read: ${fed.why}`, fed.remedy)]
      : // Of a function that is gone one line says enough.
        state === "Enabled" || (fn.ok && !fn.value)
        ? []
        : [
            fault(
              name,
              `nobody reads its queue: the event source mapping ${state === undefined ? "is not there" : `is ${state}`}`,
              mend,
              where,
            ),
          ]),
    ...ownTopicFindings(one, called),
  ];
}

function deadLettersFound({ name, where, first }: One, count: number | undefined, called: string): Finding[] {
  if (count === undefined)
    return [fault(name, `its dead-letter queue ${called}-dlq is not there`, restore(first), where)];
  if (count === 0) return [];
  const lie = count === 1 ? "lies" : "lie";
  return [
    fault(
      name,
      `${counted(count, "message")} ${lie} in its dead-letter queue ${called}-dlq: nobody was told`,
      "Read in each message's attribute why what it says, mend that, then redrive or purge the queue in SQS",
      where,
    ),
  ];
}

/** A topic of its own is for the tool to subscribe to. */
function ownTopicFindings({ name, fact, config, first, where }: One, called: string): Finding[] {
  const { ownTopic } = fact;
  if (!ownTopic) return [];
  const { title } = channelKindOf(config);
  if (!ownTopic.ok) return [unknown(name, `its topic ${called}: ${ownTopic.why}`, ownTopic.remedy)];
  if (!ownTopic.value) return [fault(name, `its topic ${called} is not there`, restore(first), where)];
  return ownTopic.value.some(({ confirmed }) => confirmed)
    ? []
    : [
        fault(
          name,
          `${title} does not listen to its topic ${called}: it shows nothing`,
          `Add the topic ${called} to the channel's configuration in ${title}`,
          where,
        ),
      ];
}

function secretFindings({ name, fact, config, wheres }: One): Finding[] {
  const { secret } = fact;
  if (!secret) return [];
  const { title } = channelKindOf(config);
  const found = wrongOf(secret, "it is told nothing");
  if (found === undefined) return [];
  if (!secret.text.ok) return [unknown(name, found, secret.text.remedy)];
  const remedy =
    secret.text.value === "none"
      ? `Create it in Secrets Manager, in the rollout's region, with the text that ${title} gave`
      : `Put the text that ${title} gave into it: it counts from the next message on`;
  return [fault(name, found, remedy, wheres("secret"))];
}

/** The one function that sends to all of them. */
function functionFindings({ rollout, fn, channels }: ChannelsSeen): Finding[] {
  const called = channelsName(rollout.name);
  const name = `function ${called}`;
  const first = rollout.stages[0].name;
  if (!fn.ok) return [unknown(name, fn.why, fn.remedy)];
  const mend = restore(first);
  if (!fn.value) {
    const made = [...channels.values()].some(({ waiting }) => waiting.ok && waiting.value !== undefined);
    return made ? [fault(name, "is not there: no channel is told anything", mend)] : [];
  }
  const wrong = functionFault(fn.value);
  return wrong === undefined
    ? [ok(name, "is active, and sends what queues hold")]
    : [fault(name, wrong, mend)];
}
