import { describe, expect, test } from "vitest";
import { dismissedKey, type Reminder, rolledBackKey } from "../../../src/abort/reminder";
import { handleEvent } from "../../../src/abort/switch";
import type { AbortRow } from "../../../src/abort/switchConfig";
import { flagDocument } from "../../../src/flags/document";
import type { Note } from "../../../src/flags/ledger";
import { BOTH, config, eventOf, message, OFF, READ, World } from "./switchWorld";

describe("a row that rolls back where nobody decided", () => {
  const AT = "2026-11-21T10:00:00.000Z";
  const XB4: AbortRow = {
    ...(config.alarms["ops-view-stageB-XB4"] as AbortRow),
    incident: ["ops"],
    remind: { after: "1h", afterMs: 3_600_000, undecided: "rollback" },
  };
  const alone = { ...config, alarms: { ...config.alarms, "ops-view-stageB-XB4": XB4 } };
  const due: Reminder = { cutover: 1, remind: "XB4", at: AT };
  const subjects = (world: World) => world.sent.map(({ topic, subject }) => `${topic}: ${subject}`);
  const notes = (world: World) => world.store.deployments.map(({ note }) => note?.kind);
  const told = [
    "on-call: Rolled back: ops-view stageB XB4",
    "ops: Incident: ops-view stageB rolled back",
    "stakeholders: Incident: ops-view stageB rolled back",
  ];

  test("pages at first, changes nothing, and says what will happen", async () => {
    const world = new World(OFF, READ, BOTH);
    const fired = message({ AlarmName: "ops-view-stageB-XB4", AlarmArn: undefined });
    await handleEvent(eventOf(fired), alone, world);
    expect(world.store.live).toBe(flagDocument(BOTH));
    expect(world.to("on-call")[0]?.text).toContain("within 1h, the flags go down by themselves");
    expect(world.scheduled).toEqual([{ reminder: due, at: Date.parse(AT) + 3_600_000 }]);
  });

  test("lowers the flags to the floor as an alarm's answer does, with its stop, restart, page and C5, once", async () => {
    const world = new World(OFF, READ, BOTH);
    for (let times = 0; times < 3; times++) await handleEvent(due, alone, world);
    expect(world.store.live).toBe(flagDocument(READ));
    expect(notes(world)).toEqual([undefined, undefined, undefined, "abort"]);
    expect(world.store.deployments.at(-1)?.note).toMatchObject({
      row: "XB4",
      stage: "stageB",
      reason: `${AT} No audit event: nobody decided within 1h of the alarm`,
    });
    expect(world.restarted).toEqual(["web"]);
    expect(subjects(world)).toEqual(told);
    expect([...world.kept]).toEqual([rolledBackKey("XB4", AT)]);
  });

  test("goes down to the row's own floor where it has one", async () => {
    const world = new World(OFF, READ, BOTH);
    const alarms = { ...config.alarms, "ops-view-stageB-XB4": { ...XB4, floor: OFF } };
    await handleEvent(due, { ...config, alarms }, world);
    expect(world.store.live).toBe(flagDocument(OFF));
  });

  const ms = Date.parse(AT);
  test.each<[string, string[], boolean]>([
    ["dismissed it", [dismissedKey("XB4", ms + 1)], false],
    ["dismissed an earlier one", [dismissedKey("XB4", ms - 1)], true],
    ["dismissed another row", [dismissedKey("XB40", ms + 1)], true],
  ])("where somebody %s, acts accordingly", async (_, kept, lowers) => {
    const world = new World(OFF, READ, BOTH);
    for (const key of kept) world.kept.add(key);
    await handleEvent(due, alone, world);
    expect(world.store.live).toBe(flagDocument(lowers ? READ : BOTH));
    expect(world.sent).toHaveLength(lowers ? 3 : 0);
  });

  test.each<["abort" | "stop" | "lower", string, boolean]>([
    ["abort", "2026-11-21T10:20:00.000Z", false],
    ["stop", "2026-11-21T10:20:00.000Z", false],
    ["lower", "2026-11-21T10:20:00.000Z", false],
    ["abort", "2026-11-21T09:20:00.000Z", true],
  ])("after a %s at %s, and a promotion since, lowers: %s", async (kind, startedAt, lowers) => {
    const world = new World(OFF, READ, BOTH);
    world.store.startedAt = startedAt;
    const note: Note = { cutover: 1, kind, rollout: "ops-view", stage: "stageB", attempt: 1 };
    await world.store.deploy(flagDocument(READ), note, 3);
    world.store.promote(BOTH);
    await handleEvent(due, alone, world);
    expect(world.store.live).toBe(flagDocument(lowers ? READ : BOTH));
  });

  test("of what another rollout did, and of what was taken back, hears nothing", async () => {
    const world = new World(OFF, READ, BOTH);
    world.store.startedAt = "2026-11-21T10:20:00.000Z";
    const note: Note = { cutover: 1, kind: "stop", rollout: "another", stage: "stageB", attempt: 1 };
    await world.store.redeploy("2", note, 3);
    await handleEvent(due, alone, world);
    expect(world.store.live).toBe(flagDocument(READ));
  });

  test("finishes what was cut off after the flags were down: people are told at the next call", async () => {
    const world = new World(OFF, READ, BOTH);
    world.failing = { publish: "ops" };
    await expect(handleEvent(due, alone, world)).rejects.toThrow("ops could not be told: refused");
    expect([...world.kept]).toEqual([]);
    world.failing = {};
    await handleEvent(due, alone, world);
    expect(world.to("ops").map(({ subject }) => subject)).toEqual(["Incident: ops-view stageB rolled back"]);
    expect(world.store.deployments).toHaveLength(4);
  });

  test("where the flags cannot be lowered, pages and is called again", async () => {
    const world = new World(OFF, READ, BOTH);
    world.store.deploy = async () => {
      throw new Error("AccessDenied");
    };
    await expect(handleEvent(due, alone, world)).rejects.toThrow("AccessDenied");
    expect(subjects(world)).toEqual(["on-call: ROLLBACK FAILED: ops-view stageB XB4"]);
  });

  test("where it cannot be known what was decided, lowers: lowering is the safe side", async () => {
    const world = new World(OFF, READ, BOTH);
    world.failing = { decisions: true };
    await handleEvent(due, alone, world);
    expect(world.store.live).toBe(flagDocument(READ));
    expect(world.logged).toContainEqual(expect.objectContaining({ event: "rolls-back-all-the-same" }));
  });

  test("does nothing where the flags are down already, or its config says otherwise by now", async () => {
    const down = new World(OFF, READ);
    await handleEvent(due, alone, down);
    expect([down.sent, notes(down)]).toEqual([[], [undefined, undefined]]);
    const up = new World(OFF, READ, BOTH);
    await handleEvent(due, config, up);
    expect(up.store.live).toBe(flagDocument(BOTH));
  });
});
