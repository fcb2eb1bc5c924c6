import { Metrics } from "../../../kit/node/src";
import type { Published } from "../service/published";

/** Events per interval: nothing happened is a zero, so each interval has a datapoint. Use Sum. */
const COUNTERS = [
  "ImportRequests",
  "V1Requests",
  "V1GoneRequests",
  "V1Unannounced",
  "Server5xx",
  "Complaints",
  "CorruptImports",
] as const;

/** Samples of the process, taken all the while. */
const VALUES = { CpuPercent: "Percent", MemoryPercent: "Percent" } as const;

export type Counter = (typeof COUNTERS)[number];
export type Value = keyof typeof VALUES;

/** The signals of the import service. */
export class Signals extends Metrics<Counter, Value> {
  constructor(published: Published) {
    super({ counters: COUNTERS, values: VALUES, ...published });
  }
}
