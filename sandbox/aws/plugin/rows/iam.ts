import * as z from "zod";
import { json } from "../../../plugin/spec";
import type { Props } from "../../../plugin/values";
import { fromApi, service, toApi } from "../api";
import { description, fixed, pairs, row, tags } from "../row";
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

const role = {
  name: z.string().meta({ named: 64, replaces: true, api: "RoleName" }),
  path: z.string().default("/").meta({ replaces: true }),
  assumeRolePolicy: json().meta({ api: "AssumeRolePolicyDocument" }),
  description: description(),
  maxSessionDuration: z.number().default(3600),
  permissionsBoundary: z.string().optional(),
  forceDetachPolicies: z.boolean().default(false).meta({ api: false }),
  tags,
};

const Role = row({
  inputs: role,
  outputs: ["arn", "createDate", "uniqueId"],
  // By its name, not by its ARN.
  tagging: identities.tagging("name"),
  async create(aws, inputs) {
    const { name: RoleName, assumeRolePolicy: AssumeRolePolicyDocument, tagsAll } = inputs;
    const given = { RoleName, AssumeRolePolicyDocument, Tags: pairs.write(tagsAll) };
    await (await aws.iam()).createRole({ ...toApi(role, { ...inputs }), ...given });
    return RoleName;
  },
  async read(aws, id) {
    const { Role: found } = await (await aws.iam()).getRole({ RoleName: id });
    return {
      ...fromApi(role, { ...found }),
      assumeRolePolicy: decodeURIComponent(found?.AssumeRolePolicyDocument ?? ""),
      permissionsBoundary: found?.PermissionsBoundary?.PermissionsBoundaryArn,
      arn: found?.Arn,
      createDate: found?.CreateDate?.toISOString(),
      uniqueId: found?.RoleId,
    };
  },
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
