import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { askedByAccount } from "../../components/account";
import { Foundation } from "../../components/foundation";
import type { Account } from "../../src/rollout/config/account";
import { awsOutputs } from "./aws";
import { type Declared, declare } from "./engine";
import { rollout } from "./rollout";
import { declareStage } from "./stageRun";

const key = (name: string) => `arn:aws:kms:eu-central-1:123456789012:key/${name}`;
const ACCOUNT: Account = {
  permissionsBoundary: "arn:aws:iam::123456789012:policy/boundary",
  kmsKeys: { topics: key("topics"), secrets: key("secrets"), logs: key("logs") },
  tags: { team: "ops", "cost-center": "42" },
};
const messages = {
  C2: { title: "Later", to: ["ops"], when: { after: "24h" }, soakSummary: true },
};

/** Both kinds of stacks, of a rollout whose account asks for this. */
async function both(account: Account | undefined): Promise<Declared["all"]> {
  const spec = rollout({ account }, { stageB: { messages } });
  const foundation = await declare(
    () => {
      new Foundation(spec.name, { rollout: spec, region: "eu-central-1" });
      return {};
    },
    (type, inputs) => ({
      versionNumber: 1,
      environmentId: "e",
      configurationProfileId: "p",
      ...awsOutputs(type, inputs),
    }),
    { stack: "baseline" },
  );
  const stage = await declareStage({ spec });
  return [...foundation.all, ...stage.all];
}

const of = (all: Declared["all"], type: string) => {
  const found = all.filter((one) => one.type === type);
  expect(found.length).toBeGreaterThan(0);
  return found.map(({ inputs }) => inputs);
};

test("every role has the account's boundary", async () => {
  for (const inputs of of(await both(ACCOUNT), "aws:iam/role:Role"))
    expect(inputs.permissionsBoundary).toBe(ACCOUNT.permissionsBoundary);
});

test.each([
  ["aws:sns/topic:Topic", "kmsMasterKeyId", key("topics")],
  ["aws:secretsmanager/secret:Secret", "kmsKeyId", key("secrets")],
  ["aws:cloudwatch/logGroup:LogGroup", "kmsKeyId", key("logs")],
])("every %s is encrypted with the account's key", async (type, input, arn) => {
  for (const inputs of of(await both(ACCOUNT), type)) expect(inputs[input]).toBe(arn);
});

test("who publishes to a topic or reads a secret may use its key, and nobody else", async () => {
  const policies = of(await both(ACCOUNT), "aws:iam/rolePolicy:RolePolicy");
  const used = policies.map(({ policy }) => {
    const { Statement } = JSON.parse(String(policy)) as {
      Statement: { Sid: string; Action: string[]; Resource: string[] }[];
    };
    const actions = Statement.flatMap(({ Action }) => Action);
    const wanted = [
      ...(actions.includes("secretsmanager:GetSecretValue") ? [key("secrets")] : []),
      ...(actions.includes("sns:Publish") ? [key("topics")] : []),
    ];
    const keys = Statement.find(({ Sid }) => Sid === "UseKeys");
    expect(keys?.Resource ?? []).toEqual(wanted);
    if (keys) expect(keys.Action).toEqual(["kms:Decrypt", "kms:GenerateDataKey"]);
    return wanted;
  });
  expect(used.flat()).toContain(key("topics"));
});

test("a role that reads a secret may use the key of secrets", async () => {
  const allow = { Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: ["arn:secret"] };
  const { one } = await declare(() => {
    const parent = new pulumi.ComponentResource(
      "cutover:index:Any",
      "any",
      {},
      askedByAccount({ account: ACCOUNT }),
    );
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [allow] });
    new aws.iam.RolePolicy("reads", { role: "role", policy }, { parent });
    return {};
  });
  expect(JSON.parse(String(one("RolePolicy reads").inputs.policy)).Statement).toEqual([
    allow,
    {
      Sid: "UseKeys",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: [key("secrets")],
    },
  ]);
});

/** What AWS tags, of all that we declare, and what it does not. */
const UNTAGGED =
  /^(pulumi:|cutover:|postgresql:|aws:(appconfig\/(deployment:|hosted)|iam\/rolePolicy|sns\/topic(Policy|Sub)|sqs\/queuePolicy|lambda\/(permission|functionEvent)|secretsmanager\/secretVersion|cloudwatch\/(dashboard|eventTarget|logMetricFilter)|scheduler\/schedule:))/;

test("everything that AWS tags has the account's tags, but a deployment, which another tag would repeat", async () => {
  for (const { type, label, inputs } of await both(ACCOUNT))
    expect([label, inputs.tags]).toEqual([label, UNTAGGED.test(type) ? undefined : ACCOUNT.tags]);
});

test.each([undefined, { kmsKeys: {}, tags: {} }])(
  "an account that asks for %j changes nothing",
  async (account) => {
    for (const { label, inputs } of await both(account)) {
      const { permissionsBoundary, kmsMasterKeyId, kmsKeyId, tags, policy } = inputs;
      expect([label, permissionsBoundary, kmsMasterKeyId, kmsKeyId, tags]).toEqual([label, ...Array(4)]);
      expect(String(policy)).not.toContain("kms:");
    }
  },
);

test("who publishes to a topic of the account's own may use its key, with no account asking for anything", async () => {
  const kmsKey = key("pagers");
  const existingTopics = { onCall: { arn: "arn:aws:sns:eu-central-1:123456789012:pagers", kmsKey } };
  const policyOf = (Action: string) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: [Action], Resource: ["*"] }],
    });
  const { one } = await declare(() => {
    const parent = new pulumi.ComponentResource(
      "cutover:index:Any",
      "any",
      {},
      askedByAccount({ existingTopics }),
    );
    new aws.iam.RolePolicy("publishes", { role: "role", policy: policyOf("sns:Publish") }, { parent });
    new aws.iam.RolePolicy("reads", { role: "role", policy: policyOf("sqs:ReceiveMessage") }, { parent });
    new aws.sns.Topic("own", { name: "own" }, { parent });
    return {};
  });
  const statements = (name: string) => JSON.parse(String(one(`RolePolicy ${name}`).inputs.policy)).Statement;
  expect(statements("publishes")[1]).toMatchObject({ Sid: "UseKeys", Resource: [kmsKey] });
  expect(statements("reads")).toHaveLength(1);
  expect(one("Topic own").inputs).toEqual({ name: "own" });
});
