import * as z from "zod";
import { json } from "../../../plugin/spec";
import { fromApi, service, toApi } from "../api";
import { description, fixed, pairs, row, tags } from "../row";
import type { Aws } from "../session";

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
    const given = { RoleName, AssumeRolePolicyDocument, Tags: pairs(tagsAll) };
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

const rolePolicyId = (id: string) => {
  const [RoleName, PolicyName] = id.split(":");
  return { RoleName, PolicyName };
};

const RolePolicy = row({
  inputs: {
    name: z.string().meta({ named: 128, replaces: true }),
    role: fixed(),
    policy: json(),
  },
  outputs: [],
  async create(aws, { role, name, policy }) {
    const iam = await aws.iam();
    await iam.putRolePolicy({ RoleName: role, PolicyName: name, PolicyDocument: policy });
    return `${role}:${name}`;
  },
  async read(aws, id) {
    const key = rolePolicyId(id);
    const found = await (await aws.iam()).getRolePolicy(key);
    const policy = decodeURIComponent(found.PolicyDocument ?? "");
    return { role: key.RoleName, name: key.PolicyName, policy };
  },
  update: async (aws, id, { policy }) =>
    (await aws.iam()).putRolePolicy({ ...rolePolicyId(id), PolicyDocument: policy }),
  delete: async (aws, id) => (await aws.iam()).deleteRolePolicy(rolePolicyId(id)),
});

const Attachment = row({
  inputs: { role: fixed(), policyArn: z.string().meta({ replaces: true }) },
  outputs: [],
  async create(aws, { role, policyArn }) {
    await (await aws.iam()).attachRolePolicy({ RoleName: role, PolicyArn: policyArn });
    return `${role}/${policyArn}`;
  },
  async read(aws, id) {
    const role = id.slice(0, id.indexOf("/"));
    const policyArn = id.slice(role.length + 1);
    const { AttachedPolicies = [] } = await (await aws.iam()).listAttachedRolePolicies({ RoleName: role });
    return AttachedPolicies.some(({ PolicyArn }) => PolicyArn === policyArn)
      ? { role, policyArn }
      : undefined;
  },
  delete: async (aws, _id, { role, policyArn }) =>
    (await aws.iam()).detachRolePolicy({ RoleName: role, PolicyArn: policyArn }),
});

export const iam = {
  "aws:iam/role:Role": Role,
  "aws:iam/rolePolicy:RolePolicy": RolePolicy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Attachment,
};
