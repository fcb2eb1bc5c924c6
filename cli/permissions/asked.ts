import type { AwsPlace } from "../../src/aws/arn";
import type { Rollout } from "../../src/rollout/rollout";

/** For whom a policy is: what they do, and nothing else. */
export const ROLES = [
  "measure",
  "preview",
  "drift",
  "promote",
  "break-glass",
  "doctor",
  "retire",
  "backup",
] as const;
export type Role = (typeof ROLES)[number];

/** What a policy is written for. */
export interface Asked extends AwsPlace {
  readonly rollout: Rollout;
  /** The AppConfig application's id; `*` before the first `up`, which makes it. */
  readonly application: string;
  /** The bucket that keeps Pulumi's state; absent where another service does. */
  readonly stateBucket?: string | undefined;
  /** The ARN of the KMS key that encrypts the stacks' secrets; absent where a passphrase does. */
  readonly stateKey?: string | undefined;
  /** The bucket and the key of the copies that previews read, which a promotion makes; absent where it makes none. */
  readonly previewBucket?: string | undefined;
  readonly previewKey?: string | undefined;
  /** The ARN of the policy that bounds each role that a promotion makes; absent where none does. */
  readonly boundary?: string | undefined;
}

/** One thing that somebody does. */
export interface Grant {
  /** Unique, in letters and digits: AWS takes no other. */
  readonly sid: string;
  readonly for: readonly Role[];
  /** Each action, with what proves that it is needed: `SEEN`, or why no sandbox can show it. */
  readonly actions: Readonly<Record<string, string>>;
  /** The ARNs that it is done on; none where the rollout has nothing of the kind. */
  readonly on: (asked: Asked) => readonly string[];
  readonly when?: (asked: Asked) => Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
}

/** A rollout in a sandbox was seen to call it. */
export const SEEN = "seen";
/** Why others are there: the official provider does more than the sandbox's own. */
export const TAGS = "the AWS provider reads and writes tags, also default ones";
export const READS = "the AWS provider reads a resource back after it made it, and in a refresh";
export const CHANGES = "the AWS provider changes or replaces a resource once config says so";
export const REMOVES = "destroying a stage, or a row that was taken out, removes it";
export const SELDOM = "it is called only where something went wrong, or was interrupted";

/** All of a list with one reason. */
export function each(why: string, ...actions: readonly string[]): Record<string, string> {
  return Object.fromEntries(actions.map((action) => [action, why]));
}
