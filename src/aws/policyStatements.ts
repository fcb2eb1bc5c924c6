/** One statement of a resource's policy, as IAM writes it: every part may be a text or a list of them. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect?: string;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: unknown;
}

/** The statements of a policy, which is JSON; one alone needs no list. */
export function statementsIn<Statement extends PolicyStatement = PolicyStatement>(
  policy: string,
): readonly Statement[] {
  const { Statement = [] } = JSON.parse(policy) as { Statement?: Statement | readonly Statement[] };
  return Array.isArray(Statement) ? Statement : [Statement as Statement];
}

/** A part of a statement as a list of its texts. */
export const listed = (value: unknown): string[] =>
  [value].flat().filter((one): one is string => typeof one === "string");

/**
 * Whether a statement is for a service, or for everybody.
 *
 * @param service such as `sns.amazonaws.com`
 */
export function isForService(principal: unknown, service: string): boolean {
  if (principal === "*") return true;
  const { Service, AWS } = (principal ?? {}) as { Service?: unknown; AWS?: unknown };
  return listed(Service).includes(service) || listed(AWS).includes("*");
}
