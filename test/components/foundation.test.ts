import { describe, expect, test } from "vitest";
import { Foundation } from "../../components/foundation";
import { documentSchema } from "../../src/flags/document";
import { parseNote } from "../../src/flags/ledger";
import type { Rollout } from "../../src/rollout/rollout";
import { declare, type State, secretOf } from "./engine";
import { rollout } from "./rollout";

const PARENT = "Foundation ops-view";
const LATCH = "Stash ops-view-to-take-down-for-good-cutover-retire";
const SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription";

/** What AWS would put out. */
const provider = (type: string, _: State, name: string) => ({
  arn: `arn:aws:sns:eu-central-1:123456789012:${name}`,
  environmentId: "env1",
  configurationProfileId: "prof1",
  versionNumber: 1,
  ...(type === "pulumi:index:Stash" ? { output: "first-password" } : {}),
});

function found(spec: Rollout = rollout()) {
  return declare(
    () => {
      const { applicationId, environmentId, profileId, strategyId, topics, gateLogin } = new Foundation(
        spec.name,
        { rollout: spec, region: "eu-central-1" },
      );
      return { applicationId, environmentId, profileId, strategyId, topics, gateLogin };
    },
    provider,
    { stack: "baseline" },
  );
}

test("declares exactly these resources", async () => {
  const { labels } = await found();
  expect(labels.map((label) => label.replace(/-[0-9a-f]{8}$/, "-HASH")).sort()).toEqual(
    [
      "Foundation ops-view",
      "Application ops-view",
      "Environment ops-view-environment",
      "ConfigurationProfile ops-view-profile",
      "DeploymentStrategy ops-view-strategy",
      "HostedConfigurationVersion ops-view-all-off",
      "Deployment ops-view-all-off",
      "Dashboard ops-view-dashboard",
      LATCH,
      "Topic ops-view-on-call",
      "TopicSubscription ops-view-on-call-HASH",
      "TopicSubscription ops-view-on-call-HASH",
      "Topic ops-view-ops",
      "TopicSubscription ops-view-ops-HASH",
      "Topic ops-view-stakeholders",
      "GateDatabase ops-view-database",
      "Stash ops-view-database-password",
      "Role ops-view-database-role",
      "Grant ops-view-database-usage",
      "Grant ops-view-database-select",
      "Schema ops-view-database-schema",
      "Secret ops-view-database-secret",
      "SecretVersion ops-view-database-secret",
    ].sort(),
  );
});

test("is the parent of all of them", async () => {
  const { all } = await found();
  const parents = Object.fromEntries(all.map(({ label, parent }) => [label, parent]));
  for (const [label, parent] of Object.entries(parents)) {
    if (label === PARENT) expect(parent).toBe("Stack");
    else
      expect(parent).toBe(/^\w+ ops-view-database-/.test(label) ? "GateDatabase ops-view-database" : PARENT);
  }
});

test("tells policies the rollout and its flags, and nothing else", async () => {
  const spec = rollout();
  expect((await found(spec)).one(PARENT).inputs).toEqual({ rollout: "ops-view", flags: spec.flags });
});

describe("a destroy comes upon the latch first", () => {
  test("which is protected always, with all that servers and an abort need; what config replaces is not", async () => {
    const { all, one } = await found();
    const held = all.filter(({ protect }) => protect).map(({ label }) => label);
    expect(held.sort()).toEqual(
      [
        PARENT,
        LATCH,
        "Application ops-view",
        "ConfigurationProfile ops-view-profile",
        "DeploymentStrategy ops-view-strategy",
        "Environment ops-view-environment",
        "Topic ops-view-on-call",
        "Topic ops-view-ops",
        "Topic ops-view-stakeholders",
      ].sort(),
    );
    // A component waits for nothing by itself: its parts do.
    const others = all.map(({ label }) => label).filter((label) => ![PARENT, LATCH].includes(label));
    expect(new Set(one(LATCH).dependsOn)).toEqual(
      new Set(others.filter((label) => label !== "GateDatabase ops-view-database")),
    );
  });

  test("and says in its state what to type, the last stage first", async () => {
    const { one } = await found();
    const lines = String(one(LATCH).inputs.input).split("\n");
    const pulumi = "npm run cutover -- in --rollout ops-view --region eu-central-1 pulumi";
    expect(lines).toEqual([
      `${pulumi} up -s stageB`,
      `${pulumi} destroy -s stageB`,
      `${pulumi} up -s stageA`,
      `${pulumi} destroy -s stageA`,
      "npm run cutover -- retire --rollout ops-view --region eu-central-1",
    ]);
  });
});

describe("the flag store", () => {
  test("has names by which it is found without any Pulumi state", async () => {
    const { one } = await found();
    expect(one("Application ops-view").inputs).toEqual({
      name: "ops-view",
      description: "From memory to PostgreSQL",
    });
    expect(one("Environment ops-view-environment").inputs).toEqual({
      applicationId: "ops-view-id",
      name: "live",
    });
    expect((await found(rollout({ title: undefined }))).one("Application ops-view").inputs.description).toBe(
      "Flags of the rollout ops-view",
    );
  });

  test("keeps the flags' own names, and refuses write without read by itself", async () => {
    const spec = rollout();
    const { inputs } = (await found(spec)).one("ConfigurationProfile ops-view-profile");
    expect(inputs).toEqual({
      applicationId: "ops-view-id",
      name: "flags",
      locationUri: "hosted",
      type: "AWS.Freeform",
      validators: [{ type: "JSON_SCHEMA", content: documentSchema(spec.flags) }],
    });
    const [{ content }] = inputs.validators as [{ content: string }];
    expect(JSON.parse(content)).toMatchObject({
      $schema: "http://json-schema.org/draft-04/schema#",
      additionalProperties: false,
      required: ["READ", "WRITE"],
      allOf: [
        {
          anyOf: [
            { properties: { WRITE: { enum: [false] } } },
            { properties: { READ: { not: { enum: [false] } } } },
          ],
        },
      ],
    });
  });

  test("deploys to all servers at once", async () => {
    const { inputs } = (await found()).one("DeploymentStrategy ops-view-strategy");
    expect(inputs).toMatchObject({
      name: "ops-view-at-once",
      deploymentDurationInMinutes: 0,
      finalBakeTimeInMinutes: 0,
      growthFactor: 100,
      growthType: "LINEAR",
      replicateTo: "NONE",
    });
  });
});

describe("the first document", () => {
  test("has every flag off, whatever the off value", async () => {
    const flags = { OLD: { kind: "boolean", off: true }, SHARE: { kind: "percentage" } };
    const { one } = await found(rollout({ flags }));
    const { content, ...inputs } = one("HostedConfigurationVersion ops-view-all-off").inputs;
    // The provider's SDK makes a secret of it.
    expect(secretOf(content)).toBe('{"OLD":true,"SHARE":0}');
    expect(inputs).toEqual({
      applicationId: "ops-view-id",
      configurationProfileId: "prof1",
      contentType: "application/json",
      description: "baseline: every flag off",
    });
  });

  test("is deployed with a note for the ledger", async () => {
    const { inputs } = (await found()).one("Deployment ops-view-all-off");
    expect(inputs).toEqual({
      applicationId: "ops-view-id",
      environmentId: "env1",
      configurationProfileId: "prof1",
      configurationVersion: "1",
      deploymentStrategyId: "ops-view-strategy-id",
      description: expect.any(String),
    });
    expect(parseNote(inputs.description as string)).toEqual({
      cutover: 1,
      rollout: "ops-view",
      kind: "promote",
      stage: "baseline",
      attempt: 1,
    });
  });

  test("is never deployed again over what is live by then", async () => {
    const { one } = await found();
    const version = one("HostedConfigurationVersion ops-view-all-off");
    expect(version.ignoreChanges).toEqual(["content", "description"]);
    expect(version.retainOnDelete).toBe(true);
    const deployment = one("Deployment ops-view-all-off");
    expect(deployment.ignoreChanges).toEqual(["configurationVersion", "deploymentStrategyId", "description"]);
    expect(deployment.dependsOn).toContain("HostedConfigurationVersion ops-view-all-off");
  });
});

describe("the topics", () => {
  test("are three, whoever listens", async () => {
    const { ofType } = await found(rollout({ topics: {} }));
    expect(ofType("aws:sns/topic:Topic").map(({ inputs }) => inputs)).toEqual([
      { name: "ops-view-on-call" },
      { name: "ops-view-ops" },
      { name: "ops-view-stakeholders" },
    ]);
    expect(ofType(SUBSCRIPTION)).toEqual([]);
  });

  test("deliver to everyone in config; only what is HTTP confirms by itself", async () => {
    const { ofType } = await found();
    const confirms = { endpointAutoConfirms: true, confirmationTimeoutInMinutes: 1 };
    const arn = (topic: string) => `arn:aws:sns:eu-central-1:123456789012:ops-view-${topic}`;
    const subscriptions = ofType(SUBSCRIPTION).map(({ inputs }) => inputs);
    expect(subscriptions).toHaveLength(3);
    expect(subscriptions).toEqual(
      expect.arrayContaining([
        { topic: arn("on-call"), protocol: "https", endpoint: "https://pager.example/a", ...confirms },
        { topic: arn("on-call"), protocol: "email", endpoint: "on-call@example.com" },
        { topic: arn("ops"), protocol: "http", endpoint: "http://127.0.0.1:9/ops", ...confirms },
      ]),
    );
  });

  test.each([
    ["email-json", "ops@example.com"],
    ["sms", "+491711234567"],
    ["sqs", "arn:aws:sqs:eu-central-1:123456789012:pages"],
    ["lambda", "arn:aws:lambda:eu-central-1:123456789012:function:pages"],
  ])("do not confirm %s", async (protocol, endpoint) => {
    const topics = { stakeholders: [{ protocol, endpoint }] };
    const [subscription] = (await found(rollout({ topics }))).ofType(SUBSCRIPTION);
    const inputs = subscription?.inputs;
    expect(inputs).toMatchObject({ protocol, endpoint });
    expect(inputs).not.toHaveProperty("endpointAutoConfirms");
    expect(inputs).not.toHaveProperty("confirmationTimeoutInMinutes");
  });

  test("stay subscribed to when another subscription goes: an e-mail address would have to confirm anew", async () => {
    const [first, second] = rollout().topics.onCall;
    const name = async (...onCall: unknown[]) =>
      (await found(rollout({ topics: { onCall } })))
        .ofType(SUBSCRIPTION)
        .find(({ inputs }) => inputs.protocol === "email")?.label;
    expect(await name(second)).toBe(await name(first, second));
  });

  test("tell everyone once, and keep addresses out of resource names", async () => {
    const page = { protocol: "https", endpoint: "https://pager.example/integration-key" };
    const { ofType } = await found(rollout({ topics: { onCall: [page, page], ops: [page] } }));
    const labels = ofType(SUBSCRIPTION).map(({ label }) => label);
    expect(labels).toHaveLength(2);
    expect(labels.join()).not.toContain("integration-key");
  });
});

describe("outputs", () => {
  test("are what the stages need", async () => {
    const { gateLogin: _, ...outputs } = (await found()).outputs;
    expect(outputs).toEqual({
      applicationId: "ops-view-id",
      environmentId: "env1",
      profileId: "prof1",
      strategyId: "ops-view-strategy-id",
      topics: {
        onCall: "arn:aws:sns:eu-central-1:123456789012:ops-view-on-call",
        ops: "arn:aws:sns:eu-central-1:123456789012:ops-view-ops",
        stakeholders: "arn:aws:sns:eu-central-1:123456789012:ops-view-stakeholders",
      },
    });
  });

  test("hold the gates' login", async () => {
    expect((await found()).outputs.gateLogin).toEqual({
      user: "cutover_gate_ops_view",
      password: "first-password",
    });
  });

  test("hold none without a database, for which nothing is declared", async () => {
    const { outputs, labels } = await found(rollout({ database: undefined }));
    expect(outputs.gateLogin).toBeUndefined();
    expect(
      labels.filter(
        (label) => /^(GateDatabase|Stash|Role|Grant|Schema|Secret\w*) /.test(label) && label !== LATCH,
      ),
    ).toEqual([]);
    expect(labels).toHaveLength(15);
  });
});

describe("a topic of the account's own", () => {
  const there = { arn: "arn:aws:sns:eu-central-1:123456789012:pagers" };
  const spec = rollout({
    topics: { onCall: there, ops: [{ protocol: "email", endpoint: "ops@example.com" }] },
    channels: { pager: { kind: "pagerduty", topics: ["onCall"], secret: "ops-view/pagerduty" } },
  });

  test("is not made, has no policy and no subscription but a channel's queue, and is what others are told of", async () => {
    const { labels, outputs, one, all } = await found(spec);
    expect(labels.filter((label) => /^Topic(Policy)? /.test(label))).toEqual([
      "Topic ops-view-ops",
      "Topic ops-view-stakeholders",
    ]);
    expect(all.filter(({ type }) => type === SUBSCRIPTION)).toHaveLength(2);
    const alarms = all.filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm");
    expect(alarms.map(({ inputs }) => inputs.alarmActions)).toEqual([[there.arn], [there.arn], [there.arn]]);
    expect(one("TopicSubscription ops-view-channels-pager-topic-pagers").inputs).toMatchObject({
      topic: there.arn,
      protocol: "sqs",
    });
    expect(outputs.topics).toMatchObject({ onCall: there.arn });
  });
});
