import { describe, expect, it } from "vitest";
import { percentile, TrafficLog } from "../../../sandbox/demo/traffic-log";

const answer = (read: boolean, write: boolean, version = "1") => ({
  server: "ops-1",
  flags: { OPS_VIEW_DB_READ: read, OPS_VIEW_DB_WRITE: write },
  version,
});

describe("TrafficLog", () => {
  it("counts by second, and tells no answer from a bad one", () => {
    const log = new TrafficLog(0);
    for (const [at, status, ms] of [
      [100, 200, 5],
      [900, 503, 9],
      [1_100, null, 3],
    ] as const) {
      log.exchange({ at, method: "GET", url: "http://a/x", status, ms });
    }
    const report = log.report(2_000);
    expect(report.requests).toBe(3);
    expect(report.byStatus).toEqual({ "200": 1, "503": 1, none: 1 });
    expect(report.seconds).toEqual([
      { at: "1970-01-01T00:00:00.000Z", byStatus: { "200": 1, "503": 1 }, p95Ms: 9, maxMs: 9 },
      { at: "1970-01-01T00:00:01.000Z", byStatus: { none: 1 }, p95Ms: 3, maxMs: 3 },
    ]);
    expect(report.failures.map((failure) => failure.status)).toEqual([503, null]);
  });

  it("notes each change of a server's flags once, with its time", () => {
    const log = new TrafficLog(0);
    log.flags(1, "http://a", answer(false, false));
    log.flags(2, "http://a", answer(false, false));
    log.flags(3, "http://b", answer(false, false));
    log.flags(4, "http://a", answer(true, false, "2"));
    log.flags(5, "http://a", answer(false, false));
    const { flagChanges, flagAnswers, violations } = log.report(6);
    expect(flagChanges.map(({ at, url }) => [Date.parse(at), url])).toEqual([
      [1, "http://a"],
      [3, "http://b"],
      [4, "http://a"],
      [5, "http://a"],
    ]);
    expect(flagAnswers).toBe(5);
    expect(violations).toEqual([]);
  });

  it("never misses write without read, however often it was seen", () => {
    const log = new TrafficLog(0);
    log.flags(1, "http://a", answer(false, true));
    log.flags(2, "http://a", answer(false, true));
    expect(log.report(3).violations).toHaveLength(2);
  });
});

describe("percentile", () => {
  it.each([
    [[], 0],
    [[4], 4],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 100], 19],
  ])("%j: %d", (values, expected) => {
    expect(percentile(values, 0.95)).toBe(expected);
  });
});
