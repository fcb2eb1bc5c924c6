import { describe, expect, test } from "vitest";
import type { AlarmNow, AlarmState } from "../../../src/aws/alarms";
import { readAlarms, readinessOf, requireQuietAlarms } from "../../../src/promotion/readiness";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import { UserError } from "../../../src/text/problem";
import { fakeAws, nobody, pointAwsTo } from "../../support/standIn";

const threshold = (missingData: AbortThreshold["missingData"], changes: Partial<AbortThreshold> = {}) =>
  ({
    title: "Something is wrong",
    metric: { namespace: "OpsView", name: "Write5xx", statistic: "Sum", period: "10s" },
    threshold: { gt: 0 },
    datapoints: { of: 1, breaching: 1 },
    missingData,
    action: "rollback",
    ...changes,
  }) as AbortThreshold;

const stage = {
  name: "stageB",
  abort: {
    XB1: threshold("notBreaching", { runbook: "Look at the server's log" }),
    XB3: threshold("breaching"),
    XB4: threshold("ignore", { action: "page" }),
  },
};
const [XB1, XB3, XB4] = ["ops-view-stageB-XB1", "ops-view-stageB-XB3", "ops-view-stageB-XB4"];
const states = (...of: [string, AlarmState, string?][]) =>
  new Map<string, AlarmNow>(of.map(([name, state, reason]) => [name, { state, reason }]));
const QUIET = states([XB1, "OK"], [XB3, "OK"], [XB4, "OK"]);

describe("alarms are ready", () => {
  test.each<[string, Map<string, AlarmNow>]>([
    ["where all are quiet", QUIET],
    [
      "where those have no data whose silence means nothing",
      states([XB1, "INSUFFICIENT_DATA"], [XB3, "OK"], [XB4, "INSUFFICIENT_DATA"]),
    ],
    ["whatever others there are", new Map([...QUIET, ["ops-view-stageA-XA1", { state: "ALARM" }]])],
  ])("%s", (_, now) => {
    expect(readinessOf("ops-view", stage, now)).toEqual({ problems: [], unknown: [] });
  });
});

describe("alarms are not ready", () => {
  test.each([XB1, XB3, XB4])("where %s fires already, also if it only pages", (name) => {
    const now = new Map(QUIET).set(name, { state: "ALARM", reason: "3 > 0" });
    const { problems } = readinessOf("ops-view", stage, now);
    expect(problems.map(({ where }) => where)).toEqual([name.slice(-3)]);
    expect(problems[0]?.what).toBe(
      `its alarm ${name} is in ALARM already (3 > 0): it would neither page nor lower the flags`,
    );
  });

  test("and the remedy is the runbook's line, where there is one", () => {
    const now = states([XB1, "ALARM"], [XB3, "ALARM"], [XB4, "OK"]);
    expect(readinessOf("ops-view", stage, now).problems.map(({ remedy }) => remedy)).toEqual([
      "Look at the server's log; once the alarm is OK, run pulumi up again",
      "Mend what it is about; once the alarm is OK, run pulumi up again",
    ]);
  });

  test("where one is missing", () => {
    const { problems } = readinessOf("ops-view", stage, states([XB1, "OK"], [XB4, "OK"]));
    expect(problems).toEqual([
      {
        where: "XB3",
        what: `its alarm ${XB3} is not there`,
        remedy:
          "Run pulumi refresh -s stageB, then pulumi up -s stageB: without the refresh, up takes a deleted alarm for unchanged",
      },
    ]);
  });

  test("where the silence of one is a breach, and nobody has looked at it yet", () => {
    const now = states([XB1, "OK"], [XB3, "INSUFFICIENT_DATA"], [XB4, "OK"]);
    expect(readinessOf("ops-view", stage, now)).toEqual({ problems: [], unknown: ["XB3"] });
  });
});

describe("the last look", () => {
  /** Answers in turn; the last one over and over. */
  function looking(patience: number, ...answers: (Map<string, AlarmNow> | Error)[]) {
    const asked: (readonly string[])[] = [];
    return {
      asked,
      patience,
      pause: 1,
      read: async (names: readonly string[]) => {
        const answer = answers[Math.min(asked.length, answers.length - 1)];
        asked.push(names);
        if (!answer || answer instanceof Error) throw answer;
        return answer;
      },
    };
  }
  const look = (at: ReturnType<typeof looking>, of: typeof stage = stage) =>
    requireQuietAlarms({ name: "ops-view" }, of, at).catch((error: unknown) => error);
  const UNKNOWN = new Map(QUIET).set(XB3, { state: "INSUFFICIENT_DATA" });

  test("passes quiet alarms at once, and asks for exactly the stage's own", async () => {
    const at = looking(0, QUIET);
    expect(await look(at)).toBeUndefined();
    expect(at.asked).toEqual([[XB1, XB3, XB4]]);
  });

  test("asks nothing where there are none", async () => {
    const at = looking(0, new Error("not asked"));
    expect(await look(at, { name: "stageB", abort: {} } as unknown as typeof stage)).toBeUndefined();
  });

  test("refuses one that fires, without waiting", async () => {
    const at = looking(10_000, new Map(QUIET).set(XB1, { state: "ALARM" }));
    const error = await look(at);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain("The last look refuses to deploy stageB");
    expect(String(error)).toContain("XB1: its alarm ops-view-stageB-XB1 is in ALARM already");
    expect(at.asked).toHaveLength(1);
  });

  test("waits for one that was not evaluated yet", async () => {
    const at = looking(10_000, UNKNOWN, UNKNOWN, QUIET);
    expect(await look(at)).toBeUndefined();
    expect(at.asked).toHaveLength(3);
  });

  test("refuses one that fires in the end", async () => {
    const at = looking(10_000, UNKNOWN, new Map(QUIET).set(XB3, { state: "ALARM" }));
    expect(String(await look(at))).toContain("XB3: its alarm");
  });

  test("refuses one that never is evaluated", async () => {
    expect(String(await look(looking(5, UNKNOWN)))).toContain(
      "XB3: its alarm has no data yet, and its silence counts as a breach",
    );
  });

  test("refuses where it cannot be known", async () => {
    const error = await look(looking(10_000, new Error("AccessDenied")));
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain("cannot be read: AccessDenied");
  });
});

describe("reading alarms", () => {
  test("asks for them by name, in lots that CloudWatch takes", async () => {
    const asked: string[][] = [];
    await fakeAws({
      DescribeAlarms: ({ AlarmNames }) => {
        asked.push(AlarmNames as string[]);
        return {
          MetricAlarms: (AlarmNames as string[]).map((AlarmName) => ({
            AlarmName,
            StateValue: "OK",
            StateReason: `of ${AlarmName}`,
          })),
        };
      },
    });
    const names = Array.from({ length: 150 }, (_, index) => `a${index}`);
    const found = await readAlarms(names, "eu-central-1");
    expect(asked.map(({ length }) => length)).toEqual([100, 50]);
    expect(found.size).toBe(150);
    expect(found.get("a149")).toEqual({ state: "OK", reason: "of a149" });
  });

  test("throws where nobody answers", async () => {
    pointAwsTo(await nobody());
    await expect(readAlarms(["a"], "eu-central-1")).rejects.toThrow();
  });
});
