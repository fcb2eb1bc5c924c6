import type { BroughtDown } from "../abort/bringDown";
import type { Carried } from "../abort/carry";
import type { AlarmNow } from "../aws/alarms";
import type { Known } from "../aws/known";
import type { TopicName } from "../aws/names";
import type { Flags } from "../flags/flags";
import type { Ledger, Note } from "../flags/ledger";
import type { Verdict } from "../gates/judge";
import type { Post, SendResult } from "../messages/sendOnce";
import type { Finish } from "../rollout/finished";
import type { Predecessor } from "../rollout/planRaise";
import type { Rollout, Stage } from "../rollout/rollout";
import type { HeldTo } from "../rollout/strength/judge";
import type { ExitWorld } from "./finishGates";
import type { Down } from "./flagStore";
import type { Proof } from "./prove";

/** A stage's post, which keeps the verdicts of a finish beside what people were told. */
interface FinishPost extends Post {
  note(key: string, text: string): Promise<void>;
  noted(key: string): Promise<string | undefined>;
}

/** What a stage's stack keeps of its last flip: what became of it, and what it was held to, where that was written down. */
export interface LastFlip {
  readonly recorded: Predecessor;
  readonly heldTo: Known<HeldTo | undefined>;
}

/** The world that a finish looks at, and acts on. */
export interface FinishWorld extends ExitWorld {
  ledger(): Promise<Ledger>;
  /** What a stage's stack keeps of its last flip. Never throws. */
  lastFlip(stage: Stage): Promise<LastFlip>;
  /** Keys of what was decided about a row's alarms. Throws where they cannot be read. */
  decisions(stage: Stage, row: string): Promise<ReadonlySet<string>>;
  alarms(names: readonly string[]): Promise<ReadonlyMap<string, AlarmNow>>;
  /** Writes an entry that changes no flag, right after the deployment that was looked at. See `carry`. */
  record(note: Note, lookedAt: number): Promise<Carried>;
  /** Brings flags down in the name of a stage. Throws where they may still be up. */
  bringDown(stage: Stage, down: Down): Promise<BroughtDown>;
  postOf(stage: Stage): FinishPost;
  /** Who asks, as AWS knows them. Never throws. */
  caller(): Promise<string | undefined>;
}

/** What is asked for. */
export interface FinishAsked {
  readonly rollout: Rollout;
  readonly reason: string;
  /** What tells this act from every other. */
  readonly id: string;
  readonly region: string;
  readonly timeScale: number;
  readonly topics: Readonly<Record<TopicName, string>>;
  /** For how long what does not answer after the entry is asked again, in ms. Default: 30 s. */
  readonly patience?: number;
}

/** What became of it. */
export type Finished =
  /** Gates do not pass, or say nothing by passing. */
  | { readonly kind: "blocked"; readonly verdicts: readonly Verdict[]; readonly proofs: readonly Proof[] }
  | ({
      readonly kind: "finished";
      readonly finish: Finish;
      /** It was finished before. */
      readonly again: boolean;
      /** What is live, by the ledger as it was read last. */
      readonly flags: Flags;
      readonly verdicts?: readonly Verdict[] | undefined;
      readonly proofs?: readonly Proof[] | undefined;
    } & ToldOfFinish)
  | AfterFinish;

/** Who was told. */
export interface ToldOfFinish {
  readonly told: SendResult;
  /** Why it is not known who was told: then nothing was sent. */
  readonly untold?: string | undefined;
  /** What was kept of it went with the last stage's stack: nothing was sent, and nothing is left to be done. */
  readonly forgotten?: true | undefined;
}

/** What was seen after the entry, where the finish does not stand, or that is not known: nobody was told. */
export type AfterFinish =
  /** Something came between the look and the entry, or right after it: it is over. */
  | {
      readonly kind: "taken-back";
      readonly why: string;
      readonly down: readonly BroughtDown[];
      /** What was live then, where nothing was brought down. */
      readonly flags?: Flags | undefined;
    }
  /** It is in the ledger, and something else is live since. */
  | { readonly kind: "overtaken"; readonly finish: Finish; readonly why: string; readonly flags: Flags }
  /** It is in the ledger, and whether it stands is not known. */
  | { readonly kind: "unknown"; readonly finish: Finish; readonly why: string };
