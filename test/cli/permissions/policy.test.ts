import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Asked, ROLES, type Role, SEEN } from "../../../cli/permissions/asked";
import { GRANTS, LONGEST_POLICY, policiesOf, statementsOf } from "../../../cli/permissions/policy";
import { asJson, asPulumi } from "../../../cli/permissions/print";
import { type PermissionsOptions, permissionsCommand } from "../../../cli/permissions/run";
import { trustOf } from "../../../cli/permissions/trust";
import type { ChannelMap } from "../../../src/channels/registry";
import { loadRollout } from "../../../src/rollout/load";
import { stage } from "../../support/build";
import actions from "./actions.json";
import { allowed } from "./iam";
import { DELIVERY } from "./principals";

const ROOT = `${__dirname}/../../..`;
const CHANNELS: ChannelMap = {
  pager: {
    kind: "pagerduty",
    topics: ["onCall"],
    secret: "ops-view/pagerduty",
    url: "https://events.pagerduty.com",
  },
  chat: { kind: "amazonQ", topics: ["ops"] },
};
const place = { partition: "aws", region: "eu-central-1", account: "123456789012" };
const asked: Asked = {
  ...place,
  rollout: { ...loadRollout(ROOT), channels: CHANNELS },
  application: "abc1234",
  stateBucket: "state",
  stateKey: "arn:aws:kms:eu-central-1:123456789012:key/1",
  boundary: "arn:aws:iam::123456789012:policy/bound",
};
const has = (role: (typeof ROLES)[number], action: string) =>
  statementsOf(role, asked).some(({ Action }) => Action.includes(action));

describe("what a role may do", () => {
  it("is in actions that there are, each with a reason, on what they can be held to", () => {
    const resources: Readonly<Record<string, readonly string[]>> = actions;
    const given = { ...asked, rollout: { ...asked.rollout, delivery: DELIVERY } };
    for (const { sid, actions: granted, on } of GRANTS) {
      expect(sid).toMatch(/^[A-Za-z0-9]+$/);
      for (const [action, why] of Object.entries(granted)) {
        expect(resources, action).toHaveProperty([action]);
        expect(why === SEEN || why.split(" ").length > 3, action).toBe(true);
        // AWS would match nothing but everything.
        if (resources[action]?.length === 0) expect(["*"], action).toEqual(on(given));
      }
    }
    expect(new Set(GRANTS.map(({ sid }) => sid)).size).toBe(GRANTS.length);
  });

  it("starts deployments for the promoter and who breaks the glass alone", () => {
    expect(ROLES.filter((role) => has(role, "appconfig:StartDeployment"))).toEqual([
      "promote",
      "break-glass",
    ]);
  });

  it.each(["measure", "preview", "drift", "doctor"] as const)("writes nothing for %s", (role) => {
    const written = statementsOf(role, asked).flatMap(({ Action }) => Action);
    expect(written.filter((action) => !/:(?:Get|List|Describe|Filter|Decrypt)/.test(action))).toEqual([]);
    expect(written.length).toBeGreaterThan(10);
  });

  it("never includes a whole service, nor everything of what has names", () => {
    const flat = ROLES.flatMap((role) => statementsOf(role, asked));
    for (const { Action } of flat) for (const action of Action) expect(action).not.toContain("*");
    const wide = flat.filter(({ Resource }) => Resource.includes("*"));
    const writes = wide.flatMap(({ Action }) => Action.filter((one) => !/:(?:Get|List|Describe)/.test(one)));
    expect(new Set(writes)).toEqual(
      new Set([
        "appconfig:CreateApplication",
        "appconfig:CreateDeploymentStrategy",
        "cloudwatch:PutMetricData",
        "lambda:CreateEventSourceMapping",
        "sns:SetSubscriptionAttributes",
        "sns:Unsubscribe",
      ]),
    );
  });

  it("hands roles to the services that take them, and makes none without the boundary", () => {
    const statements = statementsOf("promote", asked);
    const on = ["arn:aws:iam::123456789012:role/ops-view-stageA-abort-eu-central-1"];
    const passes = (passedTo: string) => allowed(statements, { action: "iam:PassRole", on, passedTo });
    expect(passes("lambda.amazonaws.com")).toBe(true);
    expect(passes("ec2.amazonaws.com")).toBe(false);
    expect(
      allowed(statements, { action: "iam:CreateRole", on: ["arn:aws:iam::123456789012:role/admin"] }),
    ).toBe(false);
    expect(statements.find(({ Sid }) => Sid === "MakeRoles")?.Condition).toEqual({
      StringEquals: { "iam:PermissionsBoundary": asked.boundary },
    });
  });

  it("copies states for previews, for the promoter alone, and only where there is a place for copies", () => {
    const copying = {
      ...asked,
      previewBucket: "copies",
      previewKey: "arn:aws:kms:eu-central-1:123456789012:key/2",
    };
    for (const wanted of [
      { action: "s3:PutObject", on: ["arn:aws:s3:::copies/.pulumi/stacks/ops-view/stageA.json"] },
      { action: "kms:Encrypt", on: [copying.previewKey] },
    ]) {
      expect(ROLES.filter((role) => allowed(statementsOf(role, copying), wanted))).toEqual(["promote"]);
      expect(allowed(statementsOf("promote", asked), wanted)).toBe(false);
    }
  });

  it("reaches no other rollout", () => {
    const statements = statementsOf("promote", asked);
    const mine = { action: "sns:Publish", on: ["arn:aws:sns:eu-central-1:123456789012:ops-view-on-call"] };
    expect(allowed(statements, mine)).toBe(true);
    expect(
      allowed(statements, { ...mine, on: ["arn:aws:sns:eu-central-1:123456789012:search-on-call"] }),
    ).toBe(false);
    const alarm = (name: string) => ({
      action: "cloudwatch:PutMetricAlarm",
      on: [`arn:aws:cloudwatch:eu-central-1:123456789012:alarm:${name}`],
    });
    expect(allowed(statements, alarm("ops-view-stageA-XA1"))).toBe(true);
    expect(allowed(statements, alarm("ops-view-2-stageA-XA1"))).toBe(false);
  });

  it.each([
    ["ops", "view", "ops-view"],
    // So long that names end with a hash.
    ["ops-view-of-a-large-shop-a", "view-of-a-large-shop", "ops-view-of-a-large-shop-a-view_of_a"],
  ])("of %s with a stage %s is nothing that %s has", (name, staged, other) => {
    const all = {
      abort: {
        T1: { title: "Asks", action: "page", threshold: { gt: 0 }, remind: { after: "1h" } },
        T2: { title: "Probed", action: "page", threshold: { gt: 0 }, probe: { query: "select 1" } },
      } as never,
      messages: { C3: { title: "Later", to: ["ops"], when: { after: "3d" } } } as never,
    };
    const rollout = (called: string, stages: readonly string[]): Asked => {
      const { database: _, servers: __, ...rest } = asked.rollout;
      const made = stages.map((one) => stage(one, { predecessor: "baseline", ...all }));
      return {
        ...asked,
        rollout: { ...rest, channels: {}, name: called, stages: [rest.stages[0], ...made] as never },
      };
    };
    const statements = statementsOf("promote", rollout(name, [staged]));
    const exact = (policy: ReturnType<typeof statementsOf>) =>
      policy
        // The flag store has an id of its own.
        .filter(({ Sid }) => !/Flag|Version|State|Key/.test(Sid))
        .flatMap(({ Action, Resource }) =>
          Action.flatMap((action) =>
            Resource.filter((one) => one !== "*").map((one) => ({ action, on: [one] })),
          ),
        );
    const others = exact(statementsOf("promote", rollout(other, ["stageA", "C3"])));
    expect(others.length).toBeGreaterThan(100);
    expect(others.filter((one) => allowed(statements, one))).toEqual([]);
    const ours = exact(statements);
    expect(ours.filter((one) => !allowed(statements, one))).toEqual([]);
  });

  it("makes what delivers to channels, and feeds no other function from a queue", () => {
    const statements = statementsOf("promote", asked);
    const at = (service: string, name: string) => [`arn:aws:${service}:eu-central-1:123456789012:${name}`];
    for (const name of ["ops-view-pager-channel", "ops-view-pager-channel-dlq", "ops-view-chat-channel"])
      expect(allowed(statements, { action: "sqs:CreateQueue", on: at("sqs", name) }), name).toBe(true);
    expect(allowed(statements, { action: "sns:CreateTopic", on: at("sns", "ops-view-chat-channel") })).toBe(
      true,
    );
    const fn = "function:ops-view-channels";
    expect(allowed(statements, { action: "lambda:CreateFunction", on: at("lambda", fn) })).toBe(true);
    expect(statements.find(({ Sid }) => Sid === "FeedChannels")).toMatchObject({
      Resource: ["*"],
      Condition: { ArnEquals: { "lambda:FunctionArn": at("lambda", fn)[0] } },
    });
    const { channels: _, ...bare } = asked.rollout;
    expect(statementsOf("promote", { ...asked, rollout: bare }).map(({ Sid }) => Sid)).not.toContain(
      "FeedChannels",
    );
  });

  it("makes what carries flags on, takes it away, and calls it by its queues", () => {
    const given = { ...asked, rollout: { ...asked.rollout, delivery: DELIVERY } };
    const at = (service: string, name: string) => [`arn:aws:${service}:eu-central-1:123456789012:${name}`];
    const mine = (role: Role, action: string, service: string, name: string) =>
      allowed(statementsOf(role, given), { action, on: at(service, name) });
    for (const queue of ["ops-view-web-delivery", "ops-view-tasks-delivery-dlq"]) {
      expect(mine("promote", "sqs:CreateQueue", "sqs", queue), queue).toBe(true);
      expect(mine("retire", "sqs:DeleteQueue", "sqs", queue), queue).toBe(true);
    }
    for (const [service, action, name] of [
      ["lambda", "DeleteFunction", "function:ops-view-delivery"],
      ["lambda", "DeleteEventSourceMapping", "event-source-mapping:1"],
      ["logs", "DeleteLogGroup", "log-group:/cutover/ops-view/delivery"],
      ["logs", "DeleteLogGroup", "log-group:/aws/lambda/ops-view-delivery"],
      ["cloudwatch", "DeleteAlarms", "alarm:ops-view-web-delivery.late"],
      ["cloudwatch", "DeleteAlarms", "alarm:ops-view-delivery.errors"],
    ] as const)
      expect(mine("retire", `${service}:${action}`, service, name), name).toBe(true);
    const feeds = statementsOf("promote", given).find(({ Sid }) => Sid === "CallDelivery");
    expect(feeds?.Condition).toEqual({
      ArnEquals: { "lambda:FunctionArn": at("lambda", "function:ops-view-delivery")[0] },
    });
    const dlq = "ops-view-web-delivery-dlq";
    expect(ROLES.filter((role) => mine(role, "sqs:SendMessage", "sqs", dlq))).toEqual([]);
    expect(has("promote", "ssm:GetParameters") || has("doctor", "ssm:GetParameters")).toBe(false);
  });

  it("uses the keys that the account asks for, each for what it encrypts", () => {
    const key = (id: string) => `arn:aws:kms:eu-central-1:123456789012:key/${id}`;
    const account = { kmsKeys: { topics: key("t"), secrets: key("s"), logs: key("l") }, tags: {} };
    const rollout = { ...asked.rollout, account };
    const of = (role: (typeof ROLES)[number], action: string, id: string) =>
      allowed(statementsOf(role, { ...asked, stateKey: undefined, rollout }), { action, on: [key(id)] });
    for (const role of ["measure", "preview", "promote", "doctor"] as const)
      for (const action of ["kms:GetKeyPolicy", "kms:DescribeKey"])
        for (const id of ["t", "s", "l"]) expect(of(role, action, id), `${role} ${action}`).toBe(true);
    expect(["t", "s", "l"].map((id) => of("promote", "kms:GenerateDataKey", id))).toEqual([
      true,
      true,
      false,
    ]);
    expect(["t", "s"].map((id) => of("break-glass", "kms:GenerateDataKey", id))).toEqual([true, false]);
    expect(["t", "s"].map((id) => of("break-glass", "kms:Decrypt", id))).toEqual([true, true]);
    expect(["t", "s"].map((id) => of("measure", "kms:Decrypt", id))).toEqual([false, false]);
    const none = statementsOf("promote", { ...asked, stateKey: undefined });
    expect(none.flatMap(({ Action }) => Action).filter((one) => one.startsWith("kms:"))).toEqual([]);
  });

  it("uses the key of a topic that is there", () => {
    const key = "arn:aws:kms:eu-central-1:123456789012:key/pagers";
    const arn = "arn:aws:sns:eu-central-1:123456789012:pagers";
    const rollout = { ...asked.rollout, existingTopics: { onCall: { arn, kmsKey: key } } };
    const of = (role: (typeof ROLES)[number]) =>
      statementsOf(role, { ...asked, stateKey: undefined, rollout })
        .filter(({ Resource }) => Resource.includes(key))
        .flatMap(({ Action }) => Action)
        .sort();
    const reads = ["kms:DescribeKey", "kms:GetKeyPolicy"];
    expect(of("promote")).toEqual(["kms:Decrypt", "kms:GenerateDataKey", ...reads].sort());
    expect(of("break-glass")).toEqual(["kms:Decrypt", "kms:GenerateDataKey"]);
    for (const role of ["measure", "preview", "doctor"] as const) expect(of(role), role).toEqual(reads);
    expect(of("retire")).toEqual([]);
  });

  it("calls the measuring function, whoever looks, and no other function", () => {
    const measure = { vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] }, timeout: "5m" };
    // Whoever keeps backups looks at no gate.
    for (const role of ROLES.filter((one) => one !== "backup")) {
      const statements = statementsOf(role, { ...asked, rollout: { ...asked.rollout, measure } as never });
      const calls = (name: string) =>
        allowed(statements, {
          action: "lambda:InvokeFunction",
          on: [`arn:aws:lambda:eu-central-1:123456789012:function:${name}`],
        });
      expect(calls("ops-view-measure"), role).toBe(true);
      expect(calls("ops-view-stageA-abort"), role).toBe(role === "promote" && calls("ops-view-stageA-probe"));
    }
  });

  it.each([1, 12, 60])("fits into managed policies with %s stages, and loses nothing", (count) => {
    const long = Array.from({ length: count }, (_, index) =>
      stage(`stage-with-a-long-name-${index}`, {
        predecessor: "baseline",
        abort: { X1: { action: "rollback" } as never },
        snapshot: { instance: "db" } as never,
      }),
    );
    const rollout = { ...asked.rollout, stages: [asked.rollout.stages[0], ...long] as const };
    const policies = policiesOf("promote", { ...asked, rollout: rollout as never }) as {
      Statement: { Sid: string; Action: string[]; Resource: string[] }[];
    }[];
    for (const policy of policies) {
      expect(JSON.stringify(policy).length).toBeLessThanOrEqual(LONGEST_POLICY);
      expect(new Set(policy.Statement.map(({ Sid }) => Sid)).size).toBe(policy.Statement.length);
    }
    const pairs = (some: readonly { Action: readonly string[]; Resource: readonly string[] }[]) =>
      new Set(
        some.flatMap(({ Action, Resource }) => Action.flatMap((a) => Resource.map((r) => `${a} ${r}`))),
      );
    expect(pairs(policies.flatMap(({ Statement }) => Statement))).toEqual(
      pairs(statementsOf("promote", { ...asked, rollout: rollout as never })),
    );
  });

  it("logs in to the gates' database by IAM where config says so, as that login alone", () => {
    const login = { auth: "iam", resource: "cluster-ABC123" } as const;
    const database = { ...asked.rollout.database, login } as never;
    for (const role of ROLES) {
      expect(has(role, "rds-db:connect")).toBe(false);
      // Whoever retires a rollout, or keeps its backups, asks no database as its gates.
      if (role === "retire" || role === "backup") continue;
      const statements = statementsOf(role, { ...asked, rollout: { ...asked.rollout, database } });
      expect(statements.find(({ Sid }) => Sid === "AskTheDatabase")).toEqual({
        Sid: "AskTheDatabase",
        Effect: "Allow",
        Action: ["rds-db:connect"],
        Resource: ["arn:aws:rds-db:eu-central-1:123456789012:dbuser:cluster-ABC123/cutover_gate_ops_view"],
      });
    }
  });
});

describe("who may take a role", () => {
  const conditions = (document: object | undefined) =>
    (document as { Statement: [{ Condition: object }] }).Statement[0].Condition;

  it("is on GitHub one event, or one environment, of one repository", () => {
    const host = { kind: "github", repository: "acme/ops" } as const;
    const sub = (role: (typeof ROLES)[number]) => conditions(trustOf(role, host, asked));
    const issuer = "token.actions.githubusercontent.com";
    const exactly = (subject: string) => ({
      StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com", [`${issuer}:sub`]: `repo:acme/ops:${subject}` },
    });
    expect(sub("promote")).toEqual(exactly("environment:ops-view"));
    expect(sub("preview")).toEqual(exactly("pull_request"));
    expect(sub("drift")).toEqual(exactly("environment:cutover-read"));
    expect(trustOf("break-glass", host, asked)).toBeUndefined();
  });

  it("is on GitLab one protected branch of one project, and any for a merge request", () => {
    const host = {
      kind: "gitlab",
      project: "acme/ops",
      instance: "git.acme.example",
      branch: "main",
    } as const;
    expect(conditions(trustOf("promote", host, asked))).toEqual({
      StringEquals: {
        "git.acme.example:aud": "https://git.acme.example",
        "git.acme.example:sub": "project_path:acme/ops:ref_type:branch:ref:main",
      },
    });
    expect(conditions(trustOf("preview", host, asked))).toMatchObject({
      StringLike: { "git.acme.example:sub": "project_path:acme/ops:ref_type:branch:ref:*" },
    });
  });
});

describe("the command", () => {
  const options: PermissionsOptions = {
    ...{ role: "promote", folder: ROOT, account: "123456789012", application: "*" },
    ...{ gitlabInstance: "gitlab.com", branch: "main", as: "json", github: "acme/ops" },
    env: { AWS_REGION: "cn-north-1" },
  };

  it("prints one document, in the partition of the region", () => {
    const lines: string[] = [];
    expect(permissionsCommand({ ...options, print: (line) => lines.push(line) })).toBe(0);
    const { name, trust, policies } = JSON.parse(lines.join("\n"));
    expect([name, policies.length > 1, trust.Statement.length]).toEqual([
      "cutover-ops-view-promote",
      true,
      1,
    ]);
    expect(lines.join("\n")).toContain("arn:aws-cn:iam::123456789012:role/ops-view-stageA-abort-cn-north-1");
    expect(lines.join("\n")).not.toContain("arn:aws:");
  });

  it.each([
    ["eu-central-1", "aws"],
    ["us-gov-west-1", "aws-us-gov"],
    ["eusc-de-east-1", "aws-eusc"],
    ["us-iso-east-1", "aws-iso"],
    ["us-isob-east-1", "aws-iso-b"],
    ["eu-isoe-west-1", "aws-iso-e"],
    ["us-isof-south-1", "aws-iso-f"],
  ])("in %s every ARN is of the partition %s", (region, partition) => {
    const lines: string[] = [];
    const env = { AWS_REGION: region };
    permissionsCommand({ ...options, env, print: (line) => lines.push(line) });
    const found = lines.join("\n").matchAll(/\barn:([\w-]+):/g);
    expect(new Set([...found].map(([, of]) => of))).toEqual(new Set([partition]));
  });

  it("prints the same as a program", () => {
    const printed = { name: "n", policies: [{ Version: "1" }, { Version: "2" }], trust: { Version: "t" } };
    const program = asPulumi(printed);
    for (const part of ['new aws.iam.Role("n"', 'new aws.iam.Policy("n-2"', "maxSessionDuration: 10800"])
      expect(program).toContain(part);
    // A job asks for so long a session: AWS gives none that is longer than the role's own, an hour by itself.
    const job = readFileSync(join(ROOT, ".github/workflows/promote.yml"), "utf8");
    const asks = Number(/role-duration-seconds: (\d+)/.exec(job)?.[1]);
    expect(JSON.parse(asJson(printed))).toEqual({ ...printed, maxSessionDuration: asks });
    const { trust: _, ...bare } = printed;
    expect(JSON.parse(asJson(bare))).toEqual(bare);
    expect(asPulumi({ name: "n", policies: [{}] })).not.toContain("Role");
  });

  it("denies nobody the deployments of other applications", () => {
    expect(() => permissionsCommand({ ...options, role: "deny" })).toThrow(/--application: is missing/);
    const lines: string[] = [];
    const print = (line: string) => lines.push(line);
    expect(permissionsCommand({ ...options, role: "deny", application: "abc1234", print })).toBe(0);
    expect(lines.join("\n")).not.toContain("application/*");
  });

  it("tells all that cannot be meant at once, and takes no star for a repository", () => {
    const wrong = { ...options, account: "12", github: "acme/*", stateKey: "alias/pulumi", env: {} };
    expect(() => permissionsCommand(wrong)).toThrow(
      /--account[\s\S]*--state-key[\s\S]*--github[\s\S]*--region/,
    );
  });
});

it("a topic of the account's own is told and looked at, and never made or changed", () => {
  const arn = "arn:aws:sns:eu-central-1:123456789012:pagers";
  const rollout = { ...asked.rollout, existingTopics: { onCall: { arn } } };
  const allowedOn = (role: (typeof ROLES)[number]) =>
    statementsOf(role, { ...asked, rollout })
      .filter(({ Resource }) => [Resource].flat().includes(arn))
      .flatMap(({ Action }) => Action)
      .sort();
  expect(allowedOn("promote")).toEqual(
    ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:Publish", "sns:Subscribe"].sort(),
  );
  expect(allowedOn("break-glass")).toEqual(["sns:ListSubscriptionsByTopic", "sns:Publish"]);
});
