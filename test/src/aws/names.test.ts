import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  alarmName,
  dashboardName,
  decisionsGroup,
  functionRole,
  isRowAlarmOf,
  measureName,
  messageSchedule,
  messageSchedules,
  partName,
  roleName,
  snapshotName,
  switchDeadLetterQueueName,
  TOPIC_SUFFIX,
  topicName,
  watchName,
} from "../../../src/aws/names";

type Names = [rollout: string, stage: string, row: string];

test("alarms are told apart by rollout, stage and row", () => {
  expect(alarmName("ops-view", "stageB", "XB1")).toBe("ops-view-stageB-XB1");
});

test.each<[Names, Names]>([
  [
    ["ops", "view-a", "X"],
    ["ops-view", "a", "X"],
  ],
  [
    ["ops", "a-b", "X"],
    ["ops-a", "b", "X"],
  ],
  [
    ["ops", "a", "b-X"],
    ["ops", "a-b", "X"],
  ],
  [
    ["ops", "a", "b-X"],
    ["ops-a", "b", "X"],
  ],
])("alarms are told apart also where names hold dashes: %j, %j", (one, other) => {
  expect(alarmName(...one)).not.toBe(alarmName(...other));
});

test("snapshots are told apart by attempt", () => {
  expect(snapshotName("ops-view", "stageB", 2)).toBe("ops-view-stageb-attempt-2");
  expect(snapshotName("ops-view", "stageB", 1)).not.toBe(snapshotName("ops-view", "stageB", 2));
});

// Names as config lets them through: a lower-case letter, then up to 31 letters, digits or dashes.
test.each([
  ["plain", "ops-view", "stageB"],
  ["a dash at the end", "ops-", "stage-"],
  ["several dashes", "ops--view", "stage---b"],
  ["the longest", "a".repeat(32), "b".repeat(32)],
])("RDS takes the snapshot's name: %s", (_, rollout, stage) => {
  const name = snapshotName(rollout, stage, 12345);
  expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  expect(name.length).toBeLessThanOrEqual(255);
});

test("no topic's name ends like another's: policies tell them by their ends", () => {
  const ends = Object.values(TOPIC_SUFFIX).map((suffix) => `-${suffix}`);
  for (const end of ends) expect(ends.filter((other) => other.endsWith(end))).toEqual([end]);
});

test("names that are short enough are whole", () => {
  expect(partName("ops-view", "stageB", "messages")).toBe("ops-view-stageB-messages");
  expect(roleName("ops-view", "stageB", "abort", "eu-central-1")).toBe("ops-view-stageB-abort-eu-central-1");
  expect(messageSchedule("ops-view", "stageB", "C1", 2)).toBe("ops-view-stageB-C1-attempt-2");
  expect(watchName("ops-view-stageB-abort", "errors")).toBe("ops-view-stageB-abort.errors");
  expect(dashboardName("ops-view", "eu-central-1")).toBe("ops-view-eu-central-1");
  expect(dashboardName("ops-view", "eu-central-1", "stageB")).toBe("ops-view-eu-central-1-stageB");
});

test.each([["ops-view"], ["a".repeat(32)]])(
  "patterns of schedules of %s have the first 99 attempts",
  (rollout) => {
    const [stage, row] = ["stage-of-a-large-shop", "C1"];
    const patterns = messageSchedules(rollout, stage, row).map(
      (one) => new RegExp(`^${one.replaceAll("?", ".")}$`),
    );
    for (const attempt of [1, 9, 10, 99])
      expect(patterns.some((one) => one.test(messageSchedule(rollout, stage, row, attempt)))).toBe(true);
    expect(patterns.some((one) => one.test(messageSchedule(rollout, stage, "C2", 1)))).toBe(
      rollout.length > 31,
    );
  },
);

/** Names as config lets them through, many of them made of the same two pieces, so that some join to the same. */
const rollout = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .array(fc.constantFrom("a", "abort", "measure"), { minLength: 1, maxLength: 3 })
      .map((all) => all.join("-")),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-z][a-zA-Z0-9-]{0,31}$/) },
);
const stage = rollout;
const row = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("a", "a-a", "errors") },
  { weight: 1, arbitrary: fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,23}$/) },
);
const part = fc.constantFrom("abort", "probe", "messages", "scheduler", "reminders");
const region = fc.constantFrom(
  "eu-central-1",
  "us-east-1",
  "us-gov-east-1",
  "cn-north-1",
  "ap-southeast-4",
  "us-isob-east-1",
);
const attempt = fc.oneof(fc.constantFrom(1, 2), fc.integer({ min: 1, max: 99_999 }));
const topic = fc.constantFrom("onCall", "ops", "stakeholders");
const watched = fc.constantFrom("errors", "throttles", "dlq", "failures");

/** One thing that has a name in a service: what it is, and the name that is made of it. */
type Named = fc.Arbitrary<readonly [what: readonly unknown[], name: string]>;
const named = <T extends readonly unknown[]>(
  kind: string,
  of: fc.Arbitrary<T>,
  name: (...of: T) => string,
): Named => of.map((what) => [[kind, ...what], name(...what)] as const);

/** In each service, all that is named there; what AWS takes; and how long a name may be. */
const SERVICES: readonly [string, Named[], RegExp, number][] = [
  [
    "alarms",
    [
      named("row", fc.tuple(rollout, stage, row), alarmName),
      named("watch", fc.tuple(rollout, stage, part, watched), (of, one, its, what) =>
        watchName(partName(of, one, its), what),
      ),
    ],
    /^[\x20-\x7e]+$/,
    255,
  ],
  [
    "functions",
    [
      named("part", fc.tuple(rollout, stage, part), partName),
      named("measuring", fc.tuple(rollout), measureName),
    ],
    /^[a-zA-Z0-9-_]+$/,
    64,
  ],
  [
    "roles",
    [
      named("part", fc.tuple(rollout, stage, part, region), roleName),
      named("measuring", fc.tuple(rollout, region), (name, where) => functionRole(measureName(name), where)),
    ],
    /^[\w+=,.@-]+$/,
    64,
  ],
  [
    "topics",
    [
      named("own", fc.tuple(rollout, topic), topicName),
      named("part", fc.tuple(rollout, stage, fc.constant("abort" as const)), partName),
    ],
    /^[a-zA-Z0-9_-]+$/,
    256,
  ],
  [
    "queues",
    [named("dead letters", fc.tuple(rollout, stage), switchDeadLetterQueueName)],
    /^[a-zA-Z0-9_-]+$/,
    80,
  ],
  [
    "schedules",
    [named("message", fc.tuple(rollout, stage, row, attempt), messageSchedule)],
    /^[0-9a-zA-Z_.-]+$/,
    64,
  ],
  [
    "dashboards",
    [
      named("overview", fc.tuple(rollout, region), dashboardName),
      named("stage", fc.tuple(rollout, region, stage), dashboardName),
    ],
    /^[a-zA-Z0-9_-]+$/,
    255,
  ],
  ["log groups", [named("decisions", fc.tuple(rollout, stage), decisionsGroup)], /^[.\-_/#A-Za-z0-9]+$/, 512],
];

describe.each(SERVICES)("%s", (_, kinds, takes, longest) => {
  const any = fc.oneof(...kinds);

  test("of two things have two names", () => {
    fc.assert(
      fc.property(any, any, ([one, name], [other, called]) => {
        expect(name === called).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 10_000 },
    );
  });

  test("are such as AWS takes", () => {
    fc.assert(
      fc.property(any, ([, name]) => {
        expect(name).toMatch(takes);
        expect(name.length).toBeLessThanOrEqual(longest);
      }),
    );
  });
});

test("two rollouts' snapshots have two names, and two stages' of one, where more than case tells them apart", () => {
  const of = fc.tuple(rollout, stage, attempt);
  fc.assert(
    fc.property(of, of, (one, other) => {
      const same =
        one[0] === other[0] && one[1].toLowerCase() === other[1].toLowerCase() && one[2] === other[2];
      if (!same) expect(snapshotName(...one)).not.toBe(snapshotName(...other));
      expect(snapshotName(...one)).toMatch(/^[a-z](-?[a-z0-9]+)*$/);
    }),
    { numRuns: 10_000 },
  );
});

test("an alarm is a row's of the one rollout that it is named after", () => {
  fc.assert(
    fc.property(rollout, stage, row, rollout, (of, one, its, other) => {
      expect(isRowAlarmOf(other, alarmName(of, one, its))).toBe(of === other);
    }),
  );
  expect(isRowAlarmOf("ops-view-stageA", watchName("ops-view-stageA-abort", "errors"))).toBe(false);
});

test.each([
  ["ops", "view-a", "ops-view", "a"],
  ["ops", "a-b", "ops-a", "b"],
])("what joins to the same is told apart: %s and %s, %s and %s", (one, its, other, others) => {
  for (const name of ["abort", "probe", "messages", "scheduler", "reminders"] as const)
    expect(partName(one, its, name)).not.toBe(partName(other, others, name));
  expect(dashboardName(one, "eu-central-1", its)).not.toBe(dashboardName(other, "eu-central-1", others));
  expect(snapshotName(one, its, 1)).not.toBe(snapshotName(other, others, 1));
});
