import { describe, expect, test } from "vitest";
import { handleEvent } from "../../../src/abort/switch";
import type { AbortRow } from "../../../src/abort/switchConfig";
import type { Flags } from "../../../src/flags/flags";
import { BOTH, config, eventOf, message, OFF, READ, World } from "./switchWorld";

describe("an incident", () => {
  const opening = (action: "rollback" | "page", topics: AbortRow["incident"]) => {
    const XB1 = config.alarms["ops-view-stageB-XB1"] as AbortRow;
    return { ...config, alarms: { "ops-view-stageB-XB1": { ...XB1, action, incident: topics } } };
  };
  const opened = (world: World) => world.sent.filter(({ attributes }) => attributes?.kind === "incident");

  test("says what, when, which row and how far, and those who read it get no notice beside it", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(eventOf(message()), opening("rollback", ["ops"]), world);
    expect(world.sent.map(({ topic, subject }) => [topic, subject])).toEqual([
      ["on-call", "Rolled back: ops-view stageB XB1"],
      ["ops", "Incident opened: ops-view stageB XB1"],
      ["stakeholders", "Incident: ops-view stageB rolled back"],
    ]);
    const [incident] = opened(world);
    const key = `ops-view-stageB-XB1-${Date.parse("2026-11-21T10:00:00Z")}`;
    expect(incident?.attributes).toEqual({
      kind: "incident",
      incident: key,
      rollout: "ops-view",
      stage: "stageB",
      row: "XB1",
      attempt: "2",
      alarm: "ops-view-stageB-XB1",
      at: "2026-11-21T10:00:00.000Z",
    });
    expect(incident?.text.split("\n")).toEqual([
      "ops-view stageB XB1: Writes fail",
      "",
      `Incident:     ${key}`,
      "What:         Writes fail",
      "Observed:     Threshold Crossed: 1 datapoint [3.0] was greater than the threshold (0.0).",
      "Limit:        Write5xx: Sum over 10s > 0",
      "Since:        2026-11-21T10:00:00.000Z",
      "Row:          XB1 of stageB, attempt 2",
      "Scope:        Patches are written: on → off",
      "Runbook:      Turn WRITE off",
    ]);
  });

  test("is the same one when its alarm is delivered again", async () => {
    const world = new World(OFF, READ, BOTH);
    for (let times = 0; times < 2; times++)
      await handleEvent(eventOf(message()), opening("rollback", ["ops"]), world);
    expect(new Set(opened(world).map(({ attributes }) => attributes?.incident)).size).toBe(1);
  });

  test.each<[string, "rollback" | "page", Flags, RegExp]>([
    [
      "also where the flags were down already",
      "rollback",
      READ,
      /Scope: +the flags were down already, at READ true/,
    ],
    ["also where the row only pages", "page", BOTH, /Scope: +the flags are as they were/],
  ])("is opened %s", async (_, action, live, scope) => {
    const world = new World(OFF, READ, live);
    await handleEvent(eventOf(message()), opening(action, ["stakeholders"]), world);
    expect(opened(world).map(({ topic }) => topic)).toEqual(["stakeholders"]);
    expect(opened(world)[0]?.text).toMatch(scope);
  });

  test("says so where the flags could not be lowered", async () => {
    const world = new World(OFF, READ, BOTH);
    world.store.read = async () => {
      throw new Error("AccessDenied");
    };
    await expect(handleEvent(eventOf(message()), opening("rollback", ["ops"]), world)).rejects.toThrow(
      "AccessDenied",
    );
    expect(opened(world)[0]?.text).toMatch(/Scope: +NOT contained: .*AccessDenied/);
  });
});
