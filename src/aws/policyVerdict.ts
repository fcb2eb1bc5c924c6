import { isForService, listed, type PolicyStatement } from "./policyStatements";

/** What somebody wants to do, as a resource's policy judges it. */
export interface PolicyCall {
  /** Whether a statement's principal is them; undefined where that is not known. */
  readonly isWho: (principal: unknown) => Tri;
  /** Such as `sns:Publish`. */
  readonly action: string;
  /** The ARN of what the policy belongs to. */
  readonly resource: string;
  /** What is known of the calls, by the key of a condition in lower case: each value that one has, none for what none has. */
  readonly given: Readonly<Record<string, readonly string[]>>;
}

/** What a policy says to a call; `unknown` where a condition decides that nobody here can judge, `maybe-denied` a denial's. */
export type PolicyVerdict = "allowed" | "not-allowed" | "denied" | "maybe-denied" | "unknown";

/** What holds, what does not, and what cannot be told. */
type Tri = boolean | undefined;

/**
 * A service of AWS's, in its own name.
 *
 * @param service such as `cloudwatch.amazonaws.com`
 */
export const asService =
  (service: string): PolicyCall["isWho"] =>
  (principal) =>
    isForService(principal, service);

/** Some role of an account: a statement that names one of its roles may mean another. */
export const asRoleOf =
  (account: string): PolicyCall["isWho"] =>
  (principal) => {
    if (principal === "*") return true;
    const named = listed((principal as { AWS?: unknown } | undefined)?.AWS);
    if (named.some((one) => one === "*" || one === account || one.endsWith(`::${account}:root`))) return true;
    return named.some((one) => one.includes(`::${account}:`)) ? undefined : false;
  };

/**
 * Judges a resource's policy for a call. An explicit denial wins, and nothing allows by itself. Sources:
 * IAM's guide, "Policy evaluation logic" and "IAM JSON policy elements: Condition operators".
 */
export function verdictOf(policy: readonly PolicyStatement[], call: PolicyCall): PolicyVerdict {
  const of = (effect: string) =>
    any(policy.filter(({ Effect }) => Effect === effect).map((one) => appliesTo(one, call)));
  const [denied, allowed] = [of("Deny"), of("Allow")];
  if (denied !== false) return denied ? "denied" : "maybe-denied";
  if (allowed === undefined) return "unknown";
  return allowed ? "allowed" : "not-allowed";
}

/** Whether a statement is for a call, whatever its effect. */
function appliesTo(statement: PolicyStatement, { isWho, action, resource, given }: PolicyCall): Tri {
  const { Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition } = statement;
  return all([
    // Whom a statement leaves out it is not for; whom it is for then, IAM tells by more than their name.
    NotPrincipal === undefined ? isWho(Principal) : isWho(NotPrincipal) === true ? false : undefined,
    NotAction === undefined ? anyLike(Action, action, "i") : !anyLike(NotAction, action, "i"),
    NotResource === undefined
      ? Resource === undefined || anyLike(Resource, resource)
      : !anyLike(NotResource, resource),
    ...Object.entries((Condition ?? {}) as Readonly<Record<string, object>>).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, wanted]) => holds(operator, wanted, given[key.toLowerCase()])),
    ),
  ]);
}

/** Whether one condition holds for all that is given; undefined where it does for some alone, or is not known here. */
function holds(operator: string, wanted: unknown, given: readonly string[] | undefined): Tri {
  if (given === undefined) return undefined;
  const [, not, compared] =
    /^(?:String|Arn)(Not)?(Equals|EqualsIgnoreCase|Like)(?:IfExists)?$/.exec(operator) ?? [];
  // What is not there is unlike everything. Source: IAM's guide, "IAM JSON policy elements: Condition operators".
  if (given.length === 0) {
    if (operator === "Null") return words(wanted).includes("true");
    if (compared === undefined && !/^Bool/.test(operator)) return undefined;
    return not !== undefined || operator.endsWith("IfExists");
  }
  const each = given.map((value): Tri => {
    if (operator === "Null") return words(wanted).includes("false");
    if (/^Bool(IfExists)?$/.test(operator)) return words(wanted).includes(value);
    if (compared === undefined) return undefined;
    const found = operator.startsWith("Arn")
      ? any(listed(wanted).map((pattern) => arnLike(pattern, value)))
      : compared === "Like"
        ? anyLike(wanted, value)
        : compared === "Equals"
          ? words(wanted).includes(value)
          : words(wanted).some((one) => one.toLowerCase() === value.toLowerCase());
    return found === undefined ? undefined : found !== (not !== undefined);
  });
  return each.every((one) => one === each[0]) ? each[0] : undefined;
}

/** A value of a condition may be a JSON boolean. */
const words = (value: unknown): string[] => [value].flat().map(String);

function all(parts: readonly Tri[]): Tri {
  if (parts.includes(false)) return false;
  return parts.includes(undefined) ? undefined : true;
}

function any(parts: readonly Tri[]): Tri {
  if (parts.includes(true)) return true;
  return parts.includes(undefined) ? undefined : false;
}

/**
 * Whether a pattern is for an ARN, by both words of ARNs alike: each of the six parts between colons by itself, so no
 * wildcard reaches beyond one, and the last holds colons of its own. Undefined where the pattern is no ARN.
 * Source: IAM's guide, "ARN condition operators".
 */
function arnLike(pattern: string, arn: string): Tri {
  const [wanted, given] = [pattern, arn].map((text) => {
    const parts = text.split(":");
    return [...parts.slice(0, 5), parts.slice(5).join(":")];
  }) as [string[], string[]];
  if (!/^([^:]*:){5}/.test(pattern)) return undefined;
  return wanted.every((part, index) => anyLike(part, given[index] ?? ""));
}

/** Whether one of some patterns, with `*` and `?`, is for a text. */
function anyLike(patterns: unknown, text: string, flags = ""): boolean {
  return listed(patterns).some((pattern) => {
    const source = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${source.replaceAll("*", ".*").replaceAll("?", ".")}$`, `${flags}s`).test(text);
  });
}
