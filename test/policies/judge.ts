import type { ReportViolation, ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import * as policyProxy from "@pulumi/policy/proxy";
import { TYPE } from "../../src/aws/names";
import { compliantStage } from "./fixture";

// The very proxy through which the engine's policies read inputs: not part of the package's types.
const { unknownCheckingProxy, unknownStringValue, UnknownValueError } = policyProxy as unknown as {
  unknownCheckingProxy: <T>(value: T) => T;
  unknownStringValue: string;
  UnknownValueError: new () => Error;
};

/** A value that a preview does not know yet. Reading it throws `UnknownValueError`. */
export const UNKNOWN = unknownStringValue;
export { UnknownValueError };

/** Values by dotted path. `undefined` takes the input away. */
export type Changes = Readonly<Record<string, unknown>>;

export interface Resource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly props: Record<string, unknown>;
}

export interface Run {
  readonly ignoreChanges?: string[];
  readonly config?: object;
}

/** What a rule says of one resource, a message each. */
export function violations(rule: ResourceValidationPolicy, resource: Resource, run: Run = {}): string[] {
  const messages: string[] = [];
  const report: ReportViolation = (message) => void messages.push(message);
  const args = {
    ...resource,
    props: unknownCheckingProxy(resource.props),
    opts: {
      protect: false,
      ignoreChanges: run.ignoreChanges ?? [],
      aliases: [],
      additionalSecretOutputs: [],
    },
    getConfig: () => run.config ?? {},
  } as unknown as ResourceValidationArgs;
  const validations = [rule.validateResource ?? []].flat();
  if (validations.length !== 1) throw new Error(`${rule.name} has ${validations.length} validations`);
  for (const validate of validations) {
    if (validate(args, report) instanceof Promise)
      throw new Error("a rule that is awaited needs another test");
  }
  return messages;
}

/** What a rule says of the compliant stage with some inputs changed. */
export function stageViolations(
  rule: ResourceValidationPolicy,
  changes: Changes = {},
  run: Run = {},
): string[] {
  return violations(rule, stageResource(changes), run);
}

export function stageResource(changes: Changes = {}): Resource {
  return {
    type: TYPE.stage,
    name: "stageB",
    urn: `urn:pulumi:stageB::ops-view::${TYPE.stage}::stageB`,
    props: changed(compliantStage(), changes),
  };
}

/** A copy with the changes made. A path that leads nowhere is a mistake of the test. */
export function changed(base: object, changes: Changes): Record<string, unknown> {
  const copy = structuredClone(base) as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split(".");
    const last = keys.pop() as string;
    let target: Record<string, unknown> = copy;
    for (const key of keys) {
      const next = target[key];
      if (typeof next !== "object" || next === null) throw new Error(`no ${path} in the fixture`);
      target = next as Record<string, unknown>;
    }
    if (value === undefined) delete target[last];
    else target[last] = value;
  }
  return copy;
}
