import { describe, expect, it } from "vitest";
import type { Role } from "../../../cli/permissions/asked";
import { denyOthers } from "../../../cli/permissions/deny";
import type { Statement } from "../../../components/permissions/statement";
import { deliveriesName, functionRole, roleName, type StagePart, switchName } from "../../../src/aws/names";
import { allowed } from "./iam";
import { ALL, asked, at, DEPLOYS, ENVIRONMENT, may, role, STAGES } from "./principals";

describe("whoever else is in the account, once deny is attached", () => {
  const { Statement: statements } = denyOthers(asked, {
    promote: "cutover-ops-view-promote",
    breakGlass: "cutover-ops-view-break-glass",
  }) as { Statement: readonly Statement[] };

  /** An administrator may do everything that is not denied. */
  const denied = (principal: string, action: string, on: string) => {
    const hit = statements.filter(
      ({ Effect, Condition }) => Effect === "Deny" && !butFor(Condition).includes(principal),
    );
    return allowed(hit, { action, on: [on] });
  };
  const butFor = (condition: Statement["Condition"]) =>
    [condition?.ArnNotLike?.["aws:PrincipalArn"] ?? []].flat();
  const switchRole = (stage: string, part: StagePart = "abort") =>
    role(roleName("ops-view", stage, part, "eu-central-1"));
  const fn = (stage: string) => at("lambda", `function:${switchName("ops-view", stage)}`);

  const delivery = {
    fn: at("lambda", `function:${deliveriesName("ops-view")}`),
    role: role(functionRole(deliveriesName("ops-view"), "eu-central-1")),
  };

  const WAYS: readonly (readonly [action: string, on: string])[] = [
    ...DEPLOYS.map((action) => [action, ENVIRONMENT] as const),
    ["appconfig:UpdateEnvironment", ENVIRONMENT],
    ["appconfig:CreateExtensionAssociation", ENVIRONMENT],
    ["lambda:UpdateFunctionCode", delivery.fn],
    ["lambda:UpdateFunctionConfiguration", delivery.fn],
    ["iam:PassRole", delivery.role],
    ["iam:PutRolePolicy", delivery.role],
    ["iam:UpdateAssumeRolePolicy", delivery.role],
    ...STAGES.flatMap((stage) => [
      ["lambda:UpdateFunctionCode", fn(stage)] as const,
      ["lambda:UpdateFunctionConfiguration", fn(stage)] as const,
      ["lambda:AddPermission", fn(stage)] as const,
      ["lambda:InvokeFunction", fn(stage)] as const,
      ["lambda:InvokeFunction", `${fn(stage)}:$LATEST`] as const,
      ["iam:PassRole", switchRole(stage)] as const,
      ["iam:PassRole", switchRole(stage, "reminders")] as const,
      ["iam:PutRolePolicy", switchRole(stage)] as const,
      ["iam:AttachRolePolicy", switchRole(stage)] as const,
      ["iam:UpdateAssumeRolePolicy", switchRole(stage)] as const,
    ]),
  ];

  it.each(WAYS)("%s on %s is denied to an administrator", (action, on) => {
    expect(denied(role("Administrator"), action, on)).toBe(true);
    expect(denied(role("cutover-ops-view-preview"), action, on)).toBe(true);
  });

  it("nothing is denied that somebody's own printed role, or a function's, is for", () => {
    const people: Readonly<Partial<Record<Role, string>>> = {
      promote: role("cutover-ops-view-promote"),
      "break-glass": role("cutover-ops-view-break-glass"),
    };
    for (const one of ALL) {
      const principal = one.role ?? people[one.name as Role] ?? role(`cutover-ops-view-${one.name}`);
      const lost = WAYS.filter(
        ([action, on]) =>
          (may(one, action, on) || may(one, action, on, "lambda.amazonaws.com")) &&
          denied(principal, action, on),
      );
      expect(lost, one.name).toEqual([]);
    }
  });

  it("other applications and functions are nobody's business", () => {
    const other = at("appconfig", "application/zzz9999/environment/env1234");
    expect(denied(role("Administrator"), "appconfig:StartDeployment", other)).toBe(false);
    expect(denied(role("Administrator"), "lambda:InvokeFunction", at("lambda", "function:shop"))).toBe(false);
    expect(denied(role("Administrator"), "iam:PassRole", role("shop"))).toBe(false);
  });

  it("fits into a service control policy", () => {
    // Source: AWS Organizations user guide, quotas: 5,120 characters.
    expect(JSON.stringify({ Version: "2012-10-17", Statement: statements }).length).toBeLessThanOrEqual(
      5_120,
    );
  });

  it("lets the promoter, who breaks the glass and the switches deploy, by their very roles", () => {
    const { Statement } = denyOthers(asked, { promote: "p", breakGlass: "b" }) as {
      Statement: [Record<string, never>];
    };
    expect(Statement[0]).toMatchObject({
      Effect: "Deny",
      Action: ["appconfig:StartDeployment", "appconfig:StopDeployment"],
    });
    expect(Statement[0].Condition).toEqual({
      ArnNotLike: {
        "aws:PrincipalArn": [
          "p",
          "b",
          "ops-view-stageA-abort-eu-central-1",
          "ops-view-stageB-abort-eu-central-1",
        ].map((role) => `arn:aws:iam::123456789012:role/${role}`),
      },
    });
  });
});
