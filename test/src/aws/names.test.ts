import { expect, test } from "vitest";
import { alarmName, fitting, snapshotName, TOPIC_SUFFIX } from "../../../src/aws/names";

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

test("names fit into what AWS takes, and stay apart", () => {
  expect(fitting("ops-view-stageB", "herald")).toBe("ops-view-stageB-herald");
  const names = ["a", "b"].flatMap((last) =>
    ["herald", "scheduler", "attempt-1", "attempt-100"].map((end) =>
      fitting(`${"r".repeat(32)}-${"s".repeat(31)}${last}`, end),
    ),
  );
  expect(new Set(names).size).toBe(names.length);
  for (const one of names) expect(one).toHaveLength(64);
});
