import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { AlarmActions } from "../../../../sandbox/aws/front/alarms/actions";
import type { Input } from "../../../../sandbox/aws/front/call";
import type { Upstream } from "../../../../sandbox/aws/front/upstream";
import { type Story, story } from "./story";

const ACCOUNT = "000000000000";
const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:pagers`;
const OTHER = `arn:aws:sns:us-east-1:${ACCOUNT}:switch`;
const SCALE = "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:1";
const CLOUDWATCH = { Service: "cloudwatch.amazonaws.com" };
const allowing = (more: object = {}) => ({
  Effect: "Allow",
  Principal: CLOUDWATCH,
  Action: "sns:Publish",
  Resource: "*",
  ...more,
});
/** The policy that AWS makes with a topic. */
const DEFAULT = allowing({
  Principal: { AWS: "*" },
  Action: ["SNS:Publish", "SNS:Subscribe"],
  Condition: { StringEquals: { "AWS:SourceOwner": ACCOUNT } },
});
const forKey = (...statements: object[]) => ({ Policy: JSON.stringify({ Statement: statements }) });
const described = (KeyState: string) => ({
  DescribeKey: { KeyMetadata: { KeyId: "1", Arn: `arn:aws:kms:us-east-1:${ACCOUNT}:key/1`, KeyState } },
});
const useOfKey = allowing({ Action: ["kms:Decrypt", "kms:GenerateDataKey"] });
const root = allowing({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*" });

/** What the emulator says of every topic. */
function topic(attributes: Readonly<Record<string, string>>): string {
  const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const entries = Object.entries(attributes).map(
    ([key, value]) => `<entry><key>${key}</key><value>${escaped(value)}</value></entry>`,
  );
  return `<GetTopicAttributesResponse>${entries.join("\n")}</GetTopicAttributesResponse>`;
}
const policy = (...statements: object[]) => JSON.stringify({ Statement: statements });

/** The actions that the emulator was given last, of an alarm that pages. */
async function given(told: Story): Promise<unknown> {
  await told.alarm({ AlarmActions: [TOPIC, SCALE], OKActions: [TOPIC] });
  const { AlarmActions, OKActions } =
    told.front.asked.filter(({ what }) => what === "PutMetricAlarm").at(-1)?.input ?? {};
  return { AlarmActions, OKActions };
}
const ALL = { AlarmActions: [TOPIC, SCALE], OKActions: [TOPIC] };
const NONE = { AlarmActions: [SCALE], OKActions: [] };

describe("an alarm's action to a topic", () => {
  it.each<[string, Readonly<Record<string, string>>, object, object, string?]>([
    ["that has AWS's own policy", { Policy: policy(DEFAULT) }, {}, ALL],
    ["of which nothing is known", {}, {}, ALL],
    ["whose policy admits CloudWatch", { Policy: policy(allowing()) }, {}, ALL],
    [
      "whose policy admits another service",
      { Policy: policy(allowing({ Principal: { Service: "events.amazonaws.com" } })) },
      {},
      NONE,
    ],
    ["whose policy denies it", { Policy: policy(DEFAULT, { ...allowing(), Effect: "Deny" }) }, {}, NONE],
    [
      "whose policy admits it under a condition that nobody can judge",
      { Policy: policy(allowing({ Condition: { StringEquals: { "aws:SourceOrgID": "o-1" } } })) },
      {},
      NONE,
    ],
    [
      "that is encrypted with AWS's own key",
      { KmsMasterKeyId: "alias/aws/sns" },
      forKey(root, useOfKey),
      NONE,
    ],
    ["whose key admits CloudWatch", { KmsMasterKeyId: "key" }, forKey(root, useOfKey), ALL],
    ["whose key has the policy that AWS makes", { KmsMasterKeyId: "key" }, forKey(root), NONE],
    [
      "whose key denies CloudWatch",
      { KmsMasterKeyId: "key" },
      forKey(useOfKey, { ...useOfKey, Effect: "Deny" }),
      NONE,
    ],
    ["whose key is gone", { KmsMasterKeyId: "key" }, {}, NONE],
    ["whose key is disabled", { KmsMasterKeyId: "key" }, forKey(root, useOfKey), NONE, "Disabled"],
    ["whose key waits to be deleted", { KmsMasterKeyId: "key" }, forKey(useOfKey), NONE, "PendingDeletion"],
  ])("%s gets there as on AWS", async (_, attributes, key, left, state = "Enabled") => {
    const told = await story();
    Object.assign(told.front.says, described(state));
    Object.assign(told.front.says, { GetTopicAttributes: topic(attributes), GetKeyPolicy: key });
    expect(await given(told)).toEqual(left);
  });

  it("is looked at anew before each change of state, and keeps what somebody switched off", async () => {
    const told = await story();
    const { front, client } = told;
    Object.assign(front.says, {
      GetTopicAttributes: topic({ KmsMasterKeyId: "key" }),
      GetKeyPolicy: forKey(root),
      ...described("Enabled"),
      DescribeAlarms: { MetricAlarms: [{ AlarmName: "a", ActionsEnabled: false, AlarmActions: [SCALE] }] },
    });
    expect(await given(told)).toEqual(NONE);
    // People see what they declared.
    const { MetricAlarms } = await client.describeAlarms({ AlarmNames: ["a"] });
    expect(MetricAlarms).toMatchObject([{ AlarmActions: [TOPIC, SCALE], OKActions: [TOPIC] }]);
    front.says.GetKeyPolicy = forKey(root, useOfKey);
    await told.put(1);
    const changes = front.asked.filter(({ what }) => /^(PutMetricAlarm|SetAlarmState)$/.test(what));
    expect(changes.slice(-2)).toMatchObject([
      { what: "PutMetricAlarm", input: { ...ALL, ActionsEnabled: false } },
      { what: "SetAlarmState", input: { StateValue: "ALARM" } },
    ]);
    await told.put(0);
    expect(front.asked.filter(({ what }) => what === "PutMetricAlarm")).toHaveLength(2);
  });

  it("is asked of each topic once, for all alarms whose state changes at a time", async () => {
    const told = await story();
    const { front } = told;
    Object.assign(front.says, {
      GetTopicAttributes: topic({ KmsMasterKeyId: "key" }),
      GetKeyPolicy: forKey(root, useOfKey),
      ...described("Enabled"),
    });
    for (const AlarmName of ["a", "b", "c"])
      await told.alarm({ AlarmName, AlarmActions: [TOPIC, OTHER], OKActions: [TOPIC] });
    const before = front.asked.length;
    await told.put(1);
    const asked = front.asked.slice(before).map(({ what }) => what);
    const each = ["DescribeKey", "GetKeyPolicy", "GetTopicAttributes"].flatMap((what) => [what, what]);
    expect(asked.sort()).toEqual([...each, ...Array.from({ length: 3 }, () => "SetAlarmState")]);
  });

  it("leaves alone what is gone meanwhile, and what was put anew meanwhile", async () => {
    const put: Input[] = [];
    let key = forKey(root);
    let seen: readonly object[] = [];
    let meanwhile = () => {};
    const says: Record<string, () => object> = {
      ...{ DescribeKey: () => described("Enabled").DescribeKey, GetKeyPolicy: () => key },
      DescribeAlarms: async () => {
        meanwhile();
        // All that can come about by then has.
        await setImmediate();
        return { MetricAlarms: seen };
      },
    };
    const upstream = {
      query: async () => topic({ KmsMasterKeyId: "key" }),
      call: async (_service: string, operation: string, input: Input) => {
        if (operation === "PutMetricAlarm") put.push(input);
        return says[operation]?.() ?? {};
      },
    };
    const scope = { accessKey: ACCOUNT, region: "us-east-1" };
    const actions = new AlarmActions(upstream as Partial<Upstream> as Upstream, scope);
    const alarm = { AlarmName: "a", AlarmActions: [TOPIC] };
    await actions.put("PutMetricAlarm", alarm);
    key = forKey(useOfKey);
    await actions.review();
    expect(put).toHaveLength(1);

    seen = [{ ActionsEnabled: true }];
    let again: Promise<void> | undefined;
    meanwhile = () => {
      again = actions.put("PutMetricAlarm", { ...alarm, AlarmActions: [OTHER] });
    };
    await actions.review();
    await again;
    expect(put.at(-1)?.AlarmActions).toEqual([OTHER]);
  });

  it("holds for alarms on alarms, and where somebody sets a state by hand", async () => {
    const { front, client } = await story();
    Object.assign(front.says, {
      GetTopicAttributes: topic({ KmsMasterKeyId: "key" }),
      GetKeyPolicy: forKey(root),
      ...described("Enabled"),
      DescribeAlarms: { CompositeAlarms: [{ AlarmName: "both", AlarmActions: [] }] },
    });
    await client.putCompositeAlarm({ AlarmName: "both", AlarmRule: "ALARM(a)", AlarmActions: [OTHER] });
    const put = () =>
      front.asked.filter(({ what }) => what === "PutCompositeAlarm").map(({ input }) => input.AlarmActions);
    expect(put()).toEqual([[]]);
    const { CompositeAlarms } = await client.describeAlarms({ AlarmTypes: ["CompositeAlarm"] });
    expect(CompositeAlarms).toMatchObject([{ AlarmActions: [OTHER] }]);
    front.says.GetKeyPolicy = forKey(useOfKey);
    await client.setAlarmState({ AlarmName: "both", StateValue: "ALARM", StateReason: "by hand" });
    expect(put()).toEqual([[], [OTHER]]);
  });
});
