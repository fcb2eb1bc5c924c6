import type { TopicName } from "../aws/names";
import type { FlagStoreIds } from "../flags/appConfigStore";
import type { Door } from "../flags/doors";
import type { FlagSpecs, Flags } from "../flags/flags";
import type { EcsService } from "../flags/restart";
import type { Promised } from "../gates/promise";

/** One row that the stage's alarms stand for. */
export interface AbortRow {
  /** The row id, such as XB1. */
  readonly row: string;
  /** What is wrong when it fires. */
  readonly title: string;
  /** `page` tells people, and changes no flag; `drill` deploys the flags as they are. */
  readonly action: "rollback" | "page" | "drill";
  /** The limit, as a person reads it: `Sum of Write5xx > 0 over 10s`. */
  readonly limit: string;
  /** The flags that this row goes down to, where it says how far down. */
  readonly floor?: Flags | undefined;
  /** The same as it is typed by hand; also where only some flags go down. */
  readonly to?: string | undefined;
  /** It goes one phase below what was live, and to `floor` at the lowest; how far back in ms lies what its alarm tells of. */
  readonly previous?: { readonly spanMs: number; readonly floor: Flags } | undefined;
  /** The only flags that go down, with what requires them. Absent: all of them. */
  readonly only?: readonly string[] | undefined;
  /** Behind a stage that there is no way back from, no flag is lowered, and the rollout is held. */
  readonly freeze?: true | undefined;
  /** Whose topics an incident is opened in when it fires. */
  readonly incident?: readonly TopicName[] | undefined;
  /**
   * For a row that only pages: how long on-call has for a decision before they are reminded, or before the flags go
   * down where nobody decided. `after` as declared.
   */
  readonly remind?:
    | { readonly after: string; readonly afterMs: number; readonly undecided?: "rollback" | undefined }
    | undefined;
  /** The line of the runbook that on-call reads. */
  readonly runbook?: string | undefined;
}

/** Where reminders are scheduled. */
export interface RemindersAt {
  /** The schedules' group, and the role that they call the switch with. */
  readonly group: string;
  readonly roleArn: string;
  readonly deadLetterQueueArn: string;
  /** The switch itself. */
  readonly functionArn: string;
}

/** All that the abort switch of one stage knows; plain data, put beside its code by `abortBundle`. */
export interface AbortConfig {
  readonly rollout: string;
  /** Where the switch runs, which it knows by itself: pages name it. */
  readonly region?: string | undefined;
  readonly stage: string;
  /** Names that the stage had before: the ledger may speak of it by these. */
  readonly formerly?: readonly string[] | undefined;
  readonly attempt: number;
  readonly specs: FlagSpecs;
  /** The flags that an abort of this stage goes down to. */
  readonly floor: Flags;
  /** What there is no way back from. */
  readonly doors?: readonly Door[] | undefined;
  readonly store: FlagStoreIds;
  /** The only topic that is listened to. */
  readonly topicArn: string;
  /** By alarm name: alarms that are not listed here are refused. */
  readonly alarms: Readonly<Record<string, AbortRow>>;
  readonly topics: { readonly onCall: string; readonly ops: string; readonly stakeholders: string };
  readonly restart: readonly EcsService[];
  /** Deliveries that are called, by name. */
  readonly deliver?: readonly string[] | undefined;
  /** What the rollout promises of a rollback; absent where no row says a time. */
  readonly promised?: Promised | undefined;
  /** What the stage contracts, and stays down after an abort of it, in one sentence; absent where it contracts nothing. */
  readonly contracted?: string | undefined;
  /** What people reconcile once the flags are down: a title, and the line to be typed. Absent where nothing is compared. */
  readonly reconcile?: readonly { readonly title: string; readonly line: string }[] | undefined;
  /** What reminders need; absent where no row asks for one. */
  readonly reminders?: RemindersAt | undefined;
}
