import { describe, expect, it } from "vitest";
import type { Asked } from "../../../cli/permissions/asked";
import { statementsOf } from "../../../cli/permissions/policy";
import { deliveriesName, deliveryName, functionRole, switchName } from "../../../src/aws/names";
import {
  ALL,
  asked,
  at,
  DELIVERY,
  DEPLOYS,
  ENVIRONMENT,
  MADE,
  may,
  mayAnywhere,
  namesOf,
  PRINTED,
  type Principal,
  role,
  STAGES,
  SWITCHES,
} from "./principals";

/**
 * As an auditor looks at it: whoever has one of the printed roles, or one that `pulumi up` makes, what can they come to
 * do, also by way of another role? Flags are changed by the promoter, the switches and who breaks the glass, and by
 * nobody who can become one of them.
 */
/** What takes a role over: with each of these, its rights are used by whoever does it. */
function takes(who: Principal, { role: taken, runs }: Principal): boolean {
  if (taken === undefined) return false;
  const handsOn = (service: string, ...makes: readonly string[]) =>
    may(who, "iam:PassRole", taken, `${service}.amazonaws.com`) && mayAnywhere(who, ...makes);
  return (
    may(who, "sts:AssumeRole", taken) ||
    may(who, "iam:UpdateAssumeRolePolicy", taken) ||
    handsOn("lambda", "lambda:CreateFunction", "lambda:UpdateFunctionConfiguration") ||
    handsOn("scheduler", "scheduler:CreateSchedule", "scheduler:UpdateSchedule") ||
    handsOn("events", "events:PutTargets") ||
    handsOn("states", "states:CreateStateMachine") ||
    (runs !== undefined &&
      (may(who, "lambda:UpdateFunctionCode", runs) || may(who, "lambda:UpdateFunctionConfiguration", runs)))
  );
}

/** Everybody whose rights somebody comes by, themselves among them. */
function reached(who: Principal): Set<Principal> {
  const found = new Set([who]);
  for (const one of found) for (const other of ALL) if (takes(one, other)) found.add(other);
  return found;
}

/** What gives a role rights that it does not have. */
const GIVES = ["iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:PutUserPolicy"];

describe("who comes to change the flags", () => {
  it.each(DEPLOYS)("by %s: the promoter, who breaks the glass, and the switches", (action) => {
    const some = ALL.filter((one) => mayAnywhere(one, action));
    expect(namesOf(some)).toEqual(["promote", "break-glass", ...SWITCHES]);
    expect(some.every((one) => may(one, action, ENVIRONMENT))).toBe(true);
  });

  it("also by way of any other role: the same, and nobody else", () => {
    const some = ALL.filter((one) =>
      [...reached(one)].some((other) => mayAnywhere(other, ...DEPLOYS, ...GIVES)),
    );
    expect(namesOf(some)).toEqual(["promote", "break-glass", ...SWITCHES]);
  });

  it("the ways that are looked for are ways: the promoter takes each role that it makes", () => {
    const [promoter] = PRINTED.filter(({ name }) => name === "promote");
    expect(namesOf([...reached(promoter as Principal)])).toEqual(["promote", ...namesOf(MADE)]);
  });

  it("gives itself rights: the promoter alone, and with a boundary never past it", () => {
    expect(namesOf(ALL.filter((one) => mayAnywhere(one, ...GIVES)))).toEqual(["promote"]);
    const boundary = "arn:aws:iam::123456789012:policy/bound";
    const gives = (given: Asked) =>
      statementsOf("promote", given).filter(({ Action }) =>
        Action.some((one) => [...GIVES, "iam:CreateRole", "iam:PutRolePermissionsBoundary"].includes(one)),
      );
    const account = { kmsKeys: {}, tags: {}, permissionsBoundary: boundary };
    for (const bounded of [
      { ...asked, boundary },
      { ...asked, rollout: { ...asked.rollout, account } },
    ])
      for (const { Condition } of gives(bounded))
        expect(Condition).toEqual({ StringEquals: { "iam:PermissionsBoundary": boundary } });
    const loosens = /^iam:(?:DeleteRolePermissionsBoundary|AttachRolePolicy|CreateUser|CreateAccessKey)$/;
    expect(
      ALL.flatMap(({ statements }) => statements.flatMap(({ Action }) => Action)).filter((one) =>
        loosens.test(one),
      ),
    ).toEqual([]);
    expect(gives(asked).map(({ Sid }) => Sid)).toEqual(["MakeRoles"]);
  });

  it("sets a switch off: its alarms by their topic, and its reminders", () => {
    for (const stage of STAGES) {
      const fn = at("lambda", `function:${switchName("ops-view", stage)}`);
      expect(namesOf(ALL.filter((one) => may(one, "lambda:InvokeFunction", fn)))).toEqual([
        `reminders of ${stage}`,
      ]);
      const topic = at("sns", switchName("ops-view", stage));
      expect(ALL.filter((one) => may(one, "sns:Publish", topic))).toEqual([]);
    }
    expect(ALL.filter((one) => mayAnywhere(one, "cloudwatch:SetAlarmState"))).toEqual([]);
  });

  it("takes the flag store away: who retires the rollout, who deploys nothing", () => {
    const takesAway = ["appconfig:DeleteEnvironment", "appconfig:DeleteApplication"];
    expect(namesOf(ALL.filter((one) => mayAnywhere(one, ...takesAway)))).toEqual(["retire"]);
  });

  it("writes the state, by which a promotion goes: who promotes and who retires", () => {
    expect(namesOf(ALL.filter((one) => mayAnywhere(one, "s3:PutObject", "s3:DeleteObject")))).toEqual([
      "promote",
      "retire",
    ]);
  });
});

describe("who comes to change what platforms are given", () => {
  const token = at("secretsmanager", "secret:ops-view/render-AbCdEf");
  const parameter = at("ssm", "parameter/ops-view/flags/READ");
  const worker = at("ecs", "service/ops/worker");

  it.each(Object.keys(DELIVERY))("calls %s: whoever may change the flags, and nobody else", (name) => {
    const queue = at("sqs", deliveryName("ops-view", name));
    for (const action of ["sqs:GetQueueUrl", "sqs:SendMessage"])
      expect(namesOf(ALL.filter((one) => may(one, action, queue) && !sees(one, action)))).toEqual([
        "promote",
        "break-glass",
        ...SWITCHES,
      ]);
    // A call that somebody takes away is a delivery that never comes.
    const takers = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:PurgeQueue"];
    expect(namesOf(ALL.filter((one) => takers.some((action) => may(one, action, queue))))).toEqual([
      "delivery",
    ]);
  });
  /** Whoever looks at queues finds them by their names. */
  const sees = ({ name }: Principal, action: string) =>
    action === "sqs:GetQueueUrl" && ["measure", "preview", "drift", "doctor"].includes(name);

  it("writes parameters, and starts tasks anew: the function alone, and on its own alone", () => {
    expect(namesOf(ALL.filter((one) => mayAnywhere(one, "ssm:PutParameter")))).toEqual(["delivery"]);
    expect(namesOf(ALL.filter((one) => may(one, "ecs:UpdateService", worker)))).toEqual(["delivery"]);
    const [fn] = MADE.filter(({ name }) => name === "delivery");
    expect(may(fn as Principal, "ssm:PutParameter", parameter)).toBe(true);
    expect(may(fn as Principal, "ssm:PutParameter", at("ssm", "parameter/ops-view/flagsofothers"))).toBe(
      false,
    );
    expect(may(fn as Principal, "ecs:UpdateService", at("ecs", "service/ops/web"))).toBe(false);
  });

  it("reads a token: the function, and doctor, who says whether it counts", () => {
    const reads = (one: Principal) => may(one, "secretsmanager:GetSecretValue", token);
    expect(namesOf(ALL.filter(reads))).toEqual(["doctor", "delivery"]);
    expect(namesOf(ALL.filter((one) => [...reached(one)].some(reads)))).toEqual([
      "promote",
      "doctor",
      "delivery",
    ]);
  });

  it("comes by the function's rights: the promoter, who declares it", () => {
    const [fn] = MADE.filter(({ name }) => name === "delivery");
    expect(namesOf(ALL.filter((one) => reached(one).has(fn as Principal)))).toEqual(["promote", "delivery"]);
    expect((fn as Principal).role).toBe(role(functionRole(deliveriesName("ops-view"), "eu-central-1")));
    expect((fn as Principal).runs).toBe(at("lambda", `function:${deliveriesName("ops-view")}`));
  });
});

describe("what runs unreviewed code", () => {
  const preview = PRINTED.find(({ name }) => name === "preview") as Principal;

  it("reads, calls the measuring function, and does nothing else", () => {
    const does = preview.statements.flatMap(({ Action }) => Action);
    expect(does.filter((one) => !/:(?:Get|List|Describe|Filter)/.test(one)).sort()).toEqual([
      "kms:Decrypt",
      "lambda:InvokeFunction",
    ]);
    expect(preview.statements.find(({ Action }) => Action.includes("kms:Decrypt"))?.Resource).toEqual([
      asked.stateKey,
    ]);
    expect(
      preview.statements.find(({ Action }) => Action.includes("lambda:InvokeFunction"))?.Resource,
    ).toEqual([at("lambda", "function:ops-view-measure")]);
  });

  it("comes by nobody else's rights, and reads no secret", () => {
    expect([...reached(preview)]).toEqual([preview]);
    const secrets = ["secretsmanager:GetSecretValue", "ssm:GetParameter", "lambda:GetFunctionConfiguration"];
    expect(mayAnywhere(preview, ...secrets)).toBe(false);
  });
});
