import { describe, expect, test } from "vitest";
import { rolledBackKey } from "../../../src/abort/reminder";
import { handleEvent } from "../../../src/abort/switch";
import type { AbortConfig, AbortRow } from "../../../src/abort/switchConfig";
import { flagDocument } from "../../../src/flags/document";
import { BOTH, config, eventOf, message, OFF, READ, World } from "./switchWorld";

/** What people are told where a one-way flag keeps the flags up: nothing that does not come about. */

const AT = "2026-11-21T10:00:00.000Z";
const NAME = "ops-view-stageB-XB4";
const WRITE = { ...(config.specs.WRITE as AbortConfig["specs"][string]), oneWay: true };
const due = { cutover: 1, remind: "XB4", at: AT } as const;
const KEPT = "Kept:         WRITE is on and one-way, what it took away is gone: READ true, WRITE true stay";

function withRow(row: Partial<AbortRow>, oneWay = true): AbortConfig {
  const alarms = { ...config.alarms, [NAME]: { ...(config.alarms[NAME] as AbortRow), ...row } };
  return { ...config, alarms, specs: oneWay ? { ...config.specs, WRITE } : config.specs };
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

  test.each<[string, (typeof BOTH)[]]>([
    ["before the flag is on", [OFF, READ]],
    ["once it is on", [OFF, READ, BOTH]],
  ])("%s, says how far the flags go down by themselves", async (_, live) => {
    const text = await paged(withRow(ROLLS_BACK), ...live);
    expect(text).toContain(
      "within 1h, the flags go down by themselves, as far as a one-way flag (WRITE) lets them",
    );
    expect(text).toContain("Neither lowers WRITE once it is on, nor what it requires");
  });

  test("says nothing of it where no flag is one-way", async () => {
    const text = await paged(withRow(ROLLS_BACK, false), OFF, READ, BOTH);
    expect(text).toMatch(/within 1h, the flags go down by themselves$/);
    expect(text).not.toContain("one-way");
  });
});

describe("nobody decided, and a one-way flag keeps the flags up", () => {
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
  expect(incident?.text).toContain("NOT contained: no flag was lowered (WRITE is on and one-way");
});
