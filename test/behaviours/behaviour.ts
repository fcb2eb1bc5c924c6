import type { Rollout } from "../../src/rollout/rollout";
import type { Database } from "./world/database";

/** The rollouts that are shipped. */
export type Shipped = "ops-view" | "v2-pipeline";

/** What a behaviour may use beside the rollout. */
export interface Tools {
  /** A PostgreSQL server of the run's own; opened for the first behaviour that asks. */
  database(): Promise<Database>;
}

/** One thing that a row of a plan does, shown by a scenario: it throws where the rollout does otherwise. */
export interface Behaviour {
  readonly rollout: Shipped;
  /** The rows of the plan that it is about. */
  readonly rows: readonly string[];
  /** What the plan asks for, as a test is called: `E1: one server error in any minute of the day is one too many`. */
  readonly title: string;
  /** True where it needs a PostgreSQL server, which takes seconds to start. */
  readonly sql?: true;
  run(rollout: Rollout, tools: Tools): Promise<void>;
}

/** The rollout does something else than its plan asks for. */
export class Otherwise extends Error {
  override readonly name = "Otherwise";
}

/** Holds what was found against what the plan asks for. */
export function same(found: unknown, asked: unknown, about: string): void {
  const [is, wanted] = [found, asked].map((one) => JSON.stringify(one));
  if (is !== wanted) throw new Otherwise(`${about}: ${is}, where the plan asks for ${wanted}`);
}

/** Throws where the rollout lacks something that the plan speaks of. */
export function there<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Otherwise(`${what} is not there`);
  return found;
}
