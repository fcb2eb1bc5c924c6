import type { Watched } from "../../../../sandbox/standin/signals/watched";

const at = { stage: "one", section: "exit" as const };
/** A metric of the app that is made up. */
export const metric = (name: string, statistic = "Sum") => ({ namespace: "App", name, statistic });
/** An exit gate, unless it is said to be something else. */
export const row = (row: string, given: Pick<Watched, "source" | "limit"> & Partial<Watched>): Watched => ({
  ...at,
  id: `one.${row}`,
  row,
  minSamples: 1,
  heartbeats: [],
  ...given,
});
