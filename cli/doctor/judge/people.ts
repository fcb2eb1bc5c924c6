import type { Known } from "../../../src/aws/known";
import { channelName, TOPIC_SUFFIX, type TopicName } from "../../../src/aws/names";
import type { Subscriber } from "../../../src/aws/topics";
import type { GuardFacts } from "../../../src/rollout/guardFacts";
import { personFaults } from "../../../src/rollout/personFaults";
import type { Rollout } from "../../../src/rollout/rollout";
import { short } from "../../../src/text/command";
import { counted } from "../../../src/text/counted";
import type { Locate } from "../../../src/text/problem";
import { type Finding, finder } from "../finding";

const { ok, fault, later, unknown } = finder("People");

/** Who would be told, by topic. */
export interface PeopleFacts {
  readonly rollout: Rollout;
  readonly topics: ReadonlyMap<TopicName, Known<readonly Subscriber[] | undefined>>;
  readonly guards: GuardFacts;
  readonly locate: Locate;
}

export function judgePeople({ rollout, topics, guards, locate }: PeopleFacts): Finding[] {
  const first = rollout.stages[0].name;
  return [...topics].flatMap(([topic, seen]): Finding | Finding[] => {
    const name = TOPIC_SUFFIX[topic];
    const where = locate(first, ["cutover:rollout", "topics", topic]);
    const up = short.ofStack("up", first);
    if (!seen.ok) return unknown(name, seen.why, seen.remedy);
    const there = rollout.existingTopics?.[topic];
    if (there && !seen.value)
      return fault(
        name,
        `names ${there.arn}, which is not there`,
        "Name a topic of this account and region",
        {
          where,
        },
      );
    const declared = rollout.topics[topic].length;
    const rows = rowsOn(rollout, topic);
    const nobody = `names nobody, and ${rows.join(", ")} would tell it: nobody is reached`;
    const add = there
      ? `Subscribe somebody to ${there.arn} in SNS`
      : `Name somebody under topics.${topic}, then ${up}`;
    if (declared === 0 && seen.value === undefined)
      return rows.length > 0
        ? fault(name, nobody, add, { where })
        : ok(name, "names nobody, and no row tells it anything");
    if (!seen.value)
      return later(name, `${counted(declared, "subscription")}, made by the first ${up}`, { where });
    if (topic === "onCall" && rows.length > 0) {
      const wrong = personFaults(rollout, guards);
      if (wrong.length > 0) return wrong.map(({ what, remedy }) => fault(name, what, remedy, { where }));
    }
    return heard(rollout, name, seen.value, rows, { where, nobody, add });
  });
}

function heard(
  rollout: Pick<Rollout, "name" | "channels">,
  name: string,
  subscribers: readonly Subscriber[],
  rows: readonly string[],
  { where, nobody, add }: { readonly where: string; readonly nobody: string; readonly add: string },
): Finding {
  const confirmed = subscribers.filter((one) => one.confirmed);
  // A channel's queue is called by the channel, whose own line says whom that reaches.
  const channelOf = ({ endpoint }: Subscriber) =>
    Object.keys(rollout.channels ?? {}).find((channel) =>
      endpoint.endsWith(`:${channelName(rollout.name, channel)}`),
    );
  const by = [
    ...new Set(
      confirmed.map((one) => {
        const channel = channelOf(one);
        return channel === undefined ? one.protocol : `channel ${channel}`;
      }),
    ),
  ].join(", ");
  const pending = subscribers.length - confirmed.length;
  const wait = `${counted(pending, "subscription")} ${pending === 1 ? "waits" : "wait"} to be confirmed`;
  if (confirmed.length > 0)
    return ok(
      name,
      `${counted(confirmed.length, "confirmed subscription")} (${by})${pending > 0 ? `; ${wait}` : ""}`,
    );
  if (rows.length === 0) return ok(name, "nobody listens, and no row tells it anything");
  return pending > 0
    ? fault(
        name,
        `${wait}, and no other is: nobody is reached by ${rows.join(", ")}`,
        "Confirm one: an e-mail by the link in the mail that SNS sent, an https endpoint by the SubscribeURL that SNS posted",
        { where },
      )
    : fault(name, nobody, add, { where });
}

/** The rows that tell a topic something: an abort row pages whoever is on call. */
function rowsOn({ stages }: Rollout, topic: TopicName): string[] {
  const rows = stages.flatMap(({ abort, messages }) => [
    ...(topic === "onCall" ? Object.keys(abort) : []),
    ...Object.entries(messages).flatMap(([row, { to }]) =>
      (to as readonly string[]).includes(topic) ? [row] : [],
    ),
  ]);
  return [...new Set(rows)];
}
