import * as z from "zod";
import { checkProps, type Inputs, type Values } from "../../plugin/spec";
import type { Props } from "../../plugin/values";

const principal = z.object({ type: z.string(), identifiers: z.array(z.string()) });

const condition = z.object({ test: z.string(), variable: z.string(), values: z.array(z.string()) });

const statement = z.object({
  sid: z.string().optional(),
  effect: z.enum(["Allow", "Deny"]).default("Allow"),
  actions: z.array(z.string()).optional(),
  notActions: z.array(z.string()).optional(),
  resources: z.array(z.string()).optional(),
  notResources: z.array(z.string()).optional(),
  principals: z.array(principal).optional(),
  notPrincipals: z.array(principal).optional(),
  conditions: z.array(condition).optional(),
});

const inputs = {
  policyId: z.string().optional(),
  version: z.string().default("2012-10-17"),
  statements: z.array(statement).optional(),
} satisfies Inputs;

/** `aws.iam.getPolicyDocument`: writes down a policy that a program gives in parts. */
export function policyDocument(args: Props): Props {
  const { props, failures } = checkProps(inputs, args, "aws:iam/getPolicyDocument:getPolicyDocument");
  if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
  const { version, policyId, statements = [] } = props as Values<typeof inputs>;
  const document = {
    Version: version,
    Id: policyId,
    Statement: statements.map(written),
  };
  const json = JSON.stringify(document, undefined, 2);
  const minifiedJson = JSON.stringify(document);
  return { ...props, id: minifiedJson, json, minifiedJson };
}

function written(given: z.output<typeof statement>): Props {
  return {
    Sid: given.sid,
    Effect: given.effect,
    Principal: principals(given.principals),
    NotPrincipal: principals(given.notPrincipals),
    Action: single(given.actions),
    NotAction: single(given.notActions),
    Resource: single(given.resources),
    NotResource: single(given.notResources),
    Condition: conditions(given.conditions),
  };
}

/** A list of one is written as the thing itself, as AWS does. */
function single(values: unknown): unknown {
  return Array.isArray(values) && values.length === 1 ? values[0] : values;
}

function principals(given: z.output<typeof principal>[] | undefined): unknown {
  if (given === undefined) return undefined;
  if (given.some(({ type }) => type === "*")) return "*";
  const byType: Record<string, string[]> = {};
  for (const { type, identifiers } of given) byType[type] = [...(byType[type] ?? []), ...identifiers];
  return Object.fromEntries(Object.entries(byType).map(([type, all]) => [type, single(all)]));
}

function conditions(given: z.output<typeof condition>[] | undefined): unknown {
  if (given === undefined) return undefined;
  const byTest: Record<string, Props> = {};
  for (const { test, variable, values } of given) {
    byTest[test] = { ...byTest[test], [variable]: single(values) };
  }
  return byTest;
}
