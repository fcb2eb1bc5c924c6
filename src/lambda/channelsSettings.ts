import type { Channel } from "../channels/deliver";
import type { WorkedQueue } from "./queueWorker";

/** A channel, with the queues that it is delivered from. */
export type QueuedChannel = Channel & WorkedQueue;

/** All that the function has beside its code which delivers to a rollout's channels. No secret in it. */
export interface ChannelsSettings {
  readonly rollout: string;
  readonly region: string;
  readonly channels: readonly QueuedChannel[];
  /** The log group in which it is kept what was sent. */
  readonly sentGroup: string;
}
