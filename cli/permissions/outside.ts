import { channelName, channelsName, deliveriesName, deliveryName, functionRole } from "../../src/aws/names";
import { channelKindOf, secretOf } from "../../src/channels/registry";
import { secretOf as tokenOf } from "../../src/delivery/registry";
import { arn, roleArn } from "./arn";
import type { Asked } from "./asked";

/** The names of a rollout's channels, as their queues have them. */
export function channels({ rollout }: Asked): string[] {
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
  const fed = [...telling(asked), ...delivering(asked)];
  return fed.length === 0 ? [] : [arn(asked, "lambda", "event-source-mapping:*")];
}
/** The topics of channels that have one of their own. */
export function channelTopics(asked: Asked): string[] {
  const { rollout } = asked;
  return Object.entries(rollout.channels ?? {})
    .filter(([, config]) => channelKindOf(config).ownTopic)
    .map(([channel]) => arn(asked, "sns", channelName(rollout.name, channel)));
}
/** The secrets that channels name, which somebody else keeps. */
export const channelSecrets = (asked: Asked) =>
  secretsNamed(
    asked,
    Object.values(asked.rollout.channels ?? {}).map((config) => secretOf(config)),
  );
/** Secrets Manager adds a dash and six characters to a name. */
function secretsNamed(asked: Asked, names: readonly (string | undefined)[]): string[] {
  return names.flatMap((name) =>
    name === undefined ? [] : [arn(asked, "secretsmanager", `secret:${name}-??????`)],
  );
}
/** The names of a rollout's deliveries, as their queues have them. */
export function deliveries({ rollout }: Asked): string[] {
  return Object.keys(rollout.delivery ?? {}).map((delivery) => deliveryName(rollout.name, delivery));
}
/** What a delivery is called by. */
export const deliveryQueues = (asked: Asked) => deliveries(asked).map((name) => arn(asked, "sqs", name));
/** The function that carries flags on, and the role that it runs as. */
export function delivering(asked: Asked): string[] {
  const { name } = asked.rollout;
  return deliveries(asked).length === 0 ? [] : [arn(asked, "lambda", `function:${deliveriesName(name)}`)];
}
export function deliveringRoles(asked: Asked): string[] {
  const { rollout, region } = asked;
  return deliveries(asked).length === 0
    ? []
    : [roleArn(asked, functionRole(deliveriesName(rollout.name), region))];
}
/** The secrets that deliveries name, which somebody else keeps. */
export const deliverySecrets = (asked: Asked) =>
  secretsNamed(
    asked,
    Object.values(asked.rollout.delivery ?? {}).map((config) => tokenOf(config)),
  );
/** The parameters that deliveries to SSM write. */
export function deliveredParameters(asked: Asked): string[] {
  return Object.values(asked.rollout.delivery ?? {}).flatMap((one) =>
    one.kind === "ssm" ? [arn(asked, "ssm", `parameter${one.path}/*`)] : [],
  );
}
/** The ECS services that deliveries start anew. */
export function deliveredServices(asked: Asked): string[] {
  return Object.values(asked.rollout.delivery ?? {}).flatMap((one) =>
    one.kind === "ssm"
      ? one.ecs.map(({ cluster, service }) => arn(asked, "ecs", `service/${cluster}/${service}`))
      : [],
  );
}
