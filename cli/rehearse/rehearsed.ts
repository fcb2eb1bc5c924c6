import type { Progress, Sandbox } from "../../sandbox";
import type { Proofs } from "./derived/proofs";
import type { Timeline } from "./timeline";
import type { World } from "./world";

/** How a rollout is rehearsed. */
export interface Rehearsed {
  /** Where its timeline is written, and the page about it. */
  readonly file: string;
  readonly page: string;
  /** How fast time passes, for people. */
  readonly pace: string;
  /** A stage to try by hand. */
  readonly stack: string;
  /** Opens its world, and says what is done in it. */
  open(sandbox: Sandbox, progress: Progress): Promise<Opened>;
}

/** A world, and what is done in it: promotions and aborts, then its finish, and in the end nothing of it is left. */
interface Opened {
  readonly world: World;
  readonly acts: Readonly<Record<"rehearse" | "finish" | "retire", (timeline: Timeline) => Promise<void>>>;
  /** What was seen of each row, where rows are counted. */
  readonly proofs?: Proofs;
}
