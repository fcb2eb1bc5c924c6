import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listenersOf, type Subscriber } from "../../../src/aws/topics";
import type { Acknowledged } from "../../../src/flags/acknowledged";
import type { GuardFacts } from "../../../src/rollout/guardFacts";
import { personFaults } from "../../../src/rollout/personFaults";
import { NOW } from "../../support/build";
import { found, HOUR, no, ON_CALL, ok, person, said } from "./guards";

const DAY = 24 * HOUR;
const queue: Subscriber = { protocol: "sqs", endpoint: "arn:aws:sqs:x:1:relay-key", confirmed: true };
const relay: Subscriber = { protocol: "http", endpoint: "http://relay.example/key", confirmed: true };
const page = (more: Partial<NonNullable<Acknowledged["page"]>> = {}, on: Subscriber[] = [queue]) => ({
  deployment: 4,
  stage: "stageA",
  at: NOW - DAY,
  by: "arn:aws:iam::1:user/ada",
  listeners: listenersOf(ON_CALL, on),
  ...more,
});
const by = (acknowledged: Acknowledged, on: Subscriber[] = [queue]): Partial<GuardFacts> => ({
  onCall: ok(on),
  acknowledged: ok(acknowledged),
});
const PAGE = "cutover drill -s baseline --page";

describe("where no subscription is a person's", () => {
  test.each<[string, Partial<GuardFacts>]>([
    ["an acknowledged page counts", by({ page: page() })],
    ["also through a relay", by({ page: page({}, [relay]) }, [relay])],
    ["also where several listen, in any order", by({ page: page({}, [queue, relay]) }, [relay, queue])],
    ["also beside one that is not confirmed", by({ page: page() }, [queue, { ...person, confirmed: false }])],
    ["on its last day", by({ page: page({ at: NOW - 90 * DAY }) })],
  ])("%s", (_, more) => {
    expect(found(more)).toEqual([]);
  });

  test.each<[string, Partial<GuardFacts>, RegExp]>([
    ["none was acknowledged", by({}), /only sqs, and nobody has acknowledged a page to it$/],
    [
      "the newest was not",
      by({ page: page(), unanswered: 7 }),
      /, and nobody acknowledged the page of deployment 7 within 1 h$/,
    ],
    [
      "it is too long ago",
      by({ page: page({ at: NOW - 91 * DAY }) }),
      /, and the page that was acknowledged, of deployment 4, is 91 d old and counted for 90 d$/,
    ],
    [
      "others listen now",
      by({ page: page() }, [relay]),
      /, and what listens to ops-view-on-call is not what it was when the page of deployment 4 was acknowledged$/,
    ],
    ["more listen now", by({ page: page() }, [queue, relay]), /is not what it was/],
    ["fewer listen now", by({ page: page({}, [queue, relay]) }), /is not what it was/],
    [
      "another topic's were told",
      by({ page: page({ listeners: listenersOf(`${ON_CALL}x`, [queue]) }) }),
      /is not what it was/,
    ],
    ["it is not said what listened", by({ page: { ...page(), listeners: undefined } }), /is not what it was/],
  ])("a person is not reached where %s", (_, more, what) => {
    const list = found(more);
    expect(list).toHaveLength(1);
    expect(list[0]?.what).toMatch(what);
    expect(list[0]?.remedy).toContain(PAGE);
    expect(list[0]?.rows).toEqual(["XB1", "XB3"]);
  });

  test("nor where that cannot be read", () => {
    expect(said({ onCall: ok([queue]), acknowledged: no })).toEqual([
      "XB1,XB3: it is not known whether a page to ops-view-on-call was acknowledged: access denied",
    ]);
  });

  test.each<[string, Subscriber[]]>([
    ["nothing listens", []],
    ["what listens is not confirmed", [{ ...queue, confirmed: false }]],
    ["what listens has a filter policy", [{ ...queue, filtered: true }]],
  ])("an acknowledged page counts for nothing, and none is asked for, where %s", (_, on) => {
    const list = found(by({ page: page({}, on) }, on));
    expect(list).toHaveLength(1);
    expect(list[0]?.remedy).not.toContain(PAGE);
  });
});

test("a person's own confirmed subscription needs no page", () => {
  expect(found({ onCall: ok([person, queue]), acknowledged: no })).toEqual([]);
  expect(found(by({ unanswered: 9 }, [person, queue]))).toEqual([]);
});

test("no endpoint is shown, and one change of what listens ends an acknowledgement", () => {
  const subscriber = fc.record({
    protocol: fc.constantFrom("sqs", "lambda"),
    endpoint: fc.string({ minLength: 8 }).map((text) => `key-${text}`),
    confirmed: fc.constant(true),
  });
  const some = fc.uniqueArray(subscriber, { minLength: 1, maxLength: 4, selector: (one) => one.endpoint });
  fc.assert(
    fc.property(some, subscriber, (on, other) => {
      fc.pre(!on.some(({ endpoint }) => endpoint === other.endpoint));
      expect(found(by({ page: page({}, on) }, [...on].reverse()))).toEqual([]);
      const changed = [...on.slice(1), other];
      const list = found(by({ page: page({}, on) }, changed));
      expect(list).toHaveLength(1);
      for (const { endpoint } of changed)
        expect(JSON.stringify(list)).not.toContain(JSON.stringify(endpoint).slice(1, -1));
    }),
  );
});

describe("an on-call topic of the account's own", () => {
  const arn = ON_CALL.replace("ops-view-on-call", "pagers");
  const judged = (onCall: readonly Subscriber[] | undefined) =>
    personFaults(
      {
        name: "ops-view",
        stages: [{ name: "baseline", abort: {}, messages: {} }],
        existingTopics: { onCall: { arn } },
      },
      { onCall: ok(onCall), onCallTopic: ok({}), onCallArn: arn, acknowledged: ok({}), now: NOW },
    );

  test("is judged by who listens to it, and named as it is", () => {
    expect(judged([person])).toEqual([]);
    expect(judged([])[0]).toMatchObject({
      what: expect.stringContaining("pagers has no subscription: nobody would be paged"),
      remedy: `Subscribe somebody to ${arn} in SNS: it is the account's own topic`,
    });
    expect(judged(undefined)[0]).toMatchObject({
      what: "the topic pagers is not there: nobody would be paged",
      remedy: "Name a topic that is there under topics.onCall in Pulumi.baseline.yaml",
    });
    for (const all of [[{ ...person, filtered: true }], [{ ...person, confirmed: false }]])
      expect(judged(all)[0]?.remedy).not.toContain("pulumi");
  });
});
