import type { TopicName } from "../src/aws/names";
import type { FlagSpecs } from "../src/flags/flags";
import type { FlagStore } from "../src/flags/readLedger";
import type { Gate } from "../src/gates/gate";
import type { MessageMap } from "../src/rollout/config/messages";

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
