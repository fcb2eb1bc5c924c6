import * as pulumi from "@pulumi/pulumi";
import type { Subscription } from "../src/rollout/config/stackFile";
import type { Rollout } from "../src/rollout/rollout";
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
  rollout: Pick<Rollout, "topics">,
  topic: keyof Rollout["topics"],
  config: Readonly<Record<string, string>> = pulumi.runtime.allConfig(),
): OpenSubscription[] {
  return rollout.topics[topic].map(({ protocol, endpoint }, index) =>
    typeof endpoint === "string"
      ? { protocol, endpoint, secret: false }
      : { protocol, endpoint: decrypted(config, topic, index), secret: true },
  );
}

interface Written {
  readonly topics?: Readonly<Record<string, readonly { readonly endpoint?: unknown }[] | undefined>>;
}

function decrypted(config: Readonly<Record<string, string>>, topic: string, index: number): string {
  const whole = JSON.parse(config["cutover:rollout"] ?? "{}") as Written;
  const endpoint = whole.topics?.[topic]?.[index]?.endpoint;
  if (typeof endpoint === "string" && endpoint !== "") return endpoint;
  throw new UserError("An endpoint cannot be decrypted:", [
    {
      where: `cutover:rollout.topics.${topic}[${index}].endpoint`,
      what: "is secret, and this run was given no value for it",
      remedy: "Set it anew with pulumi config set --path --secret, in the first stage's stack",
    },
  ]);
}
