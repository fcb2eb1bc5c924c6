import { expect, test } from "vitest";
import { type DeliveriesSeen, judgeDeliveries } from "../../../cli/doctor/judge/deliveries";
import type { DeliveryFact } from "../../../cli/doctor/look/deliveries";
import type { Known } from "../../../src/aws/known";
import { describedAs } from "../../../src/delivery/declared";
import { deliveryMap } from "../../../src/delivery/registry";
import { loadWritten } from "../../../src/rollout/load";

const loaded = loadWritten(`${__dirname}/../../..`);
const { locate } = loaded;
const rollout = {
  ...loaded.rollout,
  delivery: deliveryMap.parse({
    worker: { kind: "render", service: "srv-cabc123456789", secret: "ops-view/render" },
    tasks: { kind: "ssm", path: "/ops-view/flags", ecs: [{ cluster: "ops", service: "web" }] },
  }),
};
const FLAGS = Object.fromEntries(Object.entries(rollout.flags).map(([flag, { off }]) => [flag, off]));
const [READ = "", WRITE = ""] = Object.keys(FLAGS);
const HELD = { [READ]: "false", [WRITE]: "false", CUTOVER_FLAGS_VERSION: "3" };

const known = <T>(value: T): Known<T> => ({ ok: true, value });
const unread = { ok: false, why: "access denied", remedy: "Give these credentials the right" } as const;
const queueArn = (name: string) => `arn:aws:sqs:eu-central-1:123456789012:ops-view-${name}-delivery`;
const FACT: Omit<DeliveryFact, "queueArn"> = {
  waiting: known<number | undefined>(0),
  deadLetters: known<number | undefined>(0),
  delivered: known<number | undefined>(3),
  platform: known({ held: HELD }),
};
const SECRET = { name: "ops-view/render", text: known({ problem: undefined }) };
const FN = {
  arn: "arn:aws:lambda:eu-central-1:123456789012:function:ops-view-delivery",
  state: "Active",
  lastUpdate: "Successful",
  description: describedAs("ops-view", rollout.flags, rollout.delivery),
};
const FED = new Map(["worker", "tasks"].map((name) => [queueArn(name), "Enabled"]));

type Over = Partial<Omit<DeliveriesSeen, "deliveries">> & { worker?: Partial<DeliveryFact> };
const judged = ({ worker, ...over }: Over = {}) =>
  judgeDeliveries({
    ...{ rollout, locate, fn: known(FN), fed: known(FED) },
    live: known({ flags: FLAGS, deployment: 3, since: 3 }),
    ...over,
    deliveries: new Map([
      ["worker", { ...FACT, queueArn: queueArn("worker"), secret: SECRET, ...worker }],
      ["tasks", { ...FACT, queueArn: queueArn("tasks") }],
    ]),
  });
const line = ({ state, name, what }: ReturnType<typeof judged>[number]) => `${state} ${name}: ${what}`;
const none = known(undefined);

test("deliveries that are as they have to be say where to", () => {
  expect(judged().map(line)).toEqual([
    "ok delivery worker: Render, service srv-cabc123456789, holds the flags that are live",
    "ok delivery tasks: SSM parameters, parameters below /ops-view/flags, holds the flags that are live",
    "ok function ops-view-delivery: is active, and goes by the deliveries and flags of these stack files",
  ]);
});

test("of a rollout without any nothing is said", () => {
  expect(judged({ rollout: { ...rollout, delivery: {} } })).toEqual([]);
});

const other = { ...HELD, [READ]: "true" };
const RAISED = known({ flags: { ...FLAGS, [READ]: true }, deployment: 3, since: 3 });
const CASES: readonly (readonly [string, string, RegExp, Over])[] = [
  [
    "no secret",
    "fault",
    /^there is no secret ops-view\/render: flags are refused$/,
    {
      worker: { secret: { ...SECRET, text: known("none") }, platform: undefined },
    },
  ],
  [
    "a secret of another shape",
    "fault",
    /^the secret ops-view\/render is too short$/,
    {
      worker: { secret: { ...SECRET, text: known({ problem: "is too short" }) } },
    },
  ],
  [
    "a secret that may not be read",
    "unknown",
    /could not be read: access denied/,
    {
      worker: { secret: { ...SECRET, text: unread }, platform: undefined },
    },
  ],
  [
    "no service",
    "fault",
    /^there is no service srv-1: no flags are carried there$/,
    {
      worker: { platform: known({ problem: "there is no service srv-1" }) },
    },
  ],
  [
    "a platform out of reach",
    "unknown",
    /could not be asked from here: access denied$/,
    {
      worker: { platform: unread },
    },
  ],
  [
    "a queue that is gone",
    "fault",
    /^its queue ops-view-worker-delivery is not there/,
    {
      worker: { waiting: none },
    },
  ],
  [
    "a queue that could not be seen",
    "unknown",
    /^its queue ops-view-worker-delivery: access/,
    {
      worker: { waiting: unread },
    },
  ],
  [
    "nobody reading its queue",
    "fault",
    /event source mapping is Disabled$/,
    {
      fed: known(new Map([...FED, [queueArn("worker"), "Disabled"]])),
    },
  ],
  ["a mapping that could not be seen", "unknown", /^whether its queue is read: access/, { fed: unread }],
  [
    "calls that were refused",
    "fault",
    /^2 calls lie in its dead-letter queue/,
    {
      worker: { deadLetters: known(2) },
    },
  ],
  ["no dead-letter queue", "fault", /-dlq is not there$/, { worker: { deadLetters: none } }],
  [
    "other flags",
    "fault",
    new RegExp(`${READ} is true, and false is live. They were changed there`),
    {
      worker: { platform: known({ held: other }) },
    },
  ],
  [
    "a variable that is gone",
    "fault",
    new RegExp(`${READ} is not there, or not to be read`),
    {
      worker: { platform: known({ held: { ...HELD, [READ]: undefined } }) },
    },
  ],
  [
    "flags under way",
    "later",
    /under way: 1 call in its queue$/,
    {
      worker: { platform: known({ held: other }), waiting: known(1) },
    },
  ],
  [
    "nothing carried on yet",
    "later",
    /the next flip carries them on$/,
    {
      worker: { platform: known({ held: {} }), delivered: none },
    },
  ],
  [
    "servers that still start with the variables",
    "later",
    /holds the flags that are live since deployment 3, and servers start with them: 1 call in its queue$/,
    { worker: { waiting: known(1), delivered: known(2) } },
  ],
  [
    "servers that nobody started with the variables",
    "fault",
    /holds the flags that are live since deployment 3, and nothing tells that servers run with them: deployment 2 was carried on last/,
    { worker: { delivered: known(2) } },
  ],
  [
    "servers that nobody ever started with raised flags",
    "fault",
    /nothing tells that servers run with them: none was ever carried on/,
    { live: RAISED, worker: { platform: known({ held: other }), delivered: none } },
  ],
  [
    "a first call under way",
    "later",
    /servers start with them/,
    { live: RAISED, worker: { platform: known({ held: other }), delivered: none, waiting: known(1) } },
  ],
  [
    "what was carried on, and cannot be read",
    "unknown",
    /^whether servers run with the flags that are live: access/,
    { worker: { delivered: unread } },
  ],
  [
    "flags that a hold carried on",
    "ok",
    /holds the flags that are live$/,
    { live: known({ flags: FLAGS, deployment: 7, since: 3 }) },
  ],
  ["flags that were never raised", "ok", /holds the flags that are live$/, { worker: { delivered: none } }],
  [
    "a call under way that brings nothing new",
    "ok",
    /holds the flags that are live$/,
    { worker: { waiting: known(1) } },
  ],
  ["a ledger that cannot be read", "unknown", /^which flags it has to hold: access/, { live: unread }],
  ["nothing live", "later", /is given flags once there are any$/, { live: none }],
];

test.each(CASES)("%s is a %s", (_, state, what, over) => {
  const [found] = judged(over).filter(({ name }) => name === "delivery worker");
  expect(found).toMatchObject({ state, what: expect.stringMatching(what) });
  if (state !== "later" && state !== "ok") expect(found?.remedy).toMatch(/\w/);
});

test("what a platform holds in a flag's place is shown only where it looks like a flag", () => {
  const [found] = judged({ worker: { platform: known({ held: { ...HELD, [READ]: "sk_live_1" } }) } });
  expect(found?.what).toContain(`${READ} is no flag, and false is live`);
  expect(JSON.stringify(found)).not.toContain("sk_live_1");
});

test("servers that nobody started are started by a call, which says how", () => {
  const [found] = judged({ worker: { delivered: known(2) } });
  expect(found?.remedy).toContain("ops-view-worker-delivery");
  expect(found?.remedy).toContain('{"cutover":1,"rollout":"ops-view"}');
});

test("calls that were refused say how flags are set by hand until then", () => {
  const [found] = judged({ worker: { deadLetters: known(1) } });
  expect(found?.what).toMatch(/^1 call lies in/);
  expect(found?.remedy).toContain("cutover env -d worker");
});

test("before the first up the deliveries are made by it, and their secrets and platforms are looked at already", () => {
  const before = { fn: none, fed: known(new Map()), live: none };
  const there = { waiting: none, deadLetters: none, delivered: none };
  const found = judged({ ...before, worker: there });
  expect(line(found[0] as never)).toBe(
    "later delivery worker: Render, service srv-cabc123456789; made by the next pulumi up -s baseline",
  );
  const [lacking] = judged({ ...before, worker: { ...there, platform: known({ problem: "no" }) } });
  expect(lacking?.state).toBe("fault");
});

test.each([
  ["is gone", none, "fault", /^is not there: no flags are carried on$/],
  ["could not be seen", unread, "unknown", /^access denied$/],
  ["may not run", known({ ...FN, reserved: 0 }), "fault", /^may not run/],
  [
    "goes by other config",
    known({ ...FN, description: "x" }),
    "fault",
    /are other ones than in these stack files$/,
  ],
] as const)("a function that %s", (_, fn, state, what) => {
  const [found] = judged({ fn }).filter(({ name }) => name.startsWith("function"));
  expect(found).toMatchObject({ state, what: expect.stringMatching(what) });
  expect(found?.remedy).toMatch(/\w/);
});
