import type { Scope } from "../call";
import { type Upstream, UpstreamError } from "../upstream";
import { textsIn } from "../wire/xml";

interface Statement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: "*" | { readonly Service?: string | readonly string[] };
  readonly Condition?: unknown;
}

const VERSION = "2010-05-08";

/**
 * Whether a service may assume a role, by the role's trust policy. Conditions are left to AWS.
 *
 * @param service such as `lambda.amazonaws.com`
 */
export async function mayAssume(
  roleArn: string,
  service: string,
  scope: Scope,
  upstream: Upstream,
): Promise<boolean> {
  const parameters = { Action: "GetRole", Version: VERSION, RoleName: roleArn.split("/").at(-1) ?? "" };
  let said: string;
  try {
    said = await upstream.query("iam", parameters, scope);
  } catch (error) {
    if (error instanceof UpstreamError) return false;
    throw error;
  }
  const [document = ""] = inner(said, "AssumeRolePolicyDocument");
  return trusts(document, service);
}

/**
 * The first of some actions that a role's own policies, inline and attached, do not let it call; undefined where they let
 * it call all. What conditions and boundaries add to that is left to AWS: an allowance counts whatever its condition, a
 * denial only without one.
 *
 * @param actions such as `ec2:CreateNetworkInterface`
 * @param resource the ARN that they are called on. Absent: any
 */
export async function notAllowed(
  roleArn: string,
  actions: readonly string[],
  scope: Scope,
  upstream: Upstream,
  resource?: string,
): Promise<string | undefined> {
  const RoleName = roleArn.split("/").at(-1) ?? "";
  const ask = (Action: string, parameters: Record<string, string>) =>
    upstream.query("iam", { Action, Version: VERSION, ...parameters }, scope);
  const inline = inner(await ask("ListRolePolicies", { RoleName }), "member").map(async (PolicyName) =>
    inner(await ask("GetRolePolicy", { RoleName, PolicyName }), "PolicyDocument"),
  );
  const attached = inner(await ask("ListAttachedRolePolicies", { RoleName }), "PolicyArn").map(
    async (PolicyArn) => {
      const [VersionId = ""] = inner(await ask("GetPolicy", { PolicyArn }), "DefaultVersionId");
      return inner(await ask("GetPolicyVersion", { PolicyArn, VersionId }), "Document");
    },
  );
  const documents = (await Promise.all([...inline, ...attached])).flat();
  const statements = documents
    .flatMap(statementsOf)
    .filter(({ Resource }) => resource === undefined || many(Resource).some((one) => covers(one, resource)));
  return actions.find((action) => {
    const saying = statements.filter(({ Action }) => many(Action).some((one) => covers(one, action)));
    return (
      !saying.some(({ Effect }) => Effect === "Allow") ||
      saying.some(({ Effect, Condition }) => Effect === "Deny" && Condition === undefined)
    );
  });
}

/** Whether an action or a resource of a policy, with its wildcards, stands for another. */
function covers(pattern: string, text: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "i").test(text);
}

/** What stands in each element of a name, in an answer of IAM's: documents are encoded as in an address. */
function inner(xml: string, name: string): string[] {
  return textsIn(xml, name).map(decodeURIComponent);
}

function statementsOf(document: string): readonly Statement[] {
  return many((JSON.parse(document) as { Statement?: Statement | readonly Statement[] }).Statement);
}

/** Whether a trust policy names a service. */
function trusts(document: string, service: string): boolean {
  const allows = ({ Effect, Action, Principal }: Statement) =>
    Effect === "Allow" &&
    many(Action).some((action) => action === "sts:AssumeRole" || action === "sts:*" || action === "*") &&
    (Principal === "*" || many(Principal?.Service).includes(service));
  return statementsOf(document).some(allows);
}

function many<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
