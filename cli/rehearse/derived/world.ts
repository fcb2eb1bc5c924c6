import type { Rollout } from "../../../src/rollout/rollout";
import { UserError } from "../../../src/text/problem";
import { statusOf } from "../command";
import type { Stage as Act, Cause } from "../steps";
import type { World } from "../world";
import type { Lever } from "./levers/lever";
import type { Row } from "./rehearsedRows";

/** Any rollout's world: what it brings itself, and what is made up. */
export interface DerivedWorld extends World {
  readonly rollout: Rollout;
  /** Where what is kept of a rehearsal is written, beside the stack files. */
  readonly kept: string;
  /** The rollout has an app of its own, and another one is made up in its place: of its faults, those of config are left. */
  readonly appLeftOut: boolean;
  /** How rows can be made to come out badly, the rollout's own ways first. */
  readonly levers: readonly Lever[];
  /** What the rollout itself looks for in its app whenever a stage has been promoted. */
  checksOf(stage: string): readonly OwnLook[];
}

/** Something that holds of an app, and what says why it does not. */
interface OwnLook {
  readonly holds: string;
  look(): Promise<string | undefined>;
}

export type Derived = Act<DerivedWorld>;

/** What makes a row come out badly here; undefined where nothing does. */
export function leverFor({ levers }: Pick<DerivedWorld, "levers">, row: Row): Lever | undefined {
  return levers.find((lever) => lever.can(row));
}

/** What makes one row come out badly, as steps take it. */
export function causeOf(lever: Lever, row: Row): Cause {
  return { pull: () => lever.pull(row), release: () => lever.release() };
}

/** A gate of the next stage as `cutover status --gates` tells it. */
export type GateTold = Readonly<Record<"id" | "outcome" | "observed", string>>;

/** What every gate of the next stage says now. Throws a `UserError` where that is another stage, or unknown. */
export async function gatesOf(world: DerivedWorld, stage: string): Promise<readonly GateTold[]> {
  const { gates } = await statusOf(world, "--gates");
  if (!gates) throw new UserError(`No stage comes next, and ${stage} should`);
  if (!gates.known) throw new UserError(`The gates of ${stage} are not known: ${gates.why}`);
  if (gates.value.stage !== stage)
    throw new UserError(`The next stage is ${gates.value.stage}, and not ${stage}`);
  return gates.value.verdicts;
}
