import { describe, expect, test } from "vitest";
import { alarmHistories } from "../../../../cli/report/gather/alarms";
import { toldInEveryAttempt } from "../../../../cli/report/gather/sentMessages";
import { rollout } from "../../../components/rollout";
import { fakeAws } from "../../../support/standIn";

const REGION = "eu-central-1";
const SINCE = Date.parse("2026-11-21T10:00:00.000Z");
const at = (minutes: number) => new Date(SINCE + minutes * 60_000).toISOString();
const seconds = (minutes: number) => (SINCE + minutes * 60_000) / 1_000;

const change = (minutes: number, to: string, extra: object = {}) => ({
  AlarmName: "ops-view-stageB-XB1",
  Timestamp: seconds(minutes),
  HistoryItemType: "StateUpdate",
  HistoryData: JSON.stringify({ oldState: { stateValue: "OK" }, newState: { stateValue: to } }),
  ...extra,
});

describe("alarms", () => {
  test("are told with what they went through, oldest first, whatever else the history holds", async () => {
    const { calls } = await fakeAws({
      DescribeAlarms: () => ({ MetricAlarms: [{ AlarmName: "ops-view-stageB-XB1", StateValue: "ALARM" }] }),
      DescribeAlarmHistory: ({ AlarmName, NextToken }) => {
        if (AlarmName !== "ops-view-stageB-XB1") return { AlarmHistoryItems: [] };
        if (NextToken === undefined)
          return {
            AlarmHistoryItems: [
              change(30, "ALARM"),
              change(10, "OK", {
                HistoryData: undefined,
                HistorySummary: "Alarm updated from INSUFFICIENT_DATA to OK",
              }),
              change(-5, "ALARM"),
              change(12, "ALARM", { HistoryItemType: "ConfigurationUpdate" }),
            ],
            NextToken: "more",
          };
        return { AlarmHistoryItems: [change(20, "ALARM"), change(25, "OK")] };
      },
    });
    const [first, second] = await alarmHistories(rollout(), REGION, SINCE);
    expect(first).toEqual({
      row: "XB1",
      stage: "stageB",
      title: "Writes answer with errors",
      action: "rollback",
      state: "ALARM",
      history: {
        known: true,
        value: [
          { at: at(10), to: "OK" },
          { at: at(20), to: "ALARM" },
          { at: at(25), to: "OK" },
          { at: at(30), to: "ALARM" },
        ],
      },
    });
    expect(second).toMatchObject({ row: "XB2", state: "missing", history: { known: true, value: [] } });
    expect(calls.filter(({ operation }) => operation === "DescribeAlarms")).toHaveLength(1);
  });

  test("whose history is denied are known, but not what they went through", async () => {
    await fakeAws({
      DescribeAlarms: () => ({ MetricAlarms: [{ AlarmName: "ops-view-stageB-XB1", StateValue: "OK" }] }),
      DescribeAlarmHistory: () => ({ error: "AccessDenied", status: 403 }),
    });
    const [first] = await alarmHistories(rollout(), REGION, SINCE);
    expect(first).toMatchObject({
      state: "OK",
      history: { known: false, why: expect.stringMatching(/^access denied/) },
    });
  });

  test("that may not be looked at at all fail as a whole", async () => {
    await fakeAws({ DescribeAlarms: () => ({ error: "AccessDenied", status: 403 }) });
    await expect(alarmHistories(rollout(), REGION, SINCE)).rejects.toThrow(/AccessDenied/);
  });
});

describe("what people were told", () => {
  const messages = { C1: { title: "Reads begin", to: ["ops"], when: "before" } };
  const spec = rollout({}, { stageA: { messages }, stageB: { messages: { C3: messages.C1 } } });

  test("is read from the stages' own logs, all pages, all attempts; a stage without a log told nobody", async () => {
    await fakeAws({
      DescribeLogStreams: ({ logGroupName, nextToken }) => {
        if (logGroupName !== "/cutover/ops-view/stageA/sent") return { error: "ResourceNotFoundException" };
        return nextToken === undefined
          ? {
              logStreams: [
                { logStreamName: "attempt-2/C1/ops", creationTime: SINCE + 60_000 },
                { logStreamName: "something else", creationTime: SINCE },
              ],
              nextToken: "more",
            }
          : { logStreams: [{ logStreamName: "attempt-1/C1/ops", creationTime: SINCE }] };
      },
    });
    expect(await toldInEveryAttempt(spec, REGION)).toEqual([
      { row: "C1", stage: "stageA", attempt: 1, to: "ops", at: at(0) },
      { row: "C1", stage: "stageA", attempt: 2, to: "ops", at: at(1) },
    ]);
  });

  test("is not known where the logs may not be read", async () => {
    await fakeAws({ DescribeLogStreams: () => ({ error: "AccessDeniedException" }) });
    await expect(toldInEveryAttempt(spec, REGION)).rejects.toThrow(/AccessDenied/);
  });
});
