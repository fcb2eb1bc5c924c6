import type { Scope } from "../call";
import { type Upstream, UpstreamError } from "../upstream";

interface Statement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Principal?: "*" | { readonly Service?: string | readonly string[] };
}

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
  const parameters = { Action: "GetRole", Version: "2010-05-08", RoleName: roleArn.split("/").at(-1) ?? "" };
  let said: string;
  try {
    said = await upstream.query("iam", parameters, scope);
  } catch (error) {
    if (error instanceof UpstreamError) return false;
    throw error;
  }
  const document = /<AssumeRolePolicyDocument>(.*?)<\/AssumeRolePolicyDocument>/s.exec(said)?.[1] ?? "";
  return trusts(decodeURIComponent(document), service);
}

/** Whether a trust policy names a service. */
function trusts(document: string, service: string): boolean {
  const { Statement } = JSON.parse(document) as { Statement?: Statement | readonly Statement[] };
  const allows = ({ Effect, Action, Principal }: Statement) =>
    Effect === "Allow" &&
    many(Action).some((action) => action === "sts:AssumeRole" || action === "sts:*" || action === "*") &&
    (Principal === "*" || many(Principal?.Service).includes(service));
  return many(Statement).some(allows);
}

function many<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
