import { describe, expect, test } from "vitest";
import { pagerduty, ROUTING_KEY } from "../../../sandbox/webhook/tools/pagerduty";
import { SLACK_PATH, slack } from "../../../sandbox/webhook/tools/slack";
import type { Taken } from "../../../sandbox/webhook/tools/tool";
import { secondsUntilNext, TRIES } from "../../../src/channels/backoff";
import { type Channel, type ChannelWorld, deliver, type Fate, NoSecret } from "../../../src/channels/deliver";
import type { Answer, Outgoing } from "../../../src/channels/kind";
import { channel } from "../../../src/channels/registry";
import { AT, alarmed, enveloped, NOW, PUBLISHED } from "./sent";

const PAGER: Channel = {
  name: "pager",
  config: channel.parse({ kind: "pagerduty", topics: ["onCall"], secret: "ops-view/pagerduty" }),
};
const CHAT: Channel = {
  name: "chat",
  config: channel.parse({ kind: "slack", topics: ["onCall"], secret: "ops-view/slack" }),
};
const WEBHOOK = `https://hooks.slack.com${SLACK_PATH}`;

type Post = Extract<Outgoing, { via: "http" }>;

/** The world with a clock that is given, and tools that may be down. */
class World implements ChannelWorld {
  readonly taken: Taken[] = [];
  private readonly pagerduty = pagerduty();
  readonly logged: object[] = [];
  readonly keys = new Map<string, string>();
  secrets: Record<string, string> = { "ops-view/pagerduty": ROUTING_KEY, "ops-view/slack": WEBHOOK };
  clock = NOW;
  /** What stands between here and a tool. */
  broken: ((asked: Post) => Answer | undefined) | undefined;

  readonly now = () => this.clock;
  readonly log = (entry: object) => void this.logged.push(entry);

  async secret(name: string): Promise<string> {
    const text = this.secrets[name];
    if (text === undefined) throw new NoSecret("ResourceNotFoundException");
    return text;
  }

  async post(asked: Post): Promise<Answer> {
    const odd = this.broken?.(asked);
    if (odd) return odd;
    const { host, pathname: path } = new URL(asked.url);
    const tool = host.endsWith("slack.com") ? slack : this.pagerduty;
    const { taken, ...answer } = tool({ method: "POST", path, headers: asked.headers, body: asked.body });
    if (taken) this.taken.push(taken);
    return answer;
  }

  async publish(): Promise<void> {}
  async kept(prefix: string): Promise<ReadonlySet<string>> {
    return new Set([...this.keys.keys()].filter((key) => key.startsWith(prefix)));
  }
  async keep(key: string, text: string): Promise<void> {
    this.keys.set(key, text);
  }

  /** What the tools were asked to do, in their own words. */
  get done(): string[] {
    return this.taken.map(({ action, key, headline }) => `${action} ${key ?? headline}`);
  }
}

/** A queue as SQS is one: what is to be tried again comes back when its time is over, or is given up. */
async function queue(
  world: World,
  to: Channel,
  bodies: readonly string[],
): Promise<{ fates: Fate[]; lost: string[] }> {
  const waiting = bodies.map((body) => ({ body, tries: 0, at: world.clock }));
  const fates: Fate[] = [];
  const lost: string[] = [];
  for (let next = waiting.shift(); next !== undefined; next = waiting.sort((a, b) => a.at - b.at).shift()) {
    world.clock = Math.max(world.clock, next.at);
    next.tries += 1;
    const fate = await deliver("ops-view", to, next, world);
    fates.push(fate);
    if (fate.kind === "refused" || (fate.kind === "again" && next.tries >= TRIES)) lost.push(next.body);
    else if (fate.kind === "again") waiting.push({ ...next, at: world.clock + fate.seconds * 1_000 });
  }
  return { fates, lost };
}

const KEY = "123456789012/eu-central-1/ops-view-stageA-XA1";
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

describe("a rollback that failed", () => {
  const night = (at: string) => {
    const { attributes, ...rest } = PUBLISHED["rollback failed"] as (typeof PUBLISHED)[string];
    return [alarmed("ALARM", at), enveloped({ ...rest, attributes: { ...attributes, at } }, at)];
  };
  const seen = enveloped(PUBLISHED.seen as never);

  test("wakes people nights later, too, where an earlier one was acknowledged and left open", async () => {
    const world = new World();
    await queue(world, PAGER, [...night(AT), seen, alarmed("OK", "2026-11-21T04:00:00.000Z")]);
    await queue(world, PAGER, night("2026-11-29T03:00:00.000Z"));
    const pages = world.taken.filter(({ action }) => action === "trigger");
    expect(pages).toHaveLength(4);
    expect(pages.filter(({ wakesNobody }) => wakesNobody)).toEqual([]);
  });

  test("joins what somebody has acknowledged where it is of the same alarm: the stand-in says so", async () => {
    const world = new World();
    await queue(world, PAGER, [alarmed("ALARM"), seen, rolledBack]);
    expect(world.taken.flatMap(({ action, wakesNobody }) => (wakesNobody ? [action] : []))).toEqual([
      "trigger",
    ]);
  });
});

describe("out of order", () => {
  const OK_AT = "2026-11-21T03:04:00.000Z";

  test("an end before its beginning leaves no incident open", async () => {
    const world = new World();
    await queue(world, PAGER, [alarmed("OK", OK_AT), alarmed("ALARM"), rolledBack]);
    expect(world.done).toEqual([
      `resolve ${KEY}`,
      ...[`trigger ${KEY}`, `resolve ${KEY}`],
      ...[`trigger ${KEY}`, `resolve ${KEY}`],
    ]);
  });

  const seen = enveloped(PUBLISHED.seen as never);

  test("an acknowledgement before its page acknowledges it once it is there", async () => {
    const world = new World();
    await queue(world, PAGER, [seen, alarmed("ALARM")]);
    expect(world.done.slice(-2)).toEqual([`trigger ${KEY}`, `acknowledge ${KEY}`]);
  });

  test("an acknowledgement of an earlier alarm acknowledges no later one", async () => {
    const world = new World();
    await queue(world, PAGER, [seen, alarmed("ALARM", "2026-11-29T03:00:00.000Z")]);
    expect(world.done.at(-1)).toBe(`trigger ${KEY}`);
  });

  test("an acknowledgement that overtook ROLLBACK FAILED is of that page", async () => {
    const world = new World();
    await queue(world, PAGER, [seen, enveloped(PUBLISHED["rollback failed"] as never)]);
    expect(world.done.slice(-2)).toEqual([
      `trigger ${KEY}/rollback-failed/${AT}`,
      `acknowledge ${KEY}/rollback-failed/${AT}`,
    ]);
  });

  test("a page that was sent after somebody saw the alarm wakes anew", async () => {
    const world = new World();
    const later = enveloped(PUBLISHED["rollback failed"] as never).replace("03:00:01.000Z", "03:30:01.000Z");
    await queue(world, PAGER, [alarmed("ALARM"), seen, later]);
    expect(world.done.at(-1)).toBe(`trigger ${KEY}/rollback-failed/${AT}`);
  });

  test("an end of an earlier time ends nothing", async () => {
    const world = new World();
    await queue(world, PAGER, [alarmed("OK", "2026-11-21T02:00:00.000Z"), alarmed("ALARM")]);
    expect(world.done).toEqual([`resolve ${KEY}`, `trigger ${KEY}`]);
  });

  test("an alarm that rings again is another page", async () => {
    const world = new World();
    await queue(world, PAGER, [
      alarmed("ALARM"),
      alarmed("OK", OK_AT),
      alarmed("ALARM", "2026-11-21T03:05:00.000Z"),
    ]);
    expect(world.done).toEqual([`trigger ${KEY}`, `resolve ${KEY}`, `trigger ${KEY}`]);
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
