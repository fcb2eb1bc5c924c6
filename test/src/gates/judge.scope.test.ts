import { describe, expect, it, test } from "vitest";
import type { Gate } from "../../../src/gates/gate";
import { judgeInScope, outOfScope } from "../../../src/gates/judge";
import type { Seen } from "../../../src/gates/observation";
import { admit } from "../../../src/promotion/admit";
import {
  ago,
  COVERED,
  evidence,
  gateOf,
  NOW,
  observe,
  soakGate,
  sqlGate,
  subject,
  value,
} from "../../support/build";

const HOUR = 3_600_000;
const SKEW = 5_000;
/** The flags are live since 25 hours; `subject()` says so, too. */
const LIVE = 25 * HOUR;

const metric = (window: string) =>
  gateOf("E1", {
    source: "metric",
    namespace: "N",
    name: "M",
    statistic: "Sum",
    window,
    minSamples: 1,
    expect: { eq: 0 },
  });
const over = (from: number, to = 1_000): Seen => ({
  kind: "metric",
  value: 0,
  samples: 9,
  window: { from: ago(from), to: ago(to) },
  coverage: COVERED,
});
const soaking = (since: string, deployment = 2): Seen => ({
  kind: "occupancy",
  stage: "stageA",
  since,
  deployment,
});
const quiet = (since: string): Seen => ({ kind: "alarms", since, alarms: [{ row: "XA1", state: "OK" }] });
const said = (liveSince: string): Seen => ({
  kind: "signOff",
  by: "ada",
  at: ago(HOUR),
  statement: "none",
  attempt: 1,
  liveSince,
});
const alarms = gateOf("XA", { source: "alarms" }, { alarms: { XA1: "a" } });
const signOff = gateOf("E4", { source: "signOff" });

const windowed = (window: string) => sqlGate("G1", { window, values: ["{from}"] });
const within = (from: number): Seen => ({
  kind: "value",
  value: 1,
  window: { from: ago(from), to: ago(1_000) },
});

/** What was seen, whether it counts, and on which clock. Observations are made a second ago. */
const table: [what: string, gate: Gate, seen: Seen, told: RegExp | undefined, timeScale?: number][] = [
  ["a soak of what is live", soakGate("B2"), soaking(ago(LIVE)), undefined],
  [
    "a soak of what is live, by a clock that differs a little",
    soakGate("B2"),
    soaking(ago(LIVE + SKEW)),
    undefined,
  ],
  [
    "a soak that began earlier",
    soakGate("B2"),
    soaking(ago(LIVE + SKEW + 1)),
    /^a soak since .*, but the flags are live since/,
  ],
  ["a soak that began later", soakGate("B2"), soaking(ago(LIVE - SKEW - 1)), /^a soak since/],
  ["a soak since no time", soakGate("B2"), soaking("lately"), /^a soak since an unknown time/],
  [
    "a soak of another deployment",
    soakGate("B2"),
    soaking(ago(LIVE), 1),
    /^the soak of deployment 1, but deployment 2 is live/,
  ],
  ["a query without a window", sqlGate("A3"), value(1), undefined],
  ["a query over its window", windowed("24h"), within(24 * HOUR + 1_000), undefined],
  ["a query over an hour less", windowed("24h"), within(23 * HOUR), /less than 24h/],
  ["a query over the whole soak", windowed("soak"), within(LIVE), undefined],
  ["a query over a part of the soak", windowed("soak"), within(LIVE - HOUR), /less than the whole soak/],
  ["a query that looked at no window", windowed("soak"), value(1), /^no window at all, where the whole soak/],
  ["a statement held against what is live", signOff, said(ago(LIVE)), undefined],
  ["a statement held against an earlier time", signOff, said(ago(LIVE + HOUR)), /^held against/],
  ["a statement held against no time", signOff, said(""), /^held against an unknown time/],
  ["alarms all through the soak", alarms, quiet(ago(LIVE)), undefined],
  ["alarms for longer", alarms, quiet(ago(2 * LIVE)), undefined],
  ["alarms for a part of the soak", alarms, quiet(ago(LIVE - HOUR)), /^alarms since .* only/],
  ["alarms since no time", alarms, quiet("?"), /^alarms since an unknown time only/],
  ["a metric over its window", metric("24h"), over(24 * HOUR + 1_000), undefined],
  [
    "a metric over a little less, as clocks are read one after another",
    metric("24h"),
    over(24 * HOUR),
    undefined,
  ],
  [
    "a metric over as much less as clocks may differ by",
    metric("24h"),
    over(24 * HOUR + 1_000 - SKEW),
    undefined,
  ],
  [
    "a metric over a second less than that",
    metric("24h"),
    { ...over(24 * HOUR - SKEW), coverage: { ...COVERED, period: 0.5 } } as Seen,
    /^a window since .*, which is less than 24h$/,
  ],
  ["a query over a minute less", windowed("24h"), within(24 * HOUR - 60_000), /which is less than 24h$/],
  ["a metric over more", metric("24h"), over(LIVE), undefined],
  [
    "a metric over what was before the flip",
    metric("24h"),
    over(48 * HOUR),
    /^a window since .*, but the flags are live since .*: what was before does not count/,
  ],
  [
    "a metric over more than the stage is live for",
    metric("7d"),
    over(LIVE),
    /less than 7d: the flags are live since then only/,
  ],
  ["a metric from the first whole minute on", metric("soak"), over(LIVE - 60_000), undefined],
  [
    "a query over what was before the flip",
    windowed("24h"),
    within(LIVE + HOUR),
    /what was before does not count/,
  ],
  ["a metric over too little", metric("24h"), over(23 * HOUR), /^a window since .*, which is less than 24h/],
  ["a metric over nothing", metric("24h"), over(1_000), /less than 24h/],
  ["a metric over a window that runs backwards", metric("24h"), over(-HOUR), /less than 24h/],
  [
    "a metric since no time",
    metric("24h"),
    { ...over(0), window: { from: "", to: ago(0) } } as Seen,
    /less than 24h/,
  ],
  [
    "a metric over a window of yesterday",
    metric("24h"),
    over(48 * HOUR, 24 * HOUR),
    /^a window that ends at .*, not when it was measured/,
  ],
  [
    "a metric over a window that ends tomorrow",
    metric("24h"),
    over(24 * HOUR, -24 * HOUR),
    /^a window that ends at/,
  ],
  [
    "a metric over a window that ends never",
    metric("24h"),
    { ...over(0), window: { from: ago(LIVE), to: "" } } as Seen,
    /^a window that ends at an unknown time/,
  ],
  ["a metric over scaled time", metric("24h"), over(61_000), undefined, 1_440],
  [
    "a metric over too little scaled time",
    metric("24h"),
    { ...over(31_000), coverage: { ...COVERED, period: 1 } } as Seen,
    /less than 24h/,
    1_440,
  ],
  ["a metric over the whole soak", metric("soak"), over(LIVE), undefined],
  ["a metric over more than the soak", metric("soak"), over(2 * LIVE), /what was before does not count/],
  ["a metric over a part of the soak", metric("soak"), over(LIVE - HOUR), /less than the whole soak/],
  [
    "a metric over a part of the soak, however fast time passes",
    metric("soak"),
    over(HOUR),
    /less than the whole soak/,
    1_440,
  ],
  ["a value, which is one of now", sqlGate("A3"), value(1), undefined],
  [
    "a failure, which says nothing of any time",
    metric("24h"),
    { kind: "failure", failure: "timeout", message: "" },
    undefined,
  ],
];

describe("what an observation speaks of", () => {
  test.each(table)("%s", (_, gate, seen, told, timeScale = 1) => {
    const found = outOfScope(gate, observe(gate, seen), subject(), timeScale);
    if (told) expect(found?.what).toMatch(told);
    else expect(found).toBeUndefined();
  });

  it("blocks a promotion where that is not all it should be", () => {
    for (const [what, gate, seen, told, timeScale = 1] of table) {
      if (!told) continue;
      const request = { subject: subject(), gates: [gate], evidence: evidence([observe(gate, seen)]) };
      const judgement = admit(request, { now: NOW, timeScale, moment: "flip" });
      expect(judgement.go, what).toBe(false);
      expect(judgement.verdicts[0], what).toMatchObject({
        outcome: "inconclusive",
        observed: expect.stringMatching(told),
      });
    }
  });

  it("is what came after the flip alone, twenty seconds after it, too", () => {
    const gate = metric("5m");
    const flip = { liveSince: ago(20_000), liveDeployment: 3 };
    const now = { now: NOW, timeScale: 1, attempt: 1 };
    const verdict = (from: number) => judgeInScope(gate, observe(gate, over(from, 0)), flip, now);
    expect(verdict(5 * 60_000)).toMatchObject({
      outcome: "inconclusive",
      observed: expect.stringMatching(/what was before does not count$/),
    });
    expect(verdict(20_000)).toMatchObject({ outcome: "inconclusive", earliest: ago(20_000 - 5 * 60_000) });
    const later = { ...flip, liveSince: ago(5 * 60_000) };
    expect(judgeInScope(gate, observe(gate, over(4 * 60_000, 0)), later, now).outcome).toBe("pass");
  });

  it("fails before its window is covered, where more of it could only make it worse", () => {
    const flip = { liveSince: ago(LIVE), liveDeployment: 3 };
    const verdict = (definition: object, value: number) => {
      const gate = gateOf("E1", { ...metric("7d").definition, ...definition });
      const seen = { ...over(LIVE), value } as Seen;
      return judgeInScope(gate, observe(gate, seen), flip, { now: NOW, timeScale: 1, attempt: 1 }).outcome;
    };
    expect(verdict({}, 0)).toBe("inconclusive");
    expect(verdict({}, 3)).toBe("fail");
    expect(verdict({ statistic: "Maximum", expect: { lt: 500 } }, 501)).toBe("fail");
    expect(verdict({ statistic: "worst minute p95", expect: { lt: 500 } }, 501)).toBe("fail");
    expect(verdict({ statistic: "worst minute Sum", expect: { gte: 5 } }, 3)).toBe("fail");
    expect(verdict({ minSamples: 10 }, 3)).toBe("inconclusive");
    // What may be negative takes away again.
    expect(verdict({ expect: { lte: 0, quantity: "signed" } }, 3)).toBe("inconclusive");
    // An average may still come down, and a sum may still reach what it is to reach.
    expect(verdict({ statistic: "Average", expect: { lt: 500 } }, 501)).toBe("inconclusive");
    expect(verdict({ expect: { gte: 5 } }, 3)).toBe("inconclusive");
    expect(verdict({ expect: { eq: 5 } }, 3)).toBe("inconclusive");
  });

  test.each([
    ["24h", 24 * HOUR, 1],
    ["48h", 48 * HOUR, 1],
    ["7d", 168 * HOUR, 1],
    ["5m", 5 * 60_000, 1],
    ["24h", 24_000, 3_600],
    ["7d", 168_000, 3_600],
    ["24h", 1_440_000, 60],
  ])("is all of %s, %d ms on the clock, but for what clocks differ by", (window, length, timeScale) => {
    const [gate, query] = [metric(window), windowed(window)];
    const allowed = Math.min(SKEW, length / 100);
    for (const [short, outcome] of [
      [length * 0.0099 + allowed, "inconclusive"],
      [allowed + 1, "inconclusive"],
      [allowed, "pass"],
      [0, "pass"],
    ] as const) {
      const since = length - short;
      const flip = { liveSince: ago(since), liveDeployment: 3 };
      const context = { now: NOW, timeScale, attempt: 1 };
      const ends = { from: ago(since), to: ago(0) };
      const seen = { ...over(0), window: ends } as Seen;
      const verdicts = [
        judgeInScope(gate, observe(gate, seen, { at: ago(0) }), flip, context),
        judgeInScope(
          query,
          observe(query, { kind: "value", value: 1, window: ends }, { at: ago(0) }),
          flip,
          context,
        ),
      ];
      for (const verdict of verdicts) {
        expect(verdict.outcome, `${short} ms short`).toBe(outcome);
        if (outcome === "inconclusive") expect(verdict.earliest).toBe(ago(since - length));
      }
    }
  });

  it("waits for a window that the stage is not live for yet, with its earliest time", () => {
    const gate = metric("7d");
    const request = { subject: subject(), gates: [gate], evidence: evidence([observe(gate, over(LIVE))]) };
    const earliest = ago(LIVE - 7 * 24 * HOUR);
    expect(admit(request, { now: NOW, timeScale: 1, moment: "flip" })).toMatchObject({
      go: false,
      earliest,
      verdicts: [{ outcome: "inconclusive", remedy: "Wait until the window is covered", earliest }],
    });
  });

  it("is nothing where it is not known since when the flags are live", () => {
    for (const [gate, seen] of [
      [soakGate("B2"), soaking(ago(LIVE))],
      [signOff, said(ago(LIVE))],
      [alarms, quiet(ago(LIVE))],
      [metric("soak"), over(LIVE)],
    ] as const)
      expect(outOfScope(gate, observe(gate, seen), subject({ liveSince: "?" }), 1)).toBeDefined();
  });
});
