import { describe, expect, test } from "vitest";
import { pagedKey, seenKey } from "../../../src/abort/seen";
import { handleEvent } from "../../../src/abort/switch";
import type { AbortConfig, AbortRow } from "../../../src/abort/switchConfig";
import { codeDigest } from "../../../src/flags/acknowledged";
import { ACCOUNT, BOTH, config, eventOf, message, OFF, READ, World } from "./switchWorld";

const AT = "2026-11-21T10:00:00.000Z";
const LINE = /To say that you saw this: npm run cutover -- ack --rollout ops-view ([0-9A-Z]{5}-[0-9A-Z]{5})$/;
const codeIn = (text: string | undefined) => LINE.exec(text ?? "")?.[1] ?? "";
const digestOf = (text: string | undefined) =>
  codeDigest({ rollout: "ops-view", stage: "stageB" }, codeIn(text));
/** Some message of the topic. */
const ID = "5c5d0d53-2ba4-5a7d-8b5e-5168cbd8a1e2";
const delivered = (of: object = {}, id = ID) => eventOf(message(of), config.topicArn, id);
const XB4 = {
  AlarmName: "ops-view-stageB-XB4",
  AlarmArn: `arn:aws:cloudwatch:eu-central-1:${ACCOUNT}:alarm:ops-view-stageB-XB4`,
};
const asking = (undecided?: "rollback"): AbortConfig => ({
  ...config,
  alarms: {
    ...config.alarms,
    "ops-view-stageB-XB4": {
      ...(config.alarms["ops-view-stageB-XB4"] as AbortRow),
      remind: { after: "1h", afterMs: 3_600_000, undecided },
    },
  },
});

describe("the page of an alarm that rolls back", () => {
  test("ends with the line that says somebody saw it; its code stands in no other place", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(eventOf(message()), config, world);
    const [page] = world.to("on-call");
    const code = codeIn(page?.text);
    expect(code).not.toBe("");
    const { note } = world.store.deployments.at(-1) ?? {};
    expect(note).toMatchObject({ kind: "abort", row: "XB1", digest: digestOf(page?.text) });
    const others = world.sent.filter(({ topic }) => topic !== "on-call");
    expect(others.length).toBeGreaterThan(0);
    expect(JSON.stringify([world.store.deployments, world.logged, others, [...world.kept]])).not.toContain(
      code,
    );
    expect(world.kept).toEqual(new Set());
  });

  test("has it also where the flags were down: the stop carries its digest", async () => {
    const world = new World(OFF, READ);
    await handleEvent(eventOf(message()), config, world);
    expect(world.store.deployments.at(-1)?.note).toMatchObject({
      kind: "stop",
      digest: digestOf(world.to("on-call")[0]?.text),
    });
  });

  test("delivered again it has the same: the ledger has it already", async () => {
    const world = new World(OFF, READ, BOTH);
    for (let times = 0; times < 3; times++) await handleEvent(delivered(), config, world);
    const [first, ...again] = world.to("on-call");
    expect(world.store.deployments.at(-1)?.note?.digest).toBe(digestOf(first?.text));
    expect(again).toHaveLength(2);
    for (const { text } of again) expect(codeIn(text)).toBe(codeIn(first?.text));
    expect(world.kept).toEqual(new Set());
  });

  test("has another code for another message of the topic, and both are found", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(delivered(), config, world);
    await handleEvent(delivered({}, "another"), config, world);
    const [first, again] = world.to("on-call");
    expect(codeIn(again?.text)).not.toBe(codeIn(first?.text));
    expect(world.kept).toEqual(new Set([pagedKey("XB1", AT, digestOf(again?.text))]));
  });

  test.each<[string, () => Promise<never>]>([
    ["cannot be read", () => Promise.reject(new Error("throttled"))],
    ["does not answer", () => new Promise<never>(() => undefined)],
  ])("is kept elsewhere, and comes soon, where the ledger %s", async (_, entry) => {
    const world = new World(OFF, READ, BOTH);
    const { deploy } = world.store;
    world.store.deploy = async (...asked) => {
      const result = await deploy.apply(world.store, asked);
      world.store.entry = entry;
      return result;
    };
    const began = Date.now();
    await handleEvent(eventOf(message()), config, world);
    expect(Date.now() - began).toBeLessThan(10_000);
    const [page] = world.to("on-call");
    expect(page?.subject).toBe("Rolled back: ops-view stageB XB1");
    expect(world.kept).toEqual(new Set([pagedKey("XB1", AT, digestOf(page?.text))]));
  });
});

describe("a page without an entry in the ledger has a code that is kept beside what was decided:", () => {
  test.each<[string, object, (world: World) => void, string]>([
    ["of a row that only pages", XB4, () => {}, "Alarm, flags unchanged: ops-view stageB XB4"],
    [
      "of a rollback that failed",
      {},
      ({ store }) => {
        store.read = () => Promise.reject(new Error("AccessDenied"));
      },
      "ROLLBACK FAILED: ops-view stageB XB1",
    ],
  ])("%s", async (_, of, spoil, subject) => {
    const world = new World(OFF, READ, BOTH);
    spoil(world);
    for (let times = 0; times < 2; times++)
      await handleEvent(delivered(of), config, world).catch(() => undefined);
    const [page, again] = world.to("on-call");
    expect(page?.subject).toBe(subject);
    expect(codeIn(page?.text)).not.toBe("");
    expect(codeIn(again?.text)).toBe(codeIn(page?.text));
    const row = "AlarmName" in of ? "XB4" : "XB1";
    expect(world.kept).toEqual(new Set([pagedKey(row, AT, digestOf(page?.text))]));
    expect(JSON.stringify([world.logged, [...world.kept]])).not.toContain(codeIn(page?.text));
  });

  test.each(["throws", "hangs"] as const)("none, and soon, where keeping it %s", async (keep) => {
    const world = new World(OFF, READ, BOTH);
    world.failing = { keep };
    await handleEvent(delivered(XB4), config, world);
    const [page] = world.to("on-call");
    expect(page?.subject).toBe("Alarm, flags unchanged: ops-view stageB XB4");
    expect(page?.text).not.toContain("To say that you saw this");
  });
});

describe("a reminder", () => {
  test("has the code of its alarm's page", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(delivered(XB4), asking(), world);
    await handleEvent(world.scheduled[0]?.reminder, asking(), world);
    const [page, reminder] = world.to("on-call");
    expect(reminder?.subject).toBe("Decide now: ops-view stageB XB4");
    expect(codeIn(reminder?.text)).toBe(codeIn(page?.text));
    expect(JSON.stringify(world.scheduled)).not.toContain(codeIn(page?.text));
  });

  test.each<[string, string[], RegExp]>([
    ["nobody", [], /^Seen: +nobody has said that they saw the page$/m],
    ["somebody", [seenKey("XB4", AT, Date.parse(AT) + 720_000, "alice")], /^Seen: +by alice, 12 min after/m],
    [
      "somebody an earlier alarm",
      [seenKey("XB4", "2026-11-21T09:00:00.000Z", Date.parse(AT), "alice")],
      /^Seen: +nobody has/m,
    ],
  ])("says where %s saw the page", async (_, kept, says) => {
    const world = new World(OFF, READ, BOTH);
    for (const key of kept) world.kept.add(key);
    await handleEvent({ cutover: 1, remind: "XB4", at: AT }, asking(), world);
    expect(world.to("on-call")[0]?.text).toMatch(says);
  });

  test("where nobody decided, the rollback's page has that code, too", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(delivered(XB4), asking("rollback"), world);
    await handleEvent(world.scheduled[0]?.reminder, asking("rollback"), world);
    const [page, rolledBack] = world.to("on-call");
    expect(rolledBack?.subject).toBe("Rolled back: ops-view stageB XB4");
    expect(codeIn(rolledBack?.text)).toBe(codeIn(page?.text));
    expect(world.store.deployments.at(-1)?.note?.digest).toBe(digestOf(page?.text));
  });
});
