import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { droppedByAmazonQ } from "../../../sandbox/webhook/tools/amazonQ";
import { pagerduty, ROUTING_KEY } from "../../../sandbox/webhook/tools/pagerduty";
import { SIGNING_KEY, signed } from "../../../sandbox/webhook/tools/signed";
import { SLACK_PATH, slack } from "../../../sandbox/webhook/tools/slack";
import type { Answered } from "../../../sandbox/webhook/tools/tool";
import { KINDS, type Kind, type Notification, pageKeyOf } from "../../../src/channels/notification";
import { type ChannelConfig, channel, channelKindOf } from "../../../src/channels/registry";
import { AT, alarmed, CODE, enveloped, PUBLISHED, read } from "./sent";

const PAGER = channel.parse({ kind: "pagerduty", topics: ["onCall"], secret: "a/b" });
const CHAT = channel.parse({ kind: "slack", topics: ["onCall"], secret: "a/b" });
const HOOK = channel.parse({ kind: "webhook", topics: ["ops"], url: "https://h.example/x", secret: "a/b" });
const Q = channel.parse({ kind: "amazonQ", topics: ["ops"] });

function sent(config: ChannelConfig, secret: string, message: Notification) {
  return channelKindOf(config).render(message, { config, secret, now: Date.now() });
}

/** What a tool's stand-in answers to each of what a channel sends. */
function answers(config: ChannelConfig, secret: string, message: Notification): Answered[] {
  return sent(config, secret, message).map((one) => {
    if (one.via !== "http") throw new Error("not by HTTP");
    const path = new URL(one.url).pathname;
    const tool = { pagerduty: pagerduty(), slack, webhook: signed, amazonQ: signed }[config.kind];
    return tool({ method: "POST", path, headers: one.headers, body: one.body });
  });
}

const inSlack = (message: Notification) => answers(CHAT, `https://hooks.slack.com${SLACK_PATH}`, message);
const toAmazonQ = (message: Notification) => sent(Q, "", message).map(({ body }) => droppedByAmazonQ(body));

const MESSAGES: readonly (readonly [string, Notification])[] = [
  ["an alarm", read(alarmed("ALARM"))],
  ["its end", read(alarmed("OK"))],
  ...Object.entries(PUBLISHED).map(([name, one]) => [name, read(enveloped(one))] as const),
];

describe.each(MESSAGES)("%s", (_, message) => {
  test("is taken by every tool", () => {
    for (const { status, body } of answers(PAGER, ROUTING_KEY, message))
      expect([status, body]).toEqual([202, body]);
    for (const { status, body } of inSlack(message)) expect([status, body]).toEqual([200, "ok"]);
    for (const { status } of answers(HOOK, SIGNING_KEY, message)) expect(status).toBe(204);
    expect(toAmazonQ(message)).toEqual([undefined]);
  });
});

describe.each(["rolled back", "page only", "rollback failed", "finished", "drill"])(
  "the page of %s carries the line by which somebody says that they saw it,",
  (name) => {
    const message = read(enveloped(PUBLISHED[name] as never));
    const line = `To say that you saw this: npm run cutover -- ack --rollout ops-view --region eu-central-1 ${CODE}`;

    test("in a mail, and in whatever else listens to the topic", () => {
      expect(PUBLISHED[name]?.text.endsWith(line)).toBe(true);
    });

    test.each<[string, ChannelConfig, string]>([
      ["PagerDuty", PAGER, ROUTING_KEY],
      ["Slack", CHAT, `https://hooks.slack.com${SLACK_PATH}`],
      ["a webhook", HOOK, SIGNING_KEY],
      ["Amazon Q", Q, ""],
    ])("in %s, whole", (_, config, secret) => {
      const bodies = sent(config, secret, message).map(({ body }) => body);
      expect(bodies.some((body) => body.includes(line))).toBe(true);
    });
  },
);

const kind = fc.constantFrom(...(Object.keys(KINDS) as Kind[]));
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    "<!channel>",
    "&amp;",
    "```",
    "\u0000\n",
    "😀".repeat(2_000),
    "&".repeat(9_000),
    "<".repeat(3_001),
  ),
);
const anything: fc.Arbitrary<Notification> = fc.record({
  kind,
  id: fc.stringMatching(/^[0-9a-f]{32}$/),
  headline: anyText,
  title: anyText,
  fields: fc.array(fc.record({ label: fc.constantFrom("Observed", "Next", "Runbook"), value: anyText }), {
    maxLength: 60,
  }),
  lines: fc.array(anyText, { maxLength: 20 }),
  alarm: fc.option(fc.string({ minLength: 1, maxLength: 300, unit: "grapheme-ascii" }), { nil: undefined }),
  at: fc.constant("2026-11-21T03:00:00.000Z"),
  rollout: fc.constant("ops-view"),
  stage: fc.option(fc.constant("stageA"), { nil: undefined }),
  row: fc.option(fc.constant("XA1"), { nil: undefined }),
  region: fc.constant("eu-central-1"),
  links: fc.constant([{ href: "https://runbooks.example.com/?a=1&b=2", text: "Named in the message" }]),
});

test("whatever a message says, and however long, every tool takes it", () => {
  fc.assert(
    fc.property(anything, (message) => {
      for (const { status, body } of answers(PAGER, ROUTING_KEY, message))
        expect([status, body]).toEqual([202, body]);
      for (const { status, body } of inSlack(message)) expect([status, body]).toEqual([200, "ok"]);
      expect(toAmazonQ(message)).toEqual([undefined]);
    }),
    { numRuns: 300 },
  );
});

describe("PagerDuty", () => {
  const events = (message: Notification) =>
    answers(PAGER, ROUTING_KEY, message).map(({ taken }) => [taken?.action, taken?.key]);
  const of = (name: string) => read(enveloped(PUBLISHED[name] as never));
  const ALARM_KEY = "123456789012/eu-central-1/ops-view-stageA-XA1";

  test("an alarm, what was done about it, and its end are one incident", () => {
    expect(events(read(alarmed("ALARM")))).toEqual([["trigger", ALARM_KEY]]);
    expect(events(of("rolled back"))).toEqual([["trigger", ALARM_KEY]]);
    expect(events(read(alarmed("OK", "2026-11-21T03:05:00.000Z")))).toEqual([["resolve", ALARM_KEY]]);
  });

  test("a rollback that failed pages anew, and no alarm's end closes that", () => {
    expect(events(of("rollback failed"))).toEqual([["trigger", `${ALARM_KEY}/rollback-failed/${AT}`]]);
  });

  test("two alarms at once are two incidents", () => {
    const other = read(alarmed("ALARM", undefined, "ops-view-stageA-XA2"));
    expect(pageKeyOf(other)).not.toBe(pageKeyOf(read(alarmed("ALARM"))));
  });

  test("planned messages page nobody", () => {
    for (const name of ["C1", "C2", "C5"]) expect(events(of(name))).toEqual([["change", undefined]]);
  });

  test("a dismissal acknowledges the alarm and its reminder", () => {
    const { subject, text } = {
      subject: "Dismissed: ops-view stageA XA1",
      text: "ops-view stageA XA1: dismissed.",
    };
    const attributes = {
      ...{ kind: "dismissed", alarm: "ops-view-stageA-XA1" },
      fired: `${AT} 2026-11-20T03:00:00.000Z`,
    };
    expect(events(read(enveloped({ subject, text, attributes })))).toEqual([
      ["acknowledge", ALARM_KEY],
      ["acknowledge", `${ALARM_KEY}/reminder/${AT}`],
      ["acknowledge", `${ALARM_KEY}/reminder/2026-11-20T03:00:00.000Z`],
    ]);
  });

  test("that somebody saw a page acknowledges it by its very key, and whatever else there is of its alarm", () => {
    expect(events(of("seen"))).toEqual([
      ["acknowledge", ALARM_KEY],
      ["acknowledge", `${ALARM_KEY}/reminder/${AT}`],
      ["acknowledge", `${ALARM_KEY}/stays-up/${AT}`],
      ["acknowledge", `${ALARM_KEY}/rollback-failed/${AT}`],
    ]);
    expect(events(of("seen"))[3]?.[1]).toBe(pageKeyOf(of("rollback failed")));
    expect(events(of("drill seen"))).toEqual([["acknowledge", events(of("drill"))[0]?.[1]]]);
  });

  test("says what happened, how bad it is, and where to look", () => {
    const [{ taken } = {}] = answers(PAGER, ROUTING_KEY, of("rollback failed"));
    expect(taken?.message).toMatchObject({
      payload: {
        summary: "ROLLBACK FAILED: ops-view stageA XA1: Requests answer with a server error",
        severity: "critical",
        component: "stageA",
        class: "XA1",
        custom_details: { Flags: "may still be up", Next: expect.stringContaining("cutover -- abort") },
      },
      links: [
        { href: "https://runbooks.example.com/ops-view#xa1", text: "runbooks.example.com" },
        { href: expect.stringContaining("#alarmsV2:alarm/ops-view-stageA-XA1"), text: "Alarm" },
        { href: expect.stringContaining("#dashboards/dashboard/ops-view-eu-central-1"), text: "Dashboard" },
      ],
    });
  });
});

test("Slack shows that somebody saw a page as one line: who, when, and which", () => {
  const [{ taken } = {}] = inSlack(read(enveloped(PUBLISHED.seen as never)));
  expect(taken?.message).toEqual({
    text: "alice saw it at 2026-11-21 03:00 UTC: the page of ops-view stageA XA1",
    blocks: [
      {
        type: "section",
        text: {
          type: "mrkdwn",
          text: ":eyes: alice saw it at 2026-11-21 03:00 UTC: the page of ops-view stageA XA1",
        },
      },
    ],
  });
});

test("a webhook is told to acknowledge, by the key that it was to page by", () => {
  const body = (name: string) => {
    const [one] = sent(HOOK, SIGNING_KEY, read(enveloped(PUBLISHED[name] as never)));
    return JSON.parse(one?.body ?? "") as { action: string; key: string };
  };
  for (const [page, seen] of [
    ["rolled back", "seen"],
    ["drill", "drill seen"],
  ] as const) {
    expect(body(page).action).toBe("page");
    expect(body(seen)).toMatchObject({ action: "acknowledge", key: body(page).key });
  }
});

describe("the stand-ins refuse what the tools refuse", () => {
  const slackAnswer = (body: unknown, path = SLACK_PATH) =>
    slack({
      ...{ method: "POST", path, headers: { "content-type": "application/json" } },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  test.each([
    ["{", 400, "invalid_payload"],
    [{}, 400, "no_text"],
    [
      { text: "a", blocks: [{ type: "header", text: { type: "plain_text", text: "x".repeat(151) } }] },
      400,
      "invalid_blocks",
    ],
    [
      { text: "a", blocks: [{ type: "section", text: { type: "mrkdwn", text: "<!channel>" } }] },
      400,
      "invalid_blocks",
    ],
    [{ text: "a", blocks: Array(51).fill({ type: "divider" }) }, 400, "invalid_blocks"],
    [{ text: "a" }, 200, "ok"],
  ])("Slack, %j", (body, status, said) => expect(slackAnswer(body)).toMatchObject({ status, body: said }));
  test("Slack, a webhook that is not there", () =>
    expect(slackAnswer({ text: "a" }, "/services/x")).toMatchObject({ status: 404, body: "no_service" }));

  const event = {
    routing_key: ROUTING_KEY,
    event_action: "trigger",
    payload: { summary: "s", source: "x", severity: "critical" },
  };
  test.each([
    [event, 202],
    [{ ...event, routing_key: "short" }, 400],
    [{ ...event, routing_key: "b".repeat(32) }, 400],
    [{ ...event, payload: { ...event.payload, severity: "high" } }, 400],
    [{ ...event, payload: { ...event.payload, summary: "x".repeat(1_025) } }, 400],
    [{ ...event, dedup_key: "x".repeat(256) }, 400],
    [{ routing_key: ROUTING_KEY, event_action: "resolve" }, 400],
    [{ ...event, payload: { ...event.payload, custom_details: { a: "x".repeat(600_000) } } }, 413],
  ])("PagerDuty, %#", (body, status) => {
    const asked = { method: "POST", path: "/v2/enqueue", headers: {}, body: JSON.stringify(body) };
    expect(pagerduty()(asked).status).toBe(status);
  });

  test("a webhook, another key, and an old request", () => {
    const message = read(alarmed("ALARM"));
    expect(answers(HOOK, "another-signing-key", message)).toMatchObject([{ status: 401 }]);
    const [old] = channelKindOf(HOOK).render(message, { config: HOOK, secret: SIGNING_KEY, now: 0 });
    if (old?.via !== "http") throw new Error("not by HTTP");
    expect(signed({ method: "POST", path: "/", headers: old.headers, body: old.body }).status).toBe(401);
  });

  test("Amazon Q, whatever is not its own schema", () => {
    expect(droppedByAmazonQ("Rolled back")).toBeDefined();
    expect(droppedByAmazonQ(JSON.stringify({ version: "1.0", source: "custom", content: {} }))).toBeDefined();
  });
});
