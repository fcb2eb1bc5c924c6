import { describe, expect, test } from "vitest";
import { loadRollout } from "../../../src/rollout/load";
import { type Recipients, recipientsOf, toldRows } from "../../../src/rollout/recipients";
import { type Rollout, requireStage } from "../../../src/rollout/rollout";
import { OPS_VIEW } from "../../cli/preview/facts";
import { ROLLOUT } from "../../cli/status/facts";

const opsView = loadRollout(OPS_VIEW);
const AS = { text: (raw: string) => `[${raw}]`, code: (raw: string) => `<${raw}>` };
const hears = (topics: readonly Recipients[]) =>
  toldRows(topics, { ...AS, text: (raw) => raw }).map(([, cell]) => cell);
const told = (rollout: Rollout, stage: string) => recipientsOf(rollout, requireStage(rollout, stage));

test("each topic, what it hears of the stage, and the channels and subscriptions that carry it", () => {
  const [onCall, ops, stakeholders] = told(opsView, "stageB");
  expect(onCall).toMatchObject({
    topic: "onCall",
    channels: [
      { name: "pager", tool: "PagerDuty" },
      { name: "chat", tool: "Slack" },
    ],
    subscriptions: ["https events.pagerduty.example"],
  });
  expect(ops).toMatchObject({
    channels: [{ name: "chat", tool: "Slack" }],
    subscriptions: ["email ops@example.com"],
  });
  expect(stakeholders).toMatchObject({ channels: [], subscriptions: ["email stakeholders@example.com"] });
});

test("rows of earlier stages page, too, after the stage's own; the first stage is no rollback", () => {
  expect(told(ROLLOUT, "stageB")[0]?.pages).toEqual([
    ...Object.keys(requireStage(ROLLOUT, "stageB").abort),
    "XA1",
    "XA3",
  ]);
  expect(hears(told(ROLLOUT, "baseline"))).toEqual(["nothing", "nothing", "nothing"]);
  expect(hears(told(ROLLOUT, "stageA"))).toEqual(["pages of XA1, XA3", "C2; any rollback", "any rollback"]);
});

test("a row says by what each topic reaches people, or that nobody is told", () => {
  const [onCall] = told(opsView, "stageB");
  const none: Recipients = { ...(onCall as Recipients), channels: [], subscriptions: [] };
  const cells = toldRows([onCall as Recipients, none], AS).map((row) => row.slice(2));
  expect(cells).toEqual([
    ["<pager> ([PagerDuty]), <chat> ([Slack])", "[https events.pagerduty.example]"],
    ["**nobody is told**", ""],
  ]);
});

describe("what may be a key is not said:", () => {
  test.each([
    [
      "the path of a URL",
      "https",
      "https://events.example.com/integration/R0UT1NGK3Y/enqueue?t=1",
      "https events.example.com",
    ],
    ["a sign-in", "https", "https://u:R0UT1NGK3Y@hooks.example.com/", "https hooks.example.com"],
    ["what Pulumi keeps encrypted", "https", { secure: "R0UT1NGK3Y" }, "https (its address is kept secret)"],
    ["a number", "sms", "+491701234567", "sms …67"],
    ["an account", "sqs", "arn:aws:sqs:eu-central-1:123456789012:pager", "sqs pager"],
  ])("%s", (_, protocol, endpoint, said) => {
    const rollout = {
      ...opsView,
      topics: { ...opsView.topics, onCall: [{ protocol, endpoint }] },
    } as Rollout;
    const all = told(rollout, "stageA");
    expect(all[0]?.subscriptions).toEqual([said]);
    expect(JSON.stringify(all)).not.toMatch(/R0UT1NGK3Y|ops-view\/(pagerduty|slack)/);
  });
});
