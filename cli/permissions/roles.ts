import { functionRoles, schedulerRoles } from "./arns";
import { type Asked, CHANGES, each, type Grant, READS, REMOVES, SEEN, TAGS } from "./asked";
import { PROMOTER, resource } from "./resource";

const allRoles = (asked: Asked) => [...new Set([...functionRoles(asked), ...schedulerRoles(asked)])];

/** What bounds each role: said by whoever keeps the account, or by the rollout itself. */
const boundaryOf = ({ boundary, rollout }: Asked) => boundary ?? rollout.account?.permissionsBoundary;
const bounded: Grant["when"] = (asked) => {
  const boundary = boundaryOf(asked);
  return boundary === undefined ? undefined : { StringEquals: { "iam:PermissionsBoundary": boundary } };
};

/** What it takes to declare the roles of functions and schedules. */
export const ROLE_GRANTS: readonly Grant[] = [
  ...resource(
    "Roles",
    allRoles,
    {
      ...each(READS, "iam:GetRole", "iam:GetRolePolicy"),
      ...each(TAGS, "iam:ListRoleTags"),
      ...each(READS, "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"),
    },
    {
      ...each(CHANGES, "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription"),
      ...each(REMOVES, "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:ListInstanceProfilesForRole"),
      ...each(TAGS, "iam:TagRole", "iam:UntagRole"),
    },
  ),
  {
    // With a boundary, no role is made without it, and none that has no boundary is given anything.
    sid: "MakeRoles",
    for: PROMOTER,
    actions: each(SEEN, "iam:CreateRole", "iam:PutRolePolicy"),
    on: allRoles,
    when: bounded,
  },
  {
    sid: "BoundRoles",
    for: PROMOTER,
    actions: each(
      "only where an account begins to ask for a boundary, and roles are there already",
      "iam:PutRolePermissionsBoundary",
    ),
    // Without a boundary to hold it to, it would lift that of any role of the rollout.
    on: (asked) => (boundaryOf(asked) === undefined ? [] : allRoles(asked)),
    when: bounded,
  },
  {
    sid: "HandRolesToFunctions",
    for: PROMOTER,
    actions: each(SEEN, "iam:PassRole"),
    on: functionRoles,
    when: () => ({ StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } }),
  },
  {
    sid: "HandRolesToSchedules",
    for: PROMOTER,
    actions: each(SEEN, "iam:PassRole"),
    on: schedulerRoles,
    when: () => ({ StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } }),
  },
];
