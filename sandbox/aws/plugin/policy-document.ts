import { checkProps, list, object, type Specs, text, type Values } from "../../plugin/spec";
import type { Props } from "../../plugin/values";

const principal = object({ type: text().required(), identifiers: list(text()).required() });

const statement = object({
  sid: text(),
  effect: text().default("Allow").oneOf("Allow", "Deny"),
  actions: list(text()),
  notActions: list(text()),
  resources: list(text()),
  notResources: list(text()),
  principals: list(principal),
  notPrincipals: list(principal),
  conditions: list(
    object({ test: text().required(), variable: text().required(), values: list(text()).required() }),
  ),
});

const inputs = {
  policyId: text(),
  version: text().default("2012-10-17"),
  statements: list(statement),
} satisfies Specs;

interface Principal {
  readonly type: string;
  readonly identifiers: readonly string[];
}
interface Condition {
  readonly test: string;
  readonly variable: string;
  readonly values: readonly string[];
}

/** `aws.iam.getPolicyDocument`: writes down a policy that a program gives in parts. */
export function policyDocument(args: Props): Props {
  const { props, failures } = checkProps(inputs, args, "aws:iam/getPolicyDocument:getPolicyDocument");
  if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
  const { version, policyId, statements = [] } = props as Values<typeof inputs>;
  const document = {
    Version: version,
    Id: policyId,
    Statement: statements.map((given) => written(given as unknown as Props)),
  };
  const json = JSON.stringify(document, undefined, 2);
  const minifiedJson = JSON.stringify(document);
  return { ...props, id: minifiedJson, json, minifiedJson };
}

function written(given: Props): Props {
  return {
    Sid: given.sid,
    Effect: given.effect,
    Principal: principals(given.principals as Principal[] | undefined),
    NotPrincipal: principals(given.notPrincipals as Principal[] | undefined),
    Action: single(given.actions),
    NotAction: single(given.notActions),
    Resource: single(given.resources),
    NotResource: single(given.notResources),
    Condition: conditions(given.conditions as Condition[] | undefined),
  };
}

/** A list of one is written as the thing itself, as AWS does. */
function single(values: unknown): unknown {
  return Array.isArray(values) && values.length === 1 ? values[0] : values;
}

function principals(given: readonly Principal[] | undefined): unknown {
  if (given === undefined) return undefined;
  if (given.some(({ type }) => type === "*")) return "*";
  const byType: Record<string, string[]> = {};
  for (const { type, identifiers } of given) byType[type] = [...(byType[type] ?? []), ...identifiers];
  return Object.fromEntries(Object.entries(byType).map(([type, all]) => [type, single(all)]));
}

function conditions(given: readonly Condition[] | undefined): unknown {
  if (given === undefined) return undefined;
  const byTest: Record<string, Props> = {};
  for (const { test, variable, values } of given) {
    byTest[test] = { ...byTest[test], [variable]: single(values) };
  }
  return byTest;
}
