import type { TopicName } from "../aws/names";
import type { FlagStore } from "../flags/readLedger";
import type { Gate } from "../gates/gate";
import type { Asked } from "../rollout/cause";
import type { MessageMap } from "../rollout/config/messages";
import type { Release } from "../rollout/config/release";

/** All that the messages function of one stage knows; plain data, put beside its code. What is due comes with the schedule. */
export interface MessagesConfig {
  /** Whose messages these are. */
  readonly of: Asked;
  readonly release?: Release | undefined;
  readonly store: FlagStore;
  readonly topics: Readonly<Record<TopicName, string>>;
  /** The timed messages. */
  readonly messages: MessageMap;
  /** The stage's exit gates, and the attempt of the stage whose promotion they decide about: sign-offs are made for it. */
  readonly gates: readonly Gate[];
  readonly attempt: number;
  readonly sentGroup: string;
  /** 1 on any real account. */
  readonly timeScale: number;
}
