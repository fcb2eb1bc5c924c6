import { describe, expect, test } from "vitest";
import type { ReportData } from "../../../cli/report/data";
import { happenings } from "../../../cli/report/happenings";
import { alarmSpans, duringStages, flagSpans, merged, rangeOf, stageSpans } from "../../../cli/report/spans";
import { gapsOf, sentenceOf, standings } from "../../../cli/report/standing";
import { at, BEGIN, deployment, MADE, partialFixture, reportFixture } from "./fixture";

const DAY = 86_400_000;
const unknown = { known: false, why: "access denied" } as const;

type Known<T> = Extract<T, { known: true }>;
const ledgerOf = (data: ReportData) => (data.ledger as Known<ReportData["ledger"]>).value;
/** The fixture, with other deployments and another live stage. */
const withLedger = (deployments: ReturnType<typeof deployment>[], live?: object): ReportData => ({
  ...reportFixture(),
  ledger: {
    known: true,
    value: {
      deployments,
      attempts: [],
      ...(live ? { live: { ...ledgerOf(reportFixture()).live, ...live } as never } : {}),
    },
  },
});

/** A live stage, and a hold that a row put on the rollout. */
function frozen(said: string): ReportData {
  const data = withLedger([deployment(2, 0)], { deployment: 2 });
  return { ...data, ledger: { known: true, value: { ...ledgerOf(data), frozen: said } } };
}

describe("what happened", () => {
  test("is told once, oldest first, with its kind", () => {
    const all = happenings(reportFixture());
    expect(all.map(({ kind, title }) => `${kind}: ${title}`)).toEqual([
      "promote: baseline, attempt 1 (deployment 1)",
      "blocked: stageA, before the migrations",
      "message: C1 to ops: Reads are about to be enabled",
      "promote: stageA, attempt 1 (deployment 2)",
      "drill: a drill of stageA, attempt 1 (deployment 3)",
      "alarm: stageA XA3: An analyst sees someone else's items",
      "quiet: stageA XA3: An analyst sees someone else's items",
      "promote: stageB, attempt 1 (deployment 4)",
      "alarm: stageB XB1: A write endpoint answers with a server error",
      "abort: the abort of stageB, attempt 1, by XB1 (deployment 5)",
      "soaked: stageA has been live for 24h without a break",
      "due: C2 to ops: Reads have come from the database for 24 h",
    ]);
    const times = all.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test("is told by the stage that was live, and none of it is left out", () => {
    const all = happenings(reportFixture());
    const groups = duringStages(reportFixture(), all);
    expect(groups.map(({ label, happenings: its }) => [label, its.length])).toEqual([
      ["baseline", 3],
      ["stageA", 4],
      ["stageB", 2],
      ["stageA", 2],
      ["Still to come", 1],
    ]);
    expect(groups.flatMap(({ happenings: its }) => its)).toEqual(all);
  });

  test("stands by itself where no deployment is known", () => {
    const data = withLedger([]);
    const all = happenings(data);
    const [made, due] = duringStages(data, all);
    expect([made?.label, due?.label]).toEqual(["Before the first deployment", "Still to come"]);
    expect([...(made?.happenings ?? []), ...(due?.happenings ?? [])]).toEqual(all);
  });

  test.each([
    ["rolled-back", "takenBack"],
    ["under-way", "underWay"],
  ] as const)("a deployment that is %s is no promotion", (state, kind) => {
    expect(happenings(withLedger([deployment(1, 0, { state })]))[0]?.kind).toBe(kind);
  });

  test("a deployment that nobody knows is told as such, with why its flags are not known", () => {
    const data = withLedger([deployment(9, 0, { kind: "foreign", said: "deployment 9", flags: unknown })]);
    expect(happenings(data)[0]).toMatchObject({
      kind: "foreign",
      lines: ["its flags: unknown, access denied"],
    });
  });

  test("a soak that is not over has not ended", () => {
    const data = reportFixture();
    const stages = data.stages.map((stage) => ({ ...stage, soakEnds: at(5 * DAY) }));
    expect(happenings({ ...data, stages }).map(({ kind }) => kind)).not.toContain("soaked");
  });
});

describe("spans", () => {
  test("of a flag come from the documents; a drill that deploys the same makes no new one", () => {
    const data = reportFixture();
    expect(merged(flagSpans(data, "OPS_VIEW_DB_READ"))).toEqual([
      { from: BEGIN + 0.3 * DAY, to: MADE, label: "on", tone: "on", height: 1 },
    ]);
    expect(merged(flagSpans(data, "OPS_VIEW_DB_WRITE"))).toEqual([
      { from: BEGIN + 1.6 * DAY, to: BEGIN + 3 * DAY, label: "on", tone: "on", height: 1 },
    ]);
  });

  test("of a percentage are as high as it is", () => {
    const data: ReportData = {
      ...withLedger([
        deployment(1, 0, { flags: { known: true, value: { SHARE: 10 } } }),
        deployment(2, DAY, { flags: { known: true, value: { SHARE: 50 } } }),
      ]),
      flags: { SHARE: { kind: "percentage", off: 0 } },
    };
    expect(flagSpans(data, "SHARE").map(({ label, height }) => [label, height])).toEqual([
      ["10 %", 0.1],
      ["50 %", 0.5],
    ]);
  });

  test("of flags that are not known say so, and are not off", () => {
    expect(flagSpans(withLedger([deployment(1, 0, { flags: unknown })]), "OPS_VIEW_DB_READ")).toEqual([
      { from: BEGIN, to: MADE, label: "unknown", tone: "unknown", height: 1 },
    ]);
  });

  test("of stages say whose flags were live, also after an abort", () => {
    expect(stageSpans(reportFixture()).map(({ label, to }) => [label, to])).toEqual([
      ["baseline", BEGIN + 0.3 * DAY],
      ["stageA", BEGIN + 1.6 * DAY],
      ["stageB", BEGIN + 3 * DAY],
      ["stageA", MADE],
    ]);
    const odd = deployment(1, 0, { kind: "foreign", flags: { known: true, value: { OTHER: true } } });
    expect(stageSpans(withLedger([odd]))[0]?.label).toBe("no stage's flags");
    expect(stageSpans(withLedger([{ ...odd, flags: unknown }]))[0]?.label).toBe("no stage's flags");
  });

  test("of an alarm last until it is quiet, or until now", () => {
    const alarms = (reportFixture().alarms as Known<ReportData["alarms"]>).value;
    expect(alarms.map((alarm) => alarmSpans(alarm, MADE).map(({ from, to }) => [from, to]))).toEqual([
      [[BEGIN + 0.9 * DAY, BEGIN + 1.05 * DAY]],
      [],
      [[BEGIN + 2.999 * DAY, MADE]],
    ]);
  });

  test("the whole begins with the first thing that happened, and has a width", () => {
    const data = reportFixture();
    expect(rangeOf(data, happenings(data))).toEqual([BEGIN, MADE]);
    const [from, to] = rangeOf(data, []);
    expect(to - from).toBeGreaterThan(0);
    expect(rangeOf(data, [{ at: MADE, kind: "note", title: "", lines: [] }])[0]).toBeLessThan(MADE);
  });
});

describe("where it stands", () => {
  const standing = (data: ReportData) => standings(data).map((one) => one.standing);

  test.each<[string, ReportData, readonly string[]]>([
    ["after an abort", reportFixture(), ["passed", "live", "aborted"]],
    ["nothing was deployed", withLedger([]), ["ahead", "ahead", "ahead"]],
    ["the ledger cannot be read", { ...reportFixture(), ledger: unknown }, ["unknown", "unknown", "unknown"]],
    [
      "an abort of the stage before takes the later one down as well",
      withLedger(
        [
          deployment(1, 0, { stage: "baseline" }),
          deployment(2, DAY),
          deployment(3, 2 * DAY, { stage: "stageB" }),
          deployment(4, 3 * DAY, { kind: "abort", stage: "stageA", downs: ["stageA", "stageB"] }),
        ],
        { stage: "baseline" },
      ),
      ["live", "aborted", "aborted"],
    ],
    [
      "flags that are no stage's",
      withLedger([deployment(1, 0), deployment(2, DAY, { kind: "foreign" })], { stage: undefined }),
      ["ahead", "down", "ahead"],
    ],
    [
      "a promotion that was taken back",
      withLedger([deployment(1, 0, { stage: "baseline" }), deployment(2, DAY, { state: "rolled-back" })], {
        stage: "baseline",
      }),
      ["live", "ahead", "ahead"],
    ],
  ])("%s", (_, data, expected) => {
    expect(standing(data)).toEqual(expected);
  });

  test("a stage whose soak is not over soaks", () => {
    const data = reportFixture();
    const stages = data.stages.map((one) =>
      one.name === "stageA" ? { ...one, soakEnds: at(9 * DAY) } : one,
    );
    expect(standing({ ...data, stages })).toEqual(["passed", "soaking", "aborted"]);
  });

  test.each<[string, ReportData, RegExp]>([
    ["an abort", reportFixture(), /^The flags are down since the abort of stageB.*server error\)\.$/],
    ["a live stage", withLedger([deployment(2, 0)], { deployment: 2 }), /^stageA is live\.$/],
    ["nothing", withLedger([]), /has not begun/],
    ["an unreadable ledger", { ...reportFixture(), ledger: unknown }, /not known: access denied/],
    [
      "something under way",
      withLedger([deployment(2, 0), deployment(3, DAY, { state: "under-way", said: "stageB, attempt 1" })], {
        deployment: 2,
      }),
      /stageA is live\. A deployment is under way: stageB, attempt 1\.$/,
    ],
    [
      "what no abort lowers",
      withLedger([deployment(2, 0)], {
        deployment: 2,
        kept: "there is no way back from stageA (x): A true stays",
      }),
      /^stageA is live\. No abort goes all the way down: there is no way back from stageA \(x\): A true stays\.$/,
    ],
    [
      "what a row froze",
      frozen("a hold of every stage, by T4 (corrupt)"),
      /live\. Nothing goes up before somebody releases a hold of every stage, by T4 \(corrupt\)\.$/,
    ],
  ])("is said in a sentence: %s", (_, data, words) => {
    expect(sentenceOf(data)).toMatch(words);
  });
});

describe("gaps", () => {
  test("a whole report has none", () => {
    expect(gapsOf(reportFixture())).toEqual([]);
  });

  test("each is named, with why", () => {
    expect(gapsOf(partialFixture())).toEqual([
      "Flags of deployment 3: unknown, access denied.",
      "Alarms: unknown, access denied.",
      "Signal Write5xx: unknown, access denied.",
      "Signal QueueLatencyMs: CloudWatch has not told all data.",
      "Evidence of stageA, stageB: unknown, there is no pulumi on PATH.",
      "Messages that were sent: unknown, access denied.",
    ]);
    expect(gapsOf({ ...reportFixture(), ledger: unknown })).toEqual([
      "Live flags and what was deployed: unknown, access denied.",
    ]);
  });

  test("an alarm that is not there, or blind, or without a history, is one; before its stage it is not", () => {
    const data = reportFixture();
    const [first, second, third] = (data.alarms as Known<ReportData["alarms"]>).value;
    if (!first || !second || !third) throw new Error("the fixture has three alarms");
    const alarms = (...value: (typeof first)[]): ReportData => ({ ...data, alarms: { known: true, value } });
    expect(gapsOf(alarms({ ...first, state: "missing" }))).toEqual([
      "Alarm stageA XA3: there is no such alarm.",
    ]);
    expect(gapsOf(alarms({ ...second, state: "INSUFFICIENT_DATA" }))).toEqual([
      "Alarm stageA XA4: without data.",
    ]);
    expect(gapsOf(alarms({ ...third, history: unknown }))).toEqual([
      "When XB1 fired: unknown, access denied.",
    ]);
    expect(gapsOf(alarms({ ...first, state: "missing", stage: "stageC" }))).toEqual([]);
  });
});

test("a finished rollout is told as such, and an alarm that was taken away since is no gap", () => {
  const base = reportFixture();
  const said = "finished since 2026-11-21T08:00:00.000Z, by ada (deployment 6): nobody complains";
  const data: ReportData = {
    ...base,
    ledger: {
      known: true,
      value: {
        ...ledgerOf(base),
        finished: said,
        live: { ...ledgerOf(base).live, stage: "stageB" } as never,
      },
    },
    alarms: {
      known: true,
      value: (base.alarms as Known<ReportData["alarms"]>).value.map((one) => ({
        ...one,
        state: "missing" as const,
      })),
    },
  };
  expect(sentenceOf(data)).toBe(`It is ${said}. Its flags stay.`);
  expect(standings(data).at(-1)).toEqual({ stage: "stageB", standing: "finished" });
  expect(gapsOf(data).filter((gap) => gap.startsWith("Alarm"))).toEqual([]);
});
