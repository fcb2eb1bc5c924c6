import { describe, expect, test } from "vitest";
import { dismissedKey, type Reminder, remindedKey, rolledBackKey } from "../../../src/abort/reminder";
import { handleEvent } from "../../../src/abort/switch";
import type { AbortRow } from "../../../src/abort/switchConfig";
import { flagDocument } from "../../../src/flags/document";
import type { Flags } from "../../../src/flags/flags";
import { ACCOUNT, BOTH, config, eventOf, message, OFF, READ, World } from "./switchWorld";

describe("a row that needs a decision", () => {
  const AT = "2026-11-21T10:00:00.000Z";
  const XB4 = {
    ...(config.alarms["ops-view-stageB-XB4"] as AbortRow),
    remind: { after: "1h", afterMs: 3_600_000 },
  };
  const deciding = { ...config, alarms: { ...config.alarms, "ops-view-stageB-XB4": XB4 } };
  const fired = message({
    AlarmName: "ops-view-stageB-XB4",
    AlarmArn: `arn:aws:cloudwatch:eu-central-1:${ACCOUNT}:alarm:ops-view-stageB-XB4`,
  });
  const due: Reminder = { cutover: 1, remind: "XB4", at: AT };
  const subjects = (world: World) => world.sent.map(({ subject }) => subject);

  test("pages, says how to decide, and asks to be reminded, counted from the alarm", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(eventOf(fired), deciding, world);
    expect(world.scheduled).toEqual([{ reminder: due, at: Date.parse(AT) + 3_600_000 }]);
    const [page] = world.sent;
    expect(page?.text).toContain('cutover -- abort --rollout ops-view -s stageB --reason "…"');
    expect(page?.text).toContain('cutover -- dismiss --rollout ops-view -s stageB --row XB4 --reason "…"');
    expect(page?.text).toContain("reminded unless either was done within 1h");
    expect(world.store.live).toBe(flagDocument(BOTH));
  });

  test("asks for the same reminder when it is delivered again", async () => {
    const world = new World(OFF, READ, BOTH);
    for (let times = 0; times < 2; times++) await handleEvent(eventOf(fired), deciding, world);
    expect(world.scheduled[1]).toEqual(world.scheduled[0]);
  });

  test("is delivered again where no reminder could be scheduled; the page has gone out", async () => {
    const world = new World(OFF, READ, BOTH);
    world.failing = { schedule: true };
    await expect(handleEvent(eventOf(fired), deciding, world)).rejects.toThrow(
      "no reminder could be scheduled: throttled",
    );
    expect(subjects(world)).toEqual(["Alarm, flags unchanged: ops-view stageB XB4"]);
  });

  test("others ask for none", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(eventOf(message()), deciding, world);
    await handleEvent(eventOf(fired), config, world);
    expect(world.scheduled).toEqual([]);
  });

  test("reminds on-call where nobody decided, once", async () => {
    const world = new World(OFF, READ, BOTH);
    for (let times = 0; times < 2; times++) await handleEvent(due, deciding, world);
    expect(subjects(world)).toEqual(["Decide now: ops-view stageB XB4"]);
    expect(world.sent[0]?.topic).toBe("on-call");
    expect(world.sent[0]?.text).toContain("a decision was due within 1h");
    expect([...world.kept]).toEqual([
      expect.stringMatching(/^XB4\/paged\/1795255200000\/[0-9a-f]{32}$/),
      remindedKey("XB4", AT),
    ]);
    expect(world.store.live).toBe(flagDocument(BOTH));
  });

  const ms = Date.parse(AT);
  test.each<[string, string[], Flags, boolean]>([
    ["dismissed it after it fired", [dismissedKey("XB4", ms + 1)], BOTH, false],
    ["dismissed it as it fired", [dismissedKey("XB4", ms)], BOTH, false],
    ["dismissed an earlier one", [dismissedKey("XB4", ms - 1)], BOTH, true],
    ["dismissed another row", [dismissedKey("XB40", ms + 1), dismissedKey("XB1", ms + 1)], BOTH, true],
    ["was reminded of an earlier one", [remindedKey("XB4", "2026-11-21T09:00:00.000Z")], BOTH, true],
    ["kept nonsense", ["XB4/dismissed/", "XB4/dismissed/x", "XB4"], BOTH, true],
    ["lowered the flags", [], READ, false],
    ["lowered them further", [], OFF, false],
    ["had them lowered by it", [rolledBackKey("XB4", AT)], BOTH, false],
  ])("where somebody %s, reminds accordingly", async (_, kept, live, reminds) => {
    const world = new World(OFF, live);
    for (const key of kept) world.kept.add(key);
    await handleEvent(due, deciding, world);
    expect(world.sent).toHaveLength(reminds ? 1 : 0);
  });

  test("reminds where it cannot be known what was decided, or what is live", async () => {
    const world = new World(OFF, READ, BOTH);
    world.failing = { decisions: true };
    world.store.read = async () => {
      throw new Error("throttled");
    };
    await handleEvent(due, deciding, world);
    expect(world.sent).toHaveLength(1);
    expect(world.logged).toContainEqual(expect.objectContaining({ event: "reminds-all-the-same" }));
  });

  test("fails where on-call could not be told, and reminds at the next call", async () => {
    const world = new World(OFF, READ, BOTH);
    world.failing = { publish: "on-call" };
    await expect(handleEvent(due, deciding, world)).rejects.toThrow("refused");
    world.failing = {};
    await handleEvent(due, deciding, world);
    expect(world.sent).toHaveLength(1);
  });

  test("is not reminded of once its config asks for it no more", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(due, config, world);
    await handleEvent({ ...due, remind: "XX" }, deciding, world);
    expect(world.sent).toEqual([]);
  });

  test.each([
    { ...due, extra: 1 },
    { ...due, at: "now" },
    { remind: "XB4", at: AT },
  ])("a call that is no reminder is refused: %j", async (event) => {
    const world = new World(OFF, READ, BOTH);
    await expect(handleEvent(event, deciding, world)).rejects.toThrow("refused");
    expect(world.sent).toEqual([]);
  });
});
