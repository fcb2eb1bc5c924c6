import { describe, expect, it, test } from "vitest";
import { look } from "../../../../src/gates/kinds/alarms.look";
import { entry, flags, gateOf, ledger } from "../../../support/build";
import { fakeAws, nobody, pointAwsTo } from "../../../support/standIn";

const live = entry(2, { completedAt: "2026-11-20T12:00:00.000Z" });
const sources = { ledger: ledger(flags(true, false), [live]), region: "eu-central-1" };
const gate = gateOf("XA", { source: "alarms" }, { alarms: { XA1: "ops-XA1", XA2: "ops-XA2" } });

interface Item {
  readonly at: string;
  readonly from?: string;
  readonly to?: string;
  readonly type?: string;
  readonly words?: boolean;
}

/** CloudWatch with alarms by name, and their histories, which it pages and does not filter. */
function cloudWatch(
  states: Readonly<Record<string, string | undefined>>,
  histories: Readonly<Record<string, readonly Item[]>> = {},
  pageSize = 100,
) {
  const page = <T>(list: readonly T[], token: unknown) => {
    const from = Number(token ?? 0);
    const next = from + pageSize < list.length ? { NextToken: String(from + pageSize) } : {};
    return [list.slice(from, from + pageSize), next] as const;
  };
  return fakeAws({
    DescribeAlarms: ({ NextToken }) => {
      const all = Object.entries(states).map(([AlarmName, StateValue]) => ({ AlarmName, StateValue }));
      const [MetricAlarms, next] = page(all, NextToken);
      return { MetricAlarms, ...next };
    },
    DescribeAlarmHistory: ({ AlarmName, NextToken }) => {
      const [items, next] = page(histories[String(AlarmName)] ?? [], NextToken);
      return {
        AlarmHistoryItems: items.map(
          ({ at, from = "OK", to = "ALARM", type = "StateUpdate", words = false }) => ({
            AlarmName,
            Timestamp: Date.parse(at) / 1_000,
            HistoryItemType: type,
            HistorySummary: `Alarm updated from ${from} to ${to}`,
            ...(words
              ? {}
              : {
                  HistoryData: JSON.stringify({
                    oldState: { stateValue: from },
                    newState: { stateValue: to },
                  }),
                }),
          }),
        ),
        ...next,
      };
    },
  });
}

const OK = { "ops-XA1": "OK", "ops-XA2": "OK" };
const quiet = [
  { row: "XA1", state: "OK" },
  { row: "XA2", state: "OK" },
];

describe("the states of alarms", () => {
  test.each<[string, Record<string, string | undefined>, object[]]>([
    ["all quiet", OK, quiet],
    ["one firing", { ...OK, "ops-XA1": "ALARM" }, [{ row: "XA1", state: "ALARM" }, quiet[1] as object]],
    ["one missing", { "ops-XA2": "OK" }, [{ row: "XA1", state: "missing" }, quiet[1] as object]],
    [
      "none there",
      {},
      [
        { row: "XA1", state: "missing" },
        { row: "XA2", state: "missing" },
      ],
    ],
    [
      "one without data",
      { ...OK, "ops-XA2": "INSUFFICIENT_DATA" },
      [quiet[0] as object, { row: "XA2", state: "INSUFFICIENT_DATA" }],
    ],
    [
      "one without a state",
      { ...OK, "ops-XA2": undefined },
      [quiet[0] as object, { row: "XA2", state: "INSUFFICIENT_DATA" }],
    ],
    ["others, which were not asked for", { ...OK, "shop-XA1": "ALARM" }, quiet],
  ])("%s", async (_, states, alarms) => {
    await cloudWatch(states);
    expect(await look(gate, sources)).toEqual({
      kind: "alarms",
      since: "2026-11-20T12:00:00.000Z",
      alarms,
    });
  });

  it("are asked for by name, and read page by page", async () => {
    const aws = await cloudWatch({ "ops-XA1": "OK", "shop-XA1": "ALARM", "ops-XA2": "ALARM" }, {}, 1);
    expect(await look(gate, sources)).toMatchObject({
      alarms: [
        { row: "XA1", state: "OK" },
        { row: "XA2", state: "ALARM" },
      ],
    });
    expect(aws.calls[0]?.input).toMatchObject({ AlarmNames: ["ops-XA1", "ops-XA2"] });
  });

  it("of many stages are asked for a hundred at a time, and none is left out", async () => {
    const names = Array.from({ length: 101 }, (_, index) => `ops-X${index}`);
    const aws = await cloudWatch(Object.fromEntries(names.map((name) => [name, "OK"])), {}, 1_000);
    const many = { ...gate, alarms: Object.fromEntries(names.map((name) => [name, name])) };
    const seen = await look(many, sources);
    expect(seen).toMatchObject({ alarms: names.map((row) => ({ row, state: "OK" })) });
    const asked = aws.calls.flatMap(
      ({ input }) => ((input as { AlarmNames?: string[] }).AlarmNames ?? []).length,
    );
    expect(asked.filter((count) => count > 0)).toEqual([100, 1]);
  });

  it("of a stage that declares none are not asked for: without a name, AWS would list them all", async () => {
    const aws = await cloudWatch(OK);
    expect(await look(gateOf("XA", { source: "alarms" }), sources)).toMatchObject({
      alarms: [],
    });
    expect(aws.calls).toEqual([]);
  });
});

describe("an alarm that was in ALARM during the soak", () => {
  const fired = async (items: Item[], pageSize?: number) => {
    await cloudWatch(OK, { "ops-XA2": items }, pageSize);
    const seen = await look(gate, sources);
    return (seen as { alarms: { row: string; firedAt?: string }[] }).alarms.map(({ firedAt }) => firedAt);
  };

  test.each<[string, Item[], string | undefined]>([
    ["once", [{ at: "2026-11-20T15:00:00.000Z" }], "2026-11-20T15:00:00.000Z"],
    [
      "more than once: the last time counts",
      [
        { at: "2026-11-20T15:00:00.000Z" },
        { at: "2026-11-20T16:00:00.000Z", from: "ALARM", to: "OK" },
        { at: "2026-11-20T17:00:00.000Z" },
        { at: "2026-11-20T18:00:00.000Z", from: "ALARM", to: "OK" },
      ],
      "2026-11-20T17:00:00.000Z",
    ],
    ["the moment it began", [{ at: "2026-11-20T12:00:00.000Z" }], "2026-11-20T12:00:00.000Z"],
    [
      "by the words of the history alone",
      [{ at: "2026-11-20T15:00:00.000Z", words: true }],
      "2026-11-20T15:00:00.000Z",
    ],
    [
      "already when it began",
      [{ at: "2026-11-20T11:00:00.000Z" }, { at: "2026-11-20T12:30:00.000Z", from: "ALARM", to: "OK" }],
      "2026-11-20T12:00:00.000Z",
    ],
    [
      "already when it began, by the words of the history alone",
      [{ at: "2026-11-20T12:30:00.000Z", from: "ALARM", to: "OK", words: true }],
      "2026-11-20T12:00:00.000Z",
    ],
    ["never: before it began only", [{ at: "2026-11-20T11:59:59.999Z" }], undefined],
    [
      "never: it went elsewhere",
      [
        { at: "2026-11-20T15:00:00.000Z", from: "OK", to: "INSUFFICIENT_DATA" },
        { at: "2026-11-20T15:00:01.000Z", from: "INSUFFICIENT_DATA", to: "OK" },
      ],
      undefined,
    ],
    [
      "never: its settings were changed, and its action ran",
      [
        { at: "2026-11-20T15:00:00.000Z", type: "ConfigurationUpdate" },
        { at: "2026-11-20T15:00:00.000Z", type: "Action" },
      ],
      undefined,
    ],
  ])("%s", async (_, items, expected) => {
    expect(await fired(items)).toEqual([undefined, expected]);
    expect(await fired(items, 1)).toEqual([undefined, expected]);
  });

  it("is found behind many pages of another kind", async () => {
    const many = Array.from({ length: 30 }, (): Item => ({ at: "2026-11-20T18:00:00.000Z", to: "OK" }));
    expect(await fired([...many, { at: "2026-11-20T15:00:00.000Z" }], 10)).toEqual([
      undefined,
      "2026-11-20T15:00:00.000Z",
    ]);
  });
});

describe("what cannot be read is a failure, never quiet", () => {
  test.each(["DescribeAlarms", "DescribeAlarmHistory"])("%s is refused", async (refused) => {
    const answers = {
      DescribeAlarms: () => ({ MetricAlarms: [{ AlarmName: "ops-XA1", StateValue: "OK" }] }),
      DescribeAlarmHistory: () => ({ AlarmHistoryItems: [] }),
      [refused]: () => ({ error: "AccessDenied", status: 403 }),
    };
    await fakeAws(answers);
    expect(await look(gate, sources)).toMatchObject({ kind: "failure", failure: "refused" });
  });

  it("the history breaks off after a page", async () => {
    await fakeAws({
      DescribeAlarms: () => ({ MetricAlarms: [{ AlarmName: "ops-XA1", StateValue: "OK" }] }),
      DescribeAlarmHistory: (_, before) =>
        before === 0 ? { AlarmHistoryItems: [], NextToken: "1" } : { error: "InvalidNextToken" },
    });
    expect(await look(gate, sources)).toMatchObject({ kind: "failure" });
  });

  it("nobody answers", async () => {
    pointAwsTo(await nobody());
    expect(await look(gate, sources)).toMatchObject({ failure: "unreachable" });
  });
});
