import type { Gate } from "../gates/definition";
import type { FlagStore } from "../ledger/appconfig";
import type { FlagSpecs } from "../model/flags";
import type { TopicName } from "../src/aws/names";
import type { MessageMap } from "./config";

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
