import { describe, expect, test } from "vitest";
import { type Asked, ROLES, type Role, SEEN } from "../../../cli/permissions/asked";
import { GRANTS, statementsOf } from "../../../cli/permissions/policy";
import { loadRollout } from "../../../src/rollout/load";
import { RECORDED } from "./calls";
import { allowed } from "./iam";
import { DELIVERY } from "./principals";

/**
 * Each permission of each role, taken away once: a command of a rollout's recorded life has to break, or it is said why
 * none does.
 */
const own = loadRollout(`${__dirname}/../../..`);
const asked: Asked = {
  // What was recorded has these, too.
  rollout: {
    ...own,
    channels: {
      chat: { kind: "amazonQ", topics: ["ops"] },
      pager: { kind: "pagerduty", topics: ["onCall"], secret: "ops-view/pager" },
    },
    delivery: DELIVERY,
    stages: own.stages.map((stage) =>
      stage.name === "stageA"
        ? { ...stage, abort: { ...stage.abort, T9: { action: "page", remind: { after: "1h" } } } }
        : stage.name === "stageB"
          ? {
              ...stage,
              abort: { ...stage.abort, XB9: { action: "page", logs: { group: "/ecs/ops-view" } } },
              messages: { C3: { title: "Much later", to: ["ops"], when: { after: "300d" } } },
            }
          : stage,
    ) as never,
  } as never,
  ...{ partition: "aws", region: "us-east-1", account: "000000000000", application: "*" },
};

/** Granted since another role was seen to call it, and no recorded command of this role did: why it has it all the same. */
const FINDS = "this role looks as measure does, too: cutover status finds the flags by their name";
const LOOKS = "this role looks as measure does, too: cutover status looks at flags and guards";
const UNSEEN: Readonly<Partial<Record<Role, Readonly<Record<string, string>>>>> = {
  measure: {
    "rds:DescribeDBSnapshots": "cutover check asks for it where a gate is of source snapshot",
  },
  preview: {
    "appconfig:ListApplications": FINDS,
    "appconfig:ListConfigurationProfiles": FINDS,
    "appconfig:ListDeploymentStrategies": FINDS,
    "appconfig:ListEnvironments": FINDS,
  },
  "break-glass": {
    "logs:DescribeLogGroups": "an abort without a flag store says what is left of the rollout",
  },
  drift: {
    "appconfig:GetDeployment": LOOKS,
    "appconfig:ListApplications": FINDS,
    "appconfig:ListConfigurationProfiles": FINDS,
    "appconfig:ListDeploymentStrategies": FINDS,
    "appconfig:ListDeployments": LOOKS,
    "appconfig:ListEnvironments": FINDS,
    "cloudwatch:GetMetricData": LOOKS,
    "sns:ListSubscriptionsByTopic": LOOKS,
    "sqs:GetQueueUrl": LOOKS,
  },
};

/** The actions of a role, with what proves each: the first of its grants that was seen counts. */
function actionsOf(role: Role): Map<string, string> {
  const found = new Map<string, string>();
  for (const { for: roles, actions, on } of GRANTS) {
    if (!roles.includes(role) || on(asked).length === 0) continue;
    for (const [action, why] of Object.entries(actions))
      if (found.get(action) !== SEEN) found.set(action, why);
  }
  return found;
}

/** Whoever keeps backups has no part in the recorded life, whose rollout has none: `backups.test.ts` has what they do. */
describe.each(ROLES.filter((role) => role !== "backup"))("%s", (role) => {
  const calls = RECORDED.filter((call) => call.role === role);
  const statements = statementsOf(role, asked);

  test("may do all that its commands were seen to do", () => {
    expect(calls.length).toBeGreaterThan(5);
    expect(calls.filter((call) => !allowed(statements, call))).toEqual([]);
  });

  test.each([...actionsOf(role)])("without %s", (action, why) => {
    const less = statements.map((one) => ({ ...one, Action: one.Action.filter((each) => each !== action) }));
    const broken = [...new Set(calls.filter((call) => !allowed(less, call)).map(({ command }) => command))];
    const reason = why === SEEN ? UNSEEN[role]?.[action] : why;
    expect(broken.length > 0 || (reason ?? "").split(" ").length > 3, `${role} ${action}: ${broken}`).toBe(
      true,
    );
  });

  test("is told why of nothing that was seen", () => {
    const told = Object.keys(UNSEEN[role] ?? {});
    expect(told.filter((action) => calls.some((call) => call.action === action))).toEqual([]);
    expect(told.filter((action) => !actionsOf(role).has(action))).toEqual([]);
  });
});
