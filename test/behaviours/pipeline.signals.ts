import { type Behaviour, same } from "./behaviour";
import { type AlarmCase, alarmOver, type GateCase, gateOver, once } from "./cases";
import { ago, DAY, HOUR, MINUTE, SECOND } from "./world/clock";
import { gateBefore, onSeen } from "./world/gates";
import { type Imports, pipeline } from "./world/pipeline";

const over = (usual: Imports["usual"], forMs: number, besides: Imports["besides"] = {}): Imports => ({
  ...{ forMs, everyMs: MINUTE, usual, besides },
});
const when = (words: string, course: Imports, outcome: GateCase["outcome"]): GateCase => ({
  when: words,
  published: once(() => pipeline(course)),
  outcome,
});
const each = (count: number, fromMs: number, happening: Imports["usual"] | "silent") =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [fromMs + n * MINUTE, happening]));

/** The p95 of a resource over the whole hold, below so many percent: of each stage whose users are on v2. */
const resource = (id: string, key: "cpu" | "memory", below: number): readonly Behaviour[] => {
  const other = key === "cpu" ? "memory" : "cpu";
  const at = (values: Readonly<Record<number, number>>) => ({ [other]: { 99: 6 }, [key]: values });
  const cases = [
    when("well below", over(at({ 20: 6 }), DAY), "pass"),
    when("4 of 100 at the top", over(at({ 20: 96, 99: 4 }), DAY), "pass"),
    when("6 of 100 at the top", over(at({ 20: 94, 99: 6 }), DAY), "fail"),
    when(
      "at the top in its first hours",
      over(at({ 20: 6 }), DAY, each(100, DAY - 99 * MINUTE, at({ 99: 6 }))),
      "fail",
    ),
    when("just there", over(at({ [below]: 6 }), DAY), "fail"),
    when("a little less", over(at({ [below - 0.5]: 6 }), DAY), "pass"),
    when("more than there can be", over(at({ 120: 6 }), DAY), "inconclusive"),
    when("no figures", over(at({}), DAY), "inconclusive"),
  ];
  const short = [
    when("100 figures", over(at({}), 100 * MINUTE, each(100, 0, at({ 20: 1 }))), "pass"),
    when("99 figures", over(at({}), 100 * MINUTE, each(99, 0, at({ 20: 1 }))), "inconclusive"),
  ];
  return ["percent50", "percent100", "deprecate-v1"].flatMap((stage) => [
    gateOver({
      ...{ rollout: "v2-pipeline" as const, id, stage, liveMs: DAY, cases },
      title: `${id}: before ${stage}, the p95 of the ${key === "cpu" ? "CPU" : "memory"} over the whole hold is below ${below} %`,
    }),
    gateOver({
      ...{ rollout: "v2-pipeline" as const, id, stage, liveMs: 100 * MINUTE, cases: short },
      title: `${id}: before ${stage}, fewer than 100 figures say nothing`,
    }),
  ]);
};

/** How much more of a resource is used in the last quarter of the hold than in its first: below so many points. */
const growth = (id: string, key: "cpu" | "memory", below: number): readonly Behaviour[] => {
  const other = key === "cpu" ? "memory" : "cpu";
  /** So much in each quarter of a day, one figure a minute; the other resource grows all the time. */
  const quarters = (...levels: readonly Readonly<Record<number, number>>[]): Imports => ({
    ...{ forMs: DAY, everyMs: MINUTE, usual: {} },
    besides: Object.fromEntries(
      Array.from({ length: DAY / MINUTE }, (_, n) => {
        const part = Math.floor((4 * n * MINUTE) / DAY);
        return [DAY - n * MINUTE, { [key]: levels[part] ?? {}, [other]: { [10 + 20 * part]: 1 } }];
      }),
    ),
  });
  const level = (value: number) => ({ [value]: 2 });
  const cases = [
    when("as much all the time", quarters(...Array.from({ length: 4 }, () => level(30))), "pass"),
    when("a little less more", quarters(level(30), level(30), level(30), level(30 + below - 0.5)), "pass"),
    when("just so much more", quarters(level(30), level(30), level(30), level(30 + below)), "fail"),
    when("growing", quarters(level(30), level(40), level(50), level(60)), "fail"),
    when("much between, and none in the end", quarters(level(30), level(70), level(70), level(30)), "pass"),
    when("less in the end", quarters(level(70), level(70), level(70), level(30)), "pass"),
    // Of the same mean, and with other peaks, lows and middles.
    when(
      "peaks in the end, on the same mean",
      quarters({ 30: 10 }, level(30), level(30), { 25: 9, 75: 1 }),
      "pass",
    ),
    when(
      "lows at first, on the same mean",
      quarters({ 35: 9, 2: 1 }, level(30), level(30), { 31.7: 10 }),
      "pass",
    ),
    when(
      "a higher mean under the same peak",
      quarters({ 20: 9, 80: 1 }, level(30), level(30), { 20: 1, 80: 9 }),
      "fail",
    ),
    when("no figures", quarters(), "inconclusive"),
    when("none in the end", quarters(level(30), level(30), level(30)), "inconclusive"),
    when("none at first", quarters({}, level(30), level(30), level(30)), "inconclusive"),
  ];
  const short = [
    when("5 figures", over({}, 20 * MINUTE, each(20, 0, { [key]: { 30: 1 } })), "pass"),
    when(
      "4 figures, and more of the other resource",
      over({}, 20 * MINUTE, {
        ...each(20, 0, { [key]: { 30: 1 }, [other]: { 30: 5 } }),
        [2 * MINUTE]: { [other]: { 30: 5 } },
      }),
      "inconclusive",
    ),
  ];
  return ["percent50", "percent100", "deprecate-v1"].flatMap((stage) => [
    gateOver({
      ...{ rollout: "v2-pipeline" as const, id, stage, liveMs: DAY, cases },
      title: `${id}: before ${stage}, the ${key === "cpu" ? "CPU" : "memory"} of the hold's last quarter is less than ${below} points above its first`,
    }),
    gateOver({
      ...{ rollout: "v2-pipeline" as const, id, stage, liveMs: 20 * MINUTE, cases: short },
      title: `${id}: before ${stage}, fewer than 5 figures of its last quarter say nothing`,
    }),
  ]);
};

/** No request to v1 in all of the time, while there are others. */
const silentV1 = (forMs: number, edgeMs: number) =>
  [
    when("others alone", over({ imports: 1 }, forMs), "pass"),
    when(
      "v1 is called once at the beginning",
      over({ imports: 1 }, forMs, { [edgeMs]: { imports: 1, v1: 1 } }),
      "fail",
    ),
    when(
      "v1 is called once at the end",
      over({ imports: 1 }, forMs, { [MINUTE]: { imports: 1, v1: 1 } }),
      "fail",
    ),
    when("no data for ten minutes", over({ imports: 1 }, forMs, each(10, HOUR, "silent")), "inconclusive"),
    when("100 requests", over({}, forMs, each(100, 0, { imports: 1 })), "pass"),
    when("99 requests", over({}, forMs, each(99, 0, { imports: 1 })), "inconclusive"),
  ] as const;

const tens = (usual: Imports["usual"], besides: Imports["besides"] = {}): Imports => ({
  ...{ forMs: 10 * MINUTE, everyMs: 10 * SECOND, usual, besides },
});
const seen = (
  words: string,
  course: Imports,
  state: AlarmCase["state"],
  was: AlarmCase["state"] = "OK",
): AlarmCase => ({
  ...{ when: words, published: once(() => pipeline(course)), state, was },
});
const QUIET: Imports = { forMs: -1, everyMs: MINUTE, usual: {} };

/** Events that are looked at for a minute. */
const inMinute = (bad: Imports["usual"], others: Imports["usual"]): AlarmCase[] => [
  seen("nothing happens", tens({ imports: 5, servers: 150 }), "OK"),
  seen("it happened 50 s ago", tens({ imports: 5, servers: 150 }, { [50 * SECOND]: bad }), "ALARM"),
  seen(
    "it happened more than a minute ago",
    tens({ imports: 5, servers: 150 }, { [70 * SECOND]: bad }),
    "OK",
    "ALARM",
  ),
  seen("something else happens", tens({ imports: 5, servers: 150 }, { 0: others }), "OK"),
  seen("the app is silent after it", QUIET, "OK", "ALARM"),
];

export const PIPELINE_SIGNALS: readonly Behaviour[] = [
  ...resource("G5", "cpu", 80),
  ...resource("G5m", "memory", 85),
  ...growth("G5c", "cpu", 20),
  ...growth("G5g", "memory", 10),
  gateOver({
    ...{ rollout: "v2-pipeline", id: "D2", stage: "deprecate-v1", liveMs: 8 * DAY },
    title: "D2: one request to v1 in any minute of seven days is one too many",
    cases: [
      ...silentV1(8 * DAY, 7 * DAY - 10 * MINUTE),
      when(
        "v1 was called before them",
        over({ imports: 1 }, 8 * DAY, { [7 * DAY + HOUR]: { imports: 1, v1: 1 } }),
        "pass",
      ),
    ],
  }),
  gateOver({
    ...{ rollout: "v2-pipeline", id: "X3", stage: "remove-v1", liveMs: 8 * DAY },
    title: "X3: one request to v1 in any minute since its deprecation is one too many",
    cases: silentV1(8 * DAY, 8 * DAY - 10 * MINUTE),
  }),
  alarmOver(
    { rollout: "v2-pipeline", id: "T3", stage: "percent10", title: "T3: one complaint within a minute" },
    inMinute({ complaints: 1 }, { corrupt: 1, gone: 1, v1: 1 }),
  ),
  alarmOver(
    { rollout: "v2-pipeline", id: "X5", stage: "remove-v1", title: "X5: one call of v1, which is gone" },
    inMinute({ gone: 1 }, { corrupt: 1, complaints: 1, v1: 1, unannounced: 1 }),
  ),
  alarmOver(
    {
      rollout: "v2-pipeline",
      id: "D5",
      stage: "deprecate-v1",
      title: "D5: one answer of v1 within a minute that does not announce its end; none once v1 is gone",
    },
    inMinute({ unannounced: 1 }, { corrupt: 1, complaints: 1, gone: 1, v1: 1 }),
  ),
  alarmOver(
    {
      rollout: "v2-pipeline",
      id: "T4",
      stage: "percent10",
      title: "T4: one corrupt import, or silence of who looks",
    },
    [
      seen("nothing is corrupt", tens({ imports: 5, servers: 150 }), "OK"),
      seen("one is", tens({ imports: 5, servers: 150 }, { 0: { corrupt: 1 } }), "ALARM"),
      seen(
        "one was, ten seconds ago",
        tens({ imports: 5, servers: 150 }, { [10 * SECOND]: { corrupt: 1 } }),
        "OK",
        "ALARM",
      ),
      seen(
        "something else happens",
        tens({ imports: 5, servers: 150 }, { 0: { complaints: 1, gone: 1, v1: 1 } }),
        "OK",
      ),
      seen("nobody looks", QUIET, "ALARM"),
    ],
  ),
  {
    rollout: "v2-pipeline",
    rows: ["G1", "G3"],
    title: "G1, G3: a percentage beyond what there can be is no evidence",
    async run(rollout) {
      const window = { from: ago(2 * DAY), to: ago(0) };
      for (const stage of ["percent50", "percent100", "deprecate-v1"])
        for (const id of ["G1", "G3"])
          for (const value of [120, -1])
            same(
              onSeen(gateBefore(rollout, stage, id), { kind: "value", value, window }),
              "inconclusive",
              `${value} % for ${id}`,
            );
    },
  },
];
