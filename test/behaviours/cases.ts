import type { State } from "../../sandbox/aws/front/alarms/judge";
import type { Outcome } from "../../src/gates/judge";
import { type Behaviour, type Shipped, same } from "./behaviour";
import { rowOf, stateOf } from "./world/alarms";
import { NOW } from "./world/clock";
import { exitOf, gateBefore, outcomeOver, smokeOf } from "./world/gates";
import type { Published } from "./world/metrics";

/** Made once: what was published does not depend on what reads it. */
export function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** What was published, in words, and how a gate comes out on it. */
export interface GateCase {
  readonly when: string;
  readonly published: () => Published;
  readonly outcome: Outcome;
}

/** What was published, in words, and the state of an alarm on it. */
export interface AlarmCase {
  readonly when: string;
  readonly published: () => Published;
  readonly state: State;
  /** The alarm's state before. Default: OK. */
  readonly was?: State;
}

const FIND = { entry: gateBefore, smoke: smokeOf, exit: exitOf };

interface Gate {
  readonly rollout: Shipped;
  readonly id: string;
  /** Begins with the id. */
  readonly title: string;
  /** The stage whose promotion asks for it; that it is left by, for `exit`; after whose flip it is looked, for `smoke`. */
  readonly stage: string;
  readonly phase?: "entry" | "smoke" | "exit";
  readonly liveMs: number;
  readonly cases: readonly GateCase[];
}

/** A gate on a metric, over what was published. */
export const gateOver = ({
  rollout: of,
  id,
  title,
  stage,
  phase = "entry",
  liveMs,
  cases,
}: Gate): Behaviour => ({
  rollout: of,
  rows: [id],
  title,
  async run(rollout) {
    const gate = FIND[phase](rollout, stage, id);
    for (const { when, published, outcome } of cases)
      same(await outcomeOver(published(), gate, { rollout, promoted: stage, liveMs }), outcome, when);
  },
});

/** The alarm of an abort row, over what was published. */
export const alarmOver = (
  { rollout: of, id, stage, title }: Pick<Gate, "rollout" | "id" | "stage" | "title">,
  cases: readonly AlarmCase[],
): Behaviour => ({
  rollout: of,
  rows: [id],
  title,
  async run(rollout) {
    const row = rowOf(rollout, stage, id);
    for (const { when, published, state, was } of cases)
      same(stateOf(row, published(), NOW, was), state, when);
  },
});
