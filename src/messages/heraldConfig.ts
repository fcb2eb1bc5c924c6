import type { TopicName } from "../aws/names";
import type { FlagSpecs } from "../flags/flags";
import type { FlagStore } from "../flags/readLedger";
import type { Gate } from "../gates/gate";
import type { MessageMap } from "../rollout/config/messages";

/** All that the herald of one stage knows; plain data, put beside its code. What is due comes with the schedule. */
export interface HeraldConfig {
  readonly rollout: string;
  readonly stage: string;
  readonly specs: FlagSpecs;
  readonly store: FlagStore;
  readonly topics: Readonly<Record<TopicName, string>>;
  /** The timed messages. */
  readonly messages: MessageMap;
  /** The stage's exit gates. */
  readonly gates: readonly Gate[];
  readonly toldGroup: string;
  /** 1 on any real account. */
  readonly timeScale: number;
}
