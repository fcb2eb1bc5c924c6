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
export function showFollower({ how, name, problem }: Follower): string {
  if (how === "restart")
    return problem === undefined ? `restarts ${name}` : `could not restart ${name} (${problem})`;
  return problem === undefined
    ? `carries the flags on to ${name}`
    : `could not carry the flags on to ${name} (${problem})`;
}

/** What people have to do where flags are down and one did not hear of it. */
export function showStuck({ how, name, problem }: Follower): string {
  return how === "restart"
    ? `${name} COULD NOT BE RESTARTED, and goes on with the flags of before: ${problem}. Restart it by hand, now`
    : `${name} COULD NOT BE CALLED, and goes on with the flags of before: ${problem}. Set its variables by hand, now`;
}
