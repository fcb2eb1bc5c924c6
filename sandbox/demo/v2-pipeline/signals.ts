import { Signals as Gathered } from "../service/signals";

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
const VALUES = ["CpuPercent", "MemoryPercent"] as const;

export type Counter = (typeof COUNTERS)[number];
export type Value = (typeof VALUES)[number];

/** The signals of the import service. */
export class Signals extends Gathered<Counter, Value, never> {
  constructor() {
    super({ counters: COUNTERS, gauges: [], units: { CpuPercent: "Percent", MemoryPercent: "Percent" } });
  }
}
