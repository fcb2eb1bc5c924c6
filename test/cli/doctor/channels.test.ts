import { expect, test } from "vitest";
import { type ChannelsSeen, judgeChannels } from "../../../cli/doctor/judge/channels";
import { judgePeople } from "../../../cli/doctor/judge/people";
import type { ChannelFact } from "../../../cli/doctor/look/channels";
import type { Known } from "../../../src/aws/known";
import { channelMap } from "../../../src/channels/registry";
import { loadWritten } from "../../../src/rollout/load";

const loaded = loadWritten(`${__dirname}/../../..`);
const { locate } = loaded;
const rollout = {
  ...loaded.rollout,
  channels: channelMap.parse({
    pager: { kind: "pagerduty", topics: ["onCall", "ops"], secret: "ops-view/pagerduty" },
    teams: { kind: "amazonQ", topics: ["ops"] },
  }),
};
const known = <T>(value: T): Known<T> => ({ ok: true, value });
const unread = { ok: false, why: "access denied", remedy: "Give these credentials the right" } as const;
const queueArn = (channel: string) => `arn:aws:sqs:eu-central-1:123456789012:ops-view-${channel}-channel`;
const queue = (channel: string) => ({ protocol: "sqs", endpoint: queueArn(channel), confirmed: true });
const person = { protocol: "email", endpoint: "a@example.com", confirmed: true };
const SECRET = { name: "ops-view/pagerduty", text: known({ problem: undefined }) };
const PAGER: ChannelFact = {
  queueArn: queueArn("pager"),
  waiting: known<number | undefined>(0),
  deadLetters: known<number | undefined>(0),
  secret: SECRET,
};
const TEAMS: ChannelFact = {
  ...{ queueArn: queueArn("teams"), waiting: known<number | undefined>(1), deadLetters: PAGER.deadLetters },
  ownTopic: known([
    { protocol: "https", endpoint: "https://global.sns-api.chatbot.amazonaws.com", confirmed: true },
  ]),
};
const TOPICS: ChannelsSeen["topics"] = new Map([
  ["onCall", known([person, queue("pager")])],
  ["ops", known([queue("pager"), queue("teams")])],
]);
const FN = {
  arn: "arn:aws:lambda:eu-central-1:123456789012:function:ops-view-channels",
  state: "Active",
  lastUpdate: "Successful",
};
const FED = new Map([
  [queueArn("pager"), "Enabled"],
  [queueArn("teams"), "Enabled"],
]);

const judged = (
  over: Partial<Omit<ChannelsSeen, "channels">> & {
    pager?: Partial<ChannelFact>;
    teams?: Partial<ChannelFact>;
  } = {},
) => {
  const { pager, teams, ...more } = over;
  return judgeChannels({
    ...{ rollout, topics: TOPICS, fn: known(FN), fed: known(FED), locate },
    ...more,
    channels: new Map([
      ["pager", { ...PAGER, ...pager }],
      ["teams", { ...TEAMS, ...teams }],
    ]),
  });
};

test("a channel that is as it has to be says whom it reaches", () => {
  expect(judged().map(({ name, state, what }) => `${state} ${name}: ${what}`)).toEqual([
    "ok channel pager: PagerDuty is told what goes to on-call and ops, and pages whoever is on call there",
    "ok channel teams: Amazon Q Developer is told what goes to ops, and shows it in its channels: it wakes nobody by itself",
    "ok function ops-view-channels: is active, and sends what queues hold",
  ]);
});

const none = known(undefined);

/** What is wrong, of whom, and what is said of it. */
const FAULTS: readonly (readonly [string, string, RegExp, Parameters<typeof judged>[0]])[] = [
  [
    "no secret",
    "channel pager",
    /^there is no secret ops-view\/pagerduty/,
    { pager: { secret: { ...SECRET, text: known("none") } } },
  ],
  [
    "a secret of another shape",
    "channel pager",
    /^the secret ops-view\/pagerduty is no integration key/,
    { pager: { secret: { ...SECRET, text: known({ problem: "is no integration key" }) } } },
  ],
  [
    "a queue that is gone",
    "channel pager",
    /^its queue ops-view-pager-channel is not there/,
    { pager: { waiting: none } },
  ],
  ["a dead-letter queue that is gone", "channel pager", /dlq is not there/, { pager: { deadLetters: none } }],
  [
    "a message that nobody was told",
    "channel pager",
    /^1 message lies in its dead-letter queue/,
    { pager: { deadLetters: known(1) } },
  ],
  [
    "a topic that does not deliver",
    "channel pager",
    /^on-call does not deliver to its queue/,
    { topics: new Map([...TOPICS, ["onCall", known([person])]]) },
  ],
  [
    "a filter policy",
    "channel pager",
    /^a filter policy keeps messages of on-call/,
    { topics: new Map([...TOPICS, ["onCall", known([{ ...queue("pager"), filtered: true }])]]) },
  ],
  [
    "a queue that nobody reads",
    "channel teams",
    /event source mapping is Disabled$/,
    { fed: known(new Map([...FED, [queueArn("teams"), "Disabled"]])) },
  ],
  [
    "a tool that does not listen",
    "channel teams",
    /^Amazon Q Developer does not listen to its topic ops-view-teams-channel/,
    { teams: { ownTopic: known([]) } },
  ],
  [
    "a function that is gone",
    "function ops-view-channels",
    /^is not there/,
    { fn: none, fed: known(new Map()) },
  ],
  [
    "a function that failed",
    "function ops-view-channels",
    /^is not active but Failed \(its key is disabled\)/,
    { fn: known({ ...FN, state: "Failed", reason: "its key is disabled" }) },
  ],
];

test.each(FAULTS)("%s", (_, name, what, over) => {
  const wrong = judged(over).filter(({ state }) => state === "fault");
  expect(wrong.map((one) => one.name)).toEqual([name]);
  expect(wrong[0]?.what).toMatch(what);
  expect(wrong[0]?.remedy).toEqual(expect.any(String));
});

test("what cannot be read is unknown, and each says why", () => {
  const lines = judged({ pager: { secret: { ...SECRET, text: unread } }, fed: unread });
  expect(
    lines.filter(({ state }) => state === "unknown").map(({ name, what }) => `${name}: ${what}`),
  ).toEqual([
    "channel pager: the secret ops-view/pagerduty could not be read: access denied",
    "channel pager: whether its queue is read: access denied",
    "channel teams: whether its queue is read: access denied",
  ]);
});

test("before the first up only secrets have to be there", () => {
  const bare = { waiting: none, deadLetters: none };
  const before = (text: NonNullable<ChannelFact["secret"]>["text"]) =>
    judged({
      topics: new Map([["onCall", none]]),
      ...{ fn: none, fed: known(new Map<string, string>()) },
      pager: { ...bare, secret: { ...SECRET, text } },
      teams: { ...bare, ownTopic: none },
    }).map(({ name, state }) => `${state} ${name}`);
  expect(before(SECRET.text)).toEqual(["later channel pager", "later channel teams"]);
  expect(before(known("none"))).toEqual(["fault channel pager", "later channel teams"]);
});

test("a topic's line calls a channel's queue by the channel", () => {
  const onCall = { onCall: TOPICS.get("onCall"), onCallTopic: known({}), onCallArn: "" };
  const guards = { ...onCall, acknowledged: known({}), now: 0 };
  const [line] = judgePeople({ rollout, topics: TOPICS, guards: guards as never, locate });
  expect(line?.what).toBe("2 confirmed subscriptions (email, channel pager)");
});
