import { describe, expect, test } from "vitest";
import { rolledBackKey } from "../../../src/abort/reminder";
import { handleEvent } from "../../../src/abort/switch";
import type { AbortConfig, AbortRow } from "../../../src/abort/switchConfig";
import { flagDocument } from "../../../src/flags/document";
import type { Door } from "../../../src/flags/doors";
import { BOTH, config, eventOf, message, OFF, READ, World } from "./switchWorld";

/** What people are told behind a stage that there is no way back from: nothing that does not come about. */

const AT = "2026-11-21T10:00:00.000Z";
const NAME = "ops-view-stageB-XB4";
const DOOR: Door = { stage: "stageB", because: "the old path is gone", floor: BOTH, flags: BOTH };
const due = { cutover: 1, remind: "XB4", at: AT } as const;
const KEPT =
  "Kept:         there is no way back from stageB (the old path is gone): READ true, WRITE true stay";

function withRow(row: Partial<AbortRow>, doors: readonly Door[] = [DOOR]): AbortConfig {
  const alarms = { ...config.alarms, [NAME]: { ...(config.alarms[NAME] as AbortRow), ...row } };
  return { ...config, alarms, doors };
}
const ROLLS_BACK = { remind: { after: "1h", afterMs: 3_600_000, undecided: "rollback" } } as const;
const REMINDS = { remind: { after: "1h", afterMs: 3_600_000 } } as const;

describe("the page of a row that waits for a decision", () => {
  const paged = async (asked: AbortConfig, ...live: (typeof BOTH)[]) => {
    const world = new World(...live);
    world.store.read = () => Promise.reject(new Error("the page waits for no reading"));
    await handleEvent(eventOf(message({ AlarmName: NAME, AlarmArn: undefined })), asked, world);
    return world.to("on-call")[0]?.text ?? "";
  };

  test.each<[string, ...(typeof BOTH)[]]>([
    ["before the flag is on", OFF, READ],
    ["once it is on", OFF, READ, BOTH],
  ])("%s, says how far the flags go down by themselves", async (_, ...live) => {
    const text = await paged(withRow(ROLLS_BACK), ...live);
    expect(text).toMatch(/within 1h, the flags go down by themselves$/m);
    expect(text).toContain(
      "Neither goes below READ true, WRITE true once stageB is live: the old path is gone",
    );
  });

  test("says nothing of it where there is a way back", async () => {
    const text = await paged(withRow(ROLLS_BACK, []), OFF, READ, BOTH);
    expect(text).toMatch(/within 1h, the flags go down by themselves$/m);
    expect(text).not.toContain("Neither");
  });
});

describe("nobody decided, and there is no way back", () => {
  test("where the row rolls back: people read that the flags stay up, once", async () => {
    const world = new World(OFF, READ, BOTH);
    for (let times = 0; times < 2; times++) await handleEvent(due, withRow(ROLLS_BACK), world);
    expect(world.store.live).toBe(flagDocument(BOTH));
    expect(world.sent.map(({ topic, subject }) => `${topic}: ${subject}`)).toEqual([
      "on-call: ALARM, and flags STAY UP: ops-view stageB XB4",
    ]);
    expect(world.sent[0]?.text).toContain(KEPT);
    expect([...world.kept]).toEqual([rolledBackKey("XB4", AT)]);
  });

  test("where the row reminds: on-call is reminded, and reads what is kept", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(due, withRow(REMINDS), world);
    expect(world.to("on-call")[0]?.text).toContain(`${KEPT}, also by a rollback`);
  });

  test("where somebody asked for a rollback since, nobody hears of it again", async () => {
    const world = new World(OFF, READ, BOTH);
    world.store.startedAt = "2026-11-21T10:20:00.000Z";
    const note = { cutover: 1, kind: "stop", rollout: "ops-view", stage: "stageB", attempt: 1 } as const;
    await world.store.redeploy("3", note, 3);
    await handleEvent(due, withRow(ROLLS_BACK), world);
    expect(world.sent).toEqual([]);
  });

  test("the flag not on yet, the flags are down", async () => {
    const world = new World(OFF, READ);
    await handleEvent(due, withRow(ROLLS_BACK), world);
    expect(world.sent).toEqual([]);
  });
});

test("an incident does not say that flags which stay up are down", async () => {
  const world = new World(OFF, READ, BOTH);
  const row: Partial<AbortRow> = { action: "rollback", incident: ["ops"] };
  await handleEvent(eventOf(message({ AlarmName: NAME, AlarmArn: undefined })), withRow(row), world);
  const [incident] = world.to("ops");
  expect(incident?.text).toContain("NOT contained: no flag was lowered (there is no way back from stageB");
});

describe("a row that freezes", () => {
  const FREEZES: Partial<AbortRow> = { action: "rollback", freeze: true };
  const ring = async (world: World, row: Partial<AbortRow> = FREEZES) =>
    handleEvent(eventOf(message({ AlarmName: NAME, AlarmArn: undefined })), withRow(row), world);
  const kinds = (world: World) => world.store.deployments.map(({ note }) => note?.kind);

  test("leaves the flags, holds every stage, and pages with how to release it", async () => {
    const world = new World(OFF, READ, BOTH);
    await ring(world);
    expect(world.store.live).toBe(flagDocument(BOTH));
    expect(kinds(world).slice(-2)).toEqual(["stop", "hold"]);
    expect(world.store.deployments.at(-1)?.note).toMatchObject({ stage: "all", row: "XB4" });
    const [page, ...more] = world.sent;
    expect(more).toEqual([]);
    expect(page?.subject).toBe("ALARM, and flags STAY UP: ops-view stageB XB4");
    expect(page?.text).toContain("Held:         by deployment 5, every stage");
    expect(page?.text).toMatch(/cutover -- release --rollout ops-view/);
  });

  test("that cannot hold fails, so that it is tried again, and says so in the page", async () => {
    const world = new World(OFF, READ, BOTH);
    const { redeploy } = world.store;
    world.store.redeploy = async (version, note, after) =>
      note.kind === "hold"
        ? { kind: "invalid", problem: "not now" }
        : redeploy.call(world.store, version, note, after);
    await expect(ring(world)).rejects.toThrow("the rollout could not be held: not now");
    expect(world.sent[0]?.text).toContain("Held:         NOT HELD: not now");
  });

  test("lowers as ever where there is a way back", async () => {
    const world = new World(OFF, READ);
    await ring(world);
    expect(kinds(world)).not.toContain("hold");
  });
});
