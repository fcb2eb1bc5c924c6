import { expect, test } from "vitest";
import { alarmArns, alarmsToOnCall, alarmsToSwitch } from "../../../src/rollout/alarmNames";
import { rollout } from "../../support/build";

const PROBE = { probe: { query: "select 0", values: [], timeout: "5s" } };
const timed = { when: { after: "1h" } };
const stage = (name: string, abort: object, messages: object = {}) => ({ name, abort, messages });
const named = {
  name: "ops-view",
  stages: [
    stage("baseline", {}),
    stage("stageA", { XA1: {} }),
    stage("stageB", { XB1: PROBE }, { M1: timed }),
  ],
  channels: { pager: {} },
} as unknown as Parameters<typeof alarmsToOnCall>[0];

test("on-call's topic hears every row, and whatever watches what is ours", () => {
  expect(alarmsToOnCall(named)).toEqual([
    ..."XA1 abort.errors abort.throttles abort.dlq".split(" ").map((one) => `ops-view-stageA-${one}`),
    ..."XB1 abort.errors abort.throttles abort.dlq".split(" ").map((one) => `ops-view-stageB-${one}`),
    ..."probe.failures probe.login probe.errors".split(" ").map((one) => `ops-view-stageB-${one}`),
    ..."messages.errors messages.dlq".split(" ").map((one) => `ops-view-stageB-${one}`),
    ..."pager-channel.stuck pager-channel.dlq channels.errors".split(" ").map((one) => `ops-view-${one}`),
  ]);
});

test("a switch hears its stage's rows and drill; a stage without rows has none", () => {
  expect(alarmsToSwitch("ops-view", { name: "stageA", abort: { XA1: {} } })).toEqual([
    "ops-view-stageA-XA1",
    "ops-view-stageA-drill",
  ]);
  expect(alarmsToSwitch("ops-view", { name: "baseline", abort: {} })).toEqual([]);
});

test("they are beside the topic, in its partition", () => {
  expect(alarmArns(["a"], "arn:aws-cn:sns:cn-north-1:123456789012:pagers")).toEqual([
    "arn:aws-cn:cloudwatch:cn-north-1:123456789012:alarm:a",
  ]);
  expect(alarmsToOnCall({ ...rollout(), stages: [] })).toEqual([]);
});
