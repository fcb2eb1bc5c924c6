import type { RunReport } from "../../src/promotion/runReport";
import type { Rollout } from "../../src/rollout/rollout";
import type { Base } from "../../src/rollout/strength/judge";
import type { Place } from "../../src/text/command";

/** What a preview came to, in plain data: all that the comment is made of. */
export interface PreviewFacts {
  /** The rollout's name, also where its stack files cannot be used. */
  readonly name: string;
  /** How commands that the comment prints reach the rollout: who reads it stands anywhere. Default: by its name. */
  readonly place?: Place | undefined;
  /** The stage that was asked for. */
  readonly stage: string;
  /** Absent where the stack files cannot be used. */
  readonly rollout?: Rollout | undefined;
  /** What the program planned and measured. Absent where it did not come that far, and for the first stage. */
  readonly report?: RunReport | undefined;
  /** What the rollout is held to in the base of the pull request. Absent where there is none. */
  readonly base?: Base | undefined;
  /** True where a base was given, and has no such rollout. */
  readonly newInBase?: boolean | undefined;
  /** True where the state was a copy without secrets. */
  readonly copy?: boolean | undefined;
  /** What the engine said. Absent where it did not run. */
  readonly engine?: EngineFacts | undefined;
  /** Why there is no whole preview. */
  readonly trouble?: Trouble | undefined;
}

export interface EngineFacts {
  /** Of mandatory policies. */
  readonly violations: readonly { readonly rule: string; readonly message: string }[];
  readonly steps: readonly { readonly op: string; readonly urn: string; readonly type: string }[];
}

/** Why a preview failed, for people. */
export interface Trouble {
  /** One sentence, without a full stop. */
  readonly what: string;
  readonly remedy: string;
  /** What was said by whatever failed, in its own words. */
  readonly said: readonly string[];
}
