import * as pulumi from "@pulumi/pulumi";
import type { Subscription } from "../src/rollout/config/topics";
import type { Rollout } from "../src/rollout/rollout";
import { short } from "../src/text/command";
import { UserError } from "../src/text/problem";

/** A subscription whose endpoint is known, and whether the state may tell it. */
export interface OpenSubscription {
  readonly protocol: Subscription["protocol"];
  readonly endpoint: string;
  readonly secret: boolean;
}

/**
 * The subscriptions of a topic. An endpoint that the stack file holds encrypted comes from the engine, which has
 * decrypted it; whoever declares it keeps it secret.
 *
 * @param config the stack's config as the engine gave it, by key
 */
export function openSubscriptions(
  rollout: Pick<Rollout, "topics" | "stages">,
  topic: keyof Rollout["topics"],
  config: Readonly<Record<string, string>> = pulumi.runtime.allConfig(),
): OpenSubscription[] {
  return rollout.topics[topic].map(({ protocol, endpoint }, index) =>
    typeof endpoint === "string"
      ? { protocol, endpoint, secret: false }
      : { protocol, endpoint: decrypted(rollout, config, topic, index), secret: true },
  );
}

interface Written {
  readonly topics?: Readonly<Record<string, readonly { readonly endpoint?: unknown }[] | undefined>>;
}

function decrypted(
  { stages }: Pick<Rollout, "stages">,
  config: Readonly<Record<string, string>>,
  topic: string,
  index: number,
): string {
  const whole = JSON.parse(config["cutover:rollout"] ?? "{}") as Written;
  const endpoint = whole.topics?.[topic]?.[index]?.endpoint;
  if (typeof endpoint === "string" && endpoint !== "") return endpoint;
  const key = `cutover:rollout.topics.${topic}[${index}].endpoint`;
  throw new UserError("An endpoint cannot be decrypted:", [
    {
      where: key,
      what: "is secret, and this run was given no value for it",
      remedy: `Set it anew: ${short.pulumi("config set", `-s ${stages[0].name}`, "--path", "--secret", `"${key}"`)}`,
    },
  ]);
}
