import * as z from "zod";
import { json } from "../../../plugin/spec";
import type { Props } from "../../../plugin/values";
import { service } from "../api";
import { description, fixed, tags } from "../row";
import type { Aws } from "../session";
import { idOf } from "./ids";

const identities = service((aws) => aws.iam(), {
  ...{ key: "RoleName", list: "listRoleTags", tag: "tagRole", untag: "untagRole" },
});

async function detachAll(aws: Aws, RoleName: string): Promise<void> {
  const iam = await aws.iam();
  const { AttachedPolicies = [] } = await iam.listAttachedRolePolicies({ RoleName });
  for (const { PolicyArn } of AttachedPolicies) await iam.detachRolePolicy({ RoleName, PolicyArn });
  const { PolicyNames = [] } = await iam.listRolePolicies({ RoleName });
  for (const PolicyName of PolicyNames) await iam.deleteRolePolicy({ RoleName, PolicyName });
}

const Role = identities.row({
  inputs: {
    name: z.string().meta({ named: 64, replaces: true, api: "RoleName" }),
    path: z.string().default("/").meta({ replaces: true }),
    assumeRolePolicy: json().meta({ api: "AssumeRolePolicyDocument" }),
    description: description(),
    maxSessionDuration: z.number().default(3600),
    permissionsBoundary: z.string().optional(),
    forceDetachPolicies: z.boolean().default(false).meta({ api: false }),
    tags,
  },
  outputs: ["arn", "createDate", "uniqueId"],
  taggedBy: "name",
  create: "createRole",
  read: "getRole",
  key: (RoleName) => ({ RoleName }),
  id: (_, { name }) => name,
  within: ({ Role: found }) => found as Props,
  shows: ({ AssumeRolePolicyDocument, PermissionsBoundary, CreateDate, RoleId }) => ({
    assumeRolePolicy: decodeURIComponent(String(AssumeRolePolicyDocument ?? "")),
    permissionsBoundary: (PermissionsBoundary as Props | undefined)?.PermissionsBoundaryArn,
    createDate: (CreateDate as Date | undefined)?.toISOString(),
    uniqueId: RoleId,
  }),
  async update(aws, id, news, olds) {
    const iam = await aws.iam();
    if (news.assumeRolePolicy !== olds.assumeRolePolicy) {
      await iam.updateAssumeRolePolicy({ RoleName: id, PolicyDocument: news.assumeRolePolicy });
    }
    await iam.updateRole({
      RoleName: id,
      Description: news.description ?? "",
      MaxSessionDuration: news.maxSessionDuration,
    });
    if (news.permissionsBoundary === olds.permissionsBoundary) return;
    if (news.permissionsBoundary === undefined) await iam.deleteRolePermissionsBoundary({ RoleName: id });
    else {
      await iam.putRolePermissionsBoundary({ RoleName: id, PermissionsBoundary: news.permissionsBoundary });
    }
  },
  async delete(aws, id, { forceDetachPolicies }) {
    if (forceDetachPolicies) await detachAll(aws, id);
    await (await aws.iam()).deleteRole({ RoleName: id });
  },
});

const RolePolicy = identities.row({
  inputs: {
    name: z.string().meta({ named: 128, replaces: true, api: "PolicyName" }),
    role: fixed().meta({ api: "RoleName" }),
    policy: json().meta({ api: "PolicyDocument" }),
  },
  outputs: [],
  create: "putRolePolicy",
  read: "getRolePolicy",
  update: "putRolePolicy",
  delete: "deleteRolePolicy",
  key: idOf(":", { RoleName: "ROLE", PolicyName: "POLICY" }),
  id: (_, { role, name }) => `${role}:${name}`,
  shows: ({ PolicyDocument }) => ({ policy: decodeURIComponent(String(PolicyDocument ?? "")) }),
});

/** The policy's ARN has slashes too. */
const attachmentId = (id: string) => {
  const at = id.indexOf("/");
  return { RoleName: id.slice(0, at), PolicyArn: id.slice(at + 1) };
};

const Attachment = identities.row({
  inputs: { role: fixed().meta({ api: "RoleName" }), policyArn: fixed() },
  outputs: [],
  create: "attachRolePolicy",
  read: "listAttachedRolePolicies",
  delete: "detachRolePolicy",
  key: attachmentId,
  id: (_, { role, policyArn }) => `${role}/${policyArn}`,
  within: ({ AttachedPolicies = [] }, id) =>
    (AttachedPolicies as Props[]).find(({ PolicyArn }) => PolicyArn === attachmentId(id).PolicyArn),
});

export const iam = {
  "aws:iam/role:Role": Role,
  "aws:iam/rolePolicy:RolePolicy": RolePolicy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Attachment,
};
