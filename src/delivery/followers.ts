import type { ECSClient } from "@aws-sdk/client-ecs";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { type EcsService, restartServers, restartsOf } from "../flags/restart";
import { callDeliveries } from "./call";

/** Who follows the flags only when told that they have changed. All others ask AppConfig themselves. */
export interface Followers {
  /** Services whose servers read their flags when they start. */
  readonly restart: readonly EcsService[];
  /** Deliveries to platforms, by name. */
  readonly deliver: readonly string[];
}

/** What came of one of them. */
export interface Follower {
  readonly how: "restart" | "delivery";
  /** As people know it: cluster/service, or the delivery's name. */
  readonly name: string;
  /** Why it could not be asked, and so goes on with the flags of before. Absent where it was. */
  readonly problem?: string | undefined;
}

/** A rollout's followers. */
export function followersOf(
  rollout: Parameters<typeof restartsOf>[0] & {
    readonly delivery?: Readonly<Record<string, unknown>> | undefined;
  },
): Followers {
  return { restart: restartsOf(rollout), deliver: Object.keys(rollout.delivery ?? {}) };
}

/**
 * Has everyone follow what is live now: at a flip, a smoke failure, a lower and an abort alike. All at once, and one that
 * fails keeps no other from it. That they have followed is not waited for: what servers report tells. Never throws.
 *
 * @param clients default: of its own, closed when the work has ended
 */
export async function follow(
  region: string,
  rollout: string,
  { restart, deliver }: Followers,
  clients: { readonly ecs?: ECSClient; readonly sqs?: SQSClient } = {},
): Promise<Follower[]> {
  const [restarts, called] = await Promise.all([
    restartServers(region, restart, clients.ecs),
    callDeliveries(region, rollout, deliver, clients.sqs),
  ]);
  return [
    ...restarts.map(({ service, problem }): Follower => ({ how: "restart", name: service, problem })),
    ...called.map(({ delivery, problem }): Follower => ({ how: "delivery", name: delivery, problem })),
  ];
}

/** What came of it, in words. */
export function showFollower(follower: Follower): string {
  const { how, name, problem } = follower;
  if (problem !== undefined) return `${name} ${leftBehind(follower)} (${problem})`;
  return how === "restart" ? `restarts ${name}` : `carries the flags on to ${name}`;
}

/** What people have to do where flags are down and one did not hear of it. */
export function showStuck(follower: Follower): string {
  const { how, name, problem } = follower;
  const byHand = how === "restart" ? "Restart it by hand" : "Set its variables by hand";
  return `${name} ${leftBehind(follower).toUpperCase()}, and goes on with the flags of before: ${problem}. ${byHand}, now`;
}

/** In the same words wherever people read of one that could not be asked. */
export function leftBehind({ how }: Pick<Follower, "how">): string {
  return how === "restart" ? "could not be restarted" : "could not be called";
}
