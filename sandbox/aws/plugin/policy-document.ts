import * as z from "zod";
import { checkProps, type Inputs, type Values } from "../../plugin/spec";
import type { Props } from "../../plugin/values";

const principal = z.object({ type: z.string(), identifiers: z.array(z.string()) });

const statement = z.object({
  sid: z.string().optional(),
  effect: z.enum(["Allow", "Deny"]).default("Allow"),
  actions: z.array(z.string()).optional(),
  notActions: z.array(z.string()).optional(),
  resources: z.array(z.string()).optional(),
  notResources: z.array(z.string()).optional(),
  principals: z.array(principal).optional(),
  notPrincipals: z.array(principal).optional(),
  conditions: z
    .array(z.object({ test: z.string(), variable: z.string(), values: z.array(z.string()) }))
    .optional(),
});

const inputs = {
  policyId: z.string().optional(),
  version: z.string().default("2012-10-17"),
  statements: z.array(statement).optional(),
} satisfies Inputs;

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
