import { describe, expect, test } from "vitest";
import { ROUTING_KEY } from "../../../sandbox/webhook/tools/pagerduty";
import { SLACK_PATH } from "../../../sandbox/webhook/tools/slack";
import { secondsUntilNext } from "../../../src/channels/backoff";
import { CHAT, OWN, PAGER, queue, WEBHOOK, World } from "./deliverWorld";
import { AT, alarmed, enveloped, NOW, PUBLISHED } from "./sent";

const rolledBack = enveloped(PUBLISHED["rolled back"] as never);

describe("a tool that is down", () => {
  test.each([
    [
      "does not answer",
      () => {
        throw new Error("connect ECONNREFUSED");
      },
    ],
    ["answers 503", () => ({ status: 503, body: "" })],
    ["answers 429", () => ({ status: 429, body: "", retryAfter: "120" })],
  ])("for an hour, and %s: everything arrives, once each", async (_, odd) => {
    const world = new World();
    world.broken = () => (world.clock < NOW + 3_600_000 ? odd() : undefined);
    const { lost } = await queue(world, CHAT, [alarmed("ALARM"), rolledBack]);
    expect(lost).toEqual([]);
    expect(world.taken.map(({ headline }) => headline)).toEqual([
      expect.stringContaining("ALARM: ops-view stageA XA1"),
      expect.stringContaining("Rolled back: ops-view stageA XA1"),
    ]);
    // Soon after it is up again.
    expect(world.clock - NOW).toBeLessThan(3_600_000 + 6 * 60_000);
  });

  test("for ever: it is given up after six hours, and not before", async () => {
    const world = new World();
    world.broken = () => ({ status: 500, body: "" });
    const { lost } = await queue(world, PAGER, [rolledBack]);
    expect(lost).toEqual([rolledBack]);
    expect(world.clock - NOW).toBeGreaterThan(6 * 3_600_000);
    expect(world.clock - NOW).toBeLessThan(7 * 3_600_000);
  });
});

test("no sooner than a tool asks, and no later than a quarter of an hour", () => {
  expect([1, 2, 3, 6, 7, 8, 80].map((tries) => secondsUntilNext(tries, undefined, NOW))).toEqual([
    5, 10, 20, 160, 300, 300, 300,
  ]);
  expect(secondsUntilNext(1, "30", NOW)).toBe(30);
  expect(secondsUntilNext(1, new Date(NOW + 60_000).toUTCString(), NOW)).toBe(60);
  expect(secondsUntilNext(1, "86400", NOW)).toBe(900);
  for (const odd of ["-5", "soon", "", "1e9"]) expect(secondsUntilNext(1, odd, NOW)).toBe(5);
});

test("a key of two lines is not quoted, nor either of them", async () => {
  const world = new World();
  const [first, second] = ["first-half-of-it", "second-half-of-it"];
  world.secrets["ops-view/own"] = `${first}\n${second}`;
  world.broken = () => ({ status: 400, body: `key ${first}\n${second} of ${second}` });
  const { fates } = await queue(world, OWN, [rolledBack]);
  expect(fates).toEqual([{ kind: "refused", why: expect.stringContaining("[secret] of [secret]") }]);
  expect(JSON.stringify([fates, world.logged])).not.toMatch(/first-half|second-half/);
});

describe("a wrong key", () => {
  test.each([401, 403, 404, 410, 400, 302])("an answer of %i is no matter of time", async (status) => {
    const world = new World();
    world.broken = () => ({ status, body: `for ${WEBHOOK}` });
    const { fates, lost } = await queue(world, CHAT, [rolledBack]);
    expect(lost).toEqual([rolledBack]);
    expect(fates).toEqual([{ kind: "refused", why: expect.stringContaining(`Slack answered ${status}`) }]);
    // Whatever a tool quotes, the log has no key.
    expect(JSON.stringify([fates, world.logged])).not.toContain(SLACK_PATH);
  });

  test("PagerDuty's answer to another service's key", async () => {
    const world = new World();
    world.secrets["ops-view/pagerduty"] = "b".repeat(32);
    const { fates } = await queue(world, PAGER, [rolledBack]);
    expect(fates).toEqual([{ kind: "refused", why: expect.stringContaining("Invalid routing key") }]);
    expect(JSON.stringify(fates)).not.toContain("b".repeat(32));
  });

  test.each([
    [PAGER, "not a key", "the secret ops-view/pagerduty is no integration key of PagerDuty"],
    [CHAT, "http://hooks.slack.com/services/x", "the secret ops-view/slack is no incoming webhook of Slack"],
    [
      CHAT,
      "https://evil.example/hooks.slack.com/x",
      "the secret ops-view/slack is no incoming webhook of Slack",
    ],
  ])("a secret that is none is sent nowhere", async (to, text, why) => {
    const world = new World();
    world.secrets = { "ops-view/pagerduty": text, "ops-view/slack": text };
    const { fates } = await queue(world, to, [rolledBack]);
    expect(fates).toEqual([{ kind: "refused", why: expect.stringContaining(why) }]);
    expect(JSON.stringify(fates)).not.toContain(text);
    expect(world.taken).toEqual([]);
  });

  test("no secret at all", async () => {
    const world = new World();
    world.secrets = {};
    expect((await queue(world, PAGER, [rolledBack])).fates).toEqual([
      { kind: "refused", why: expect.stringContaining("the secret ops-view/pagerduty cannot be read") },
    ]);
  });

  test("one that was rotated counts from then on", async () => {
    const world = new World();
    world.secrets["ops-view/pagerduty"] = "b".repeat(32);
    expect((await queue(world, PAGER, [alarmed("ALARM")])).lost).toHaveLength(1);
    world.secrets["ops-view/pagerduty"] = ROUTING_KEY;
    // As it is taken out of the dead-letter queue again.
    expect((await queue(world, PAGER, [alarmed("ALARM")])).fates).toEqual([{ kind: "sent" }]);
  });
});

describe("delivered twice", () => {
  test.each([PAGER, CHAT])("it is sent once", async (to) => {
    const world = new World();
    const { fates } = await queue(world, to, [rolledBack, rolledBack, alarmed("ALARM"), alarmed("ALARM")]);
    expect(fates.map(({ kind }) => kind)).toEqual(["sent", "spared", "sent", "spared"]);
  });

  test("an answer that was given again is the same one, whatever its figures say", async () => {
    const world = new World();
    const { text, ...rest } = PUBLISHED["rolled back"] as (typeof PUBLISHED)[string];
    const again = enveloped({ ...rest, text: text.replace("311 ms", "1204 ms") }, "m-2");
    expect((await queue(world, CHAT, [rolledBack, again])).fates.map(({ kind }) => kind)).toEqual([
      "sent",
      "spared",
    ]);
  });

  test("where what was sent cannot be kept, twice is better than never", async () => {
    const world = new World();
    world.keep = () => Promise.reject(new Error("throttled"));
    expect((await queue(world, CHAT, [rolledBack, rolledBack])).fates.map(({ kind }) => kind)).toEqual([
      "sent",
      "sent",
    ]);
  });

  test("two topics of one channel carry one message", async () => {
    const world = new World();
    const ops = rolledBack.replaceAll("ops-view-on-call", "ops-view-ops").replace("m-1", "m-9");
    expect((await queue(world, CHAT, [rolledBack, ops])).fates.map(({ kind }) => kind)).toEqual([
      "sent",
      "spared",
    ]);
  });

  test("what somebody else sends twice is two messages", async () => {
    const world = new World();
    const [one, other] = ["m-1", "m-2"].map((id) => enveloped({ subject: "disk", text: "full" }, id));
    expect((await queue(world, CHAT, [one ?? "", other ?? ""])).fates.map(({ kind }) => kind)).toEqual([
      "sent",
      "sent",
    ]);
  });
});

test("what says nothing is not sent, and what came from nowhere is kept for people", async () => {
  const world = new World();
  const { fates } = await queue(world, PAGER, [alarmed("INSUFFICIENT_DATA"), "{}", "no JSON"]);
  expect(fates.map(({ kind }) => kind)).toEqual(["spared", "refused", "refused"]);
  expect(world.taken).toEqual([]);
});

test("times are those of what happened, not of when it was sent", async () => {
  const world = new World();
  await queue(world, PAGER, [rolledBack]);
  expect(world.taken[0]?.message).toMatchObject({ payload: { timestamp: AT } });
});
