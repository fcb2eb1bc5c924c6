import type { Declarations, Values } from "../../../../kit/node/src";
import { Snapshot } from "../../../../kit/node/src/snapshot";
import type { Served } from "../../../../sandbox/demo/service/flags";
import type { Published } from "../../../../sandbox/demo/service/published";

/** Signals that are drained by hand. */
export const NOWHERE: Published = { sink: { send: async () => {} } };

/** The flags of a moment, as a document would have them. */
export interface Moment<D extends Declarations> {
  readonly flags: Values<D>;
  readonly version: string | null;
  readonly drill?: unknown;
}

/** Flags that are what a test says at each moment. */
export function served<D extends Declarations>(declared: D, now: () => Moment<D>): Served<D> {
  return {
    snapshot: () => new Snapshot(declared, now().flags, now().version),
    report: () => ({ source: "appconfig", evaluated: {}, ...now() }),
  };
}
