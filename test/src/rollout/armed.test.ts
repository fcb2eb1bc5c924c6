import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AlarmSetup } from "../../../src/aws/alarmSetups";
import { type MetricId, metricKey } from "../../../src/aws/metricId";
import { unarmed, unarmedProblems } from "../../../src/rollout/armed";
import { type GuardFacts, reachesPerson } from "../../../src/rollout/guardFacts";
import { alarmOn } from "../../../src/rollout/signal";
import { rollout } from "../../support/build";
import {
  alarm,
  allowed,
  FUNCTION,
  facts,
  fn,
  found,
  HOUR,
  heardAt,
  listedAs,
  MINUTE,
  no,
  ON_CALL,
  ok,
  path,
  person,
  SWITCH,
  said,
  setup,
  standing,
  through,
  XB1,
  XB3,
} from "./guards";

test("guards of which everything works are armed", () => {
  expect(found({})).toEqual([]);
});

const RESTORE =
  "Run pulumi refresh -s stageB, then pulumi up -s stageB: without the refresh, up takes it for unchanged";

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

describe("a guard is not armed", () => {
  test.each<[string, Partial<GuardFacts>, string | RegExp, string | RegExp]>([
    [
      "without its alarm",
      { alarms: ok(new Map([["ops-view-stageB-XB3", setup(XB3)]])) },
      "XB1: its alarm ops-view-stageB-XB1 is not there",
      RESTORE,
    ],
    [
      "whose alarm's actions are disabled",
      alarm({ actionsEnabled: false }),
      /^XB1: the actions of its alarm .* are disabled: it would tell nobody$/,
      RESTORE,
    ],
    [
      "whose alarm does not tell on-call",
      alarm({ actions: [SWITCH] }),
      "XB1: its alarm ops-view-stageB-XB1 does not tell ops-view-on-call",
      RESTORE,
    ],
    [
      "whose alarm tells nobody",
      alarm({ actions: [] }),
      /does not tell ops-view-on-call and ops-view-stageB-abort$/,
      RESTORE,
    ],
    [
      "whose alarm tells another account's topic",
      alarm({ actions: [ON_CALL.replace("1234", "9999"), SWITCH] }),
      /does not tell ops-view-on-call$/,
      RESTORE,
    ],
    [
      "whose limit was changed by hand",
      alarm({ settings: { ...alarmOn(XB1), threshold: 1e15 } }),
      "XB1: its alarm ops-view-stageB-XB1 is not as declared: threshold is 1000000000000000, declared is 0",
      RESTORE,
    ],
    [
      "whose alarm watches another metric",
      alarm({ settings: { ...alarmOn(XB1), metricName: "Other" } }),
      /metricName is Other, declared is Write5xx/,
      RESTORE,
    ],
    [
      "whose metric never had data",
      listedAs(XB1, [], ["Write5xy", "Requests"]),
      /^XB1: OpsView Write5xx has never had data/,
      /Did you mean Write5xy\?/,
    ],
    [
      "whose metric has data with other dimensions alone",
      listedAs(XB1, [{ Host: "a" }]),
      'XB1: OpsView Write5xx has data only with other dimensions than none: {"Host":"a"}',
      /which of them the row watches/,
    ],
    [
      "whose metric has stopped",
      listedAs(XB1, [{}]),
      "XB1: OpsView Write5xx has had no data for 3 h",
      /with a zero where nothing happened/,
    ],
    [
      "whose metric was heard too long ago",
      { heard: heardAt([XB1, 4 * HOUR], [XB3, MINUTE]) },
      /^XB1: OpsView Write5xx had its last data 4 h ago, and must have had some within 3 h$/,
      /dataWithin/,
    ],
    [
      "whose probe has stopped",
      { heard: heardAt([XB1, MINUTE], [XB3, 6 * MINUTE]) },
      "XB3: its probe has measured nothing for 6 m",
      /log of the probe of stageB/,
    ],
    [
      "whose function may not run",
      fn({ reserved: 0 }),
      "XB1,XB3: the function ops-view-stageB-abort may not run: its reserved concurrency is 0",
      RESTORE,
    ],
    [
      "whose function failed at its last update",
      fn({ lastUpdate: "Failed", reason: "no such role" }),
      /the last update of .* is not successful but Failed \(no such role\)/,
      RESTORE,
    ],
    ["whose function is not active", fn({ state: "Failed" }), /is not active but Failed/, RESTORE],
    [
      "whose function sleeps",
      fn({ state: "Inactive" }),
      /is not active but Inactive/,
      "Wake it by a drill: cutover drill -s stageB",
    ],
    [
      "whose function is gone",
      through({ fn: ok(undefined) }),
      /^XB1,XB3: the function ops-view-stageB-abort is not there: nothing would lower the flags$/,
      RESTORE,
    ],
    [
      "whose function lets no topic in",
      through({ invoke: ok([]) }),
      "XB1,XB3: the topic ops-view-stageB-abort may not call its function (lambda:InvokeFunction for sns.amazonaws.com): nothing would lower the flags",
      RESTORE,
    ],
    [
      "whose function lets another topic in",
      through({ invoke: ok([allowed({}, ON_CALL)]) }),
      /the topic ops-view-stageB-abort may not call its function/,
      RESTORE,
    ],
    [
      "whose function's policy may not be read",
      through({ invoke: no }),
      /it is not known whether the topic ops-view-stageB-abort may call its function: access denied/,
      "Give these credentials the right to read it",
    ],
    [
      "whose topic is gone",
      through({ subscribers: ok(undefined) }),
      /the topic ops-view-stageB-abort is not there/,
      RESTORE,
    ],
    ["whose topic reaches nothing", through({ subscribers: ok([]) }), /does not reach its function/, RESTORE],
    [
      "whose topic reaches another function",
      through({ subscribers: ok([{ protocol: "lambda", endpoint: `${FUNCTION}-x`, confirmed: true }]) }),
      /does not reach its function/,
      RESTORE,
    ],
    [
      "whose dead-letter queue holds something",
      through({ deadLetters: ok(2) }),
      /^XB1,XB3: 2 messages lie in the dead-letter queue/,
      /purge the queue ops-view-stageB-abort-dlq/,
    ],
    [
      "without a dead-letter queue",
      through({ deadLetters: ok(undefined) }),
      /dead-letter queue .* is not there/,
      RESTORE,
    ],
    [
      "that pages a topic without subscribers",
      { onCall: ok([]) },
      "XB1,XB3: ops-view-on-call has no subscription: nobody would be paged",
      /Declare one under topics.onCall in Pulumi.baseline.yaml/,
    ],
    [
      "that pages a topic that is gone",
      { onCall: ok(undefined) },
      /the topic ops-view-on-call is not there/,
      /pulumi refresh -s baseline/,
    ],
    [
      "that pages who has not confirmed",
      { onCall: ok([{ ...person, confirmed: false }]) },
      /no subscription of ops-view-on-call is confirmed/,
      /^Confirm one/,
    ],
    [
      "that pages programs alone",
      { onCall: ok([{ protocol: "sqs", endpoint: "arn:x", confirmed: true }]) },
      /no subscription that reaches a person .* only sqs, and nobody has acknowledged a page to it$/,
      /Declare one/,
    ],
  ])("%s", (_, more, what, remedy) => {
    const list = found(more);
    expect(list).toHaveLength(1);
    expect(said(more)[0]).toMatch(typeof what === "string" ? new RegExp(`^${escaped(what)}$`) : what);
    expect(list[0]?.remedy).toMatch(typeof remedy === "string" ? new RegExp(`^${escaped(remedy)}$`) : remedy);
  });

  test.each<[string, Partial<GuardFacts>, number]>([
    ["alarms", { alarms: no }, 2],
    ["data of metrics", { heard: no }, 2],
    [
      "whether a metric ever had data",
      { heard: heardAt([XB3, 0]), listed: new Map([[metricKey(XB1.metric as MetricId), no]]) },
      1,
    ],
    ["who is on call", { onCall: no }, 1],
    ["the topic's subscribers", through({ subscribers: no }), 1],
    ["the function", through({ fn: no }), 1],
    ["the queue", through({ deadLetters: no }), 1],
  ])("where AWS does not tell: %s", (_, more, count) => {
    const list = found(more);
    expect(list).toHaveLength(count);
    for (const { what, remedy, passing } of list) {
      expect(what).toMatch(/not known .*: access denied$/);
      expect(remedy).toBe("Give these credentials the right to read it");
      expect(passing).toBe(true);
    }
  });
});

test("stages without rows have no guards, and nobody has to be paged about them", () => {
  expect(found({ onCall: no }, [{ ...standing, stage: { name: "stageB", abort: {} } }])).toEqual([]);
});

test("what disarms several stages is told once", () => {
  const two = [standing, { ...standing, stage: { name: "stageA", abort: { XA1: XB1 } } }];
  const switches = new Map([...facts().switches, ["stageA", path] as const]);
  const alarms = ok(
    new Map([
      ...(facts().alarms as unknown as { value: Map<string, AlarmSetup> }).value,
      ["ops-view-stageA-XA1", setup(XB1)],
    ]),
  );
  const problems = unarmedProblems(found({ onCall: ok([]), switches, alarms }, two));
  expect(problems.map(({ where }) => where)).toEqual(["stageB XB1, XB3; stageA XA1"]);
});

test.each([
  ["email", "ada@example.com", true],
  ["sms", "+49123", true],
  ["https", "https://pager.example/key", true],
  ["sqs", "arn:aws:sqs:x", false],
  ["lambda", "arn:aws:lambda:x", false],
  ["http", "http://pager.example/", false],
  ["http", "http://127.0.0.1:4000/on-call", true],
  ["http", "http://127.0.0.1.evil.example/", false],
])("%s to %s reaches a person: %s", (protocol, endpoint, reaches) => {
  expect(reachesPerson({ protocol, endpoint })).toBe(reaches);
});

test("whatever is taken away from what works, a guard is armed no more; nothing shows an endpoint", () => {
  const breaks: ((of: GuardFacts) => Partial<GuardFacts>)[] = [
    () => ({ alarms: no }),
    () => ({ heard: no }),
    () => ({ onCall: no }),
    () => ({ onCall: ok([]) }),
    () => ({ onCall: ok([{ ...person, confirmed: false }]) }),
    () => alarm({ actionsEnabled: false }),
    () => alarm({ actions: [] }),
    () => fn({ reserved: 0 }),
    () => through({ deadLetters: ok(1) }),
    () => through({ invoke: ok([]) }),
    () => through({ invoke: no }),
    ({ now }) => ({ now: now + 4 * HOUR }),
  ];
  fc.assert(
    fc.property(fc.subarray(breaks, { minLength: 1 }), (some) => {
      const broken = some.reduce((of, change) => Object.assign(of, change(of)), facts());
      const list = unarmed(rollout(), [standing], broken);
      expect(list.length).toBeGreaterThan(0);
      expect(JSON.stringify(list)).not.toContain("pager.example");
    }),
  );
});
