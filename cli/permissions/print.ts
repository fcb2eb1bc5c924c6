/** A role's documents. */
export interface Printed {
  /** The role's name. */
  readonly name: string;
  /** A managed policy each. */
  readonly policies: readonly object[];
  /** Who may take the role; absent where it is not known, or no job may. */
  readonly trust?: object | undefined;
}

/** How long a promotion may take: a snapshot an hour, servers and smoke checks a quarter of one. Seconds. */
const SESSION = 3 * 3_600;

export function asJson({ name, policies, trust }: Printed): string {
  const role = trust ? { maxSessionDuration: SESSION, trust } : {};
  return JSON.stringify({ name, ...role, policies }, null, 2);
}

/** The same as a program of Pulumi's: a role with its policies where it is known who may take it, else policies alone. */
export function asPulumi({ name, policies, trust }: Printed): string {
  const named = policies.map((policy, index) => ({
    name: policies.length === 1 ? name : `${name}-${index + 1}`,
    policy,
  }));
  const role = trust
    ? [
        `const role = new aws.iam.Role(${JSON.stringify(name)}, {`,
        `  name: ${JSON.stringify(name)},`,
        `  maxSessionDuration: ${SESSION},`,
        `  assumeRolePolicy: JSON.stringify(${indented(trust)}),`,
        "});",
      ]
    : [];
  const rows = named.flatMap(({ name: called, policy }, index) => [
    `const policy${index + 1} = new aws.iam.Policy(${JSON.stringify(called)}, {`,
    `  name: ${JSON.stringify(called)},`,
    `  policy: JSON.stringify(${indented(policy)}),`,
    "});",
    ...(trust
      ? [
          `new aws.iam.RolePolicyAttachment(${JSON.stringify(called)}, { role: role.name, policyArn: policy${index + 1}.arn });`,
        ]
      : []),
  ]);
  return ['import * as aws from "@pulumi/aws";', "", ...role, ...rows].join("\n");
}

function indented(value: object): string {
  return JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
}
