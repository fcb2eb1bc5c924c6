import { z } from "zod";
import { PHASES, rowId } from "./common";
import { type NamedSource, rolesOfSource } from "./elsewhere/source";
import type { GateKind } from "./kind";
import { sharedGate } from "./kinds/shared";
import type { Seen } from "./observation";
import { type DefinitionSchema, type FactShapes, KINDS, type Source } from "./registry";

const schemas = Object.values(KINDS).map(({ schema }) => schema) as [DefinitionSchema, ...DefinitionSchema[]];

/** What must hold before a promotion, by where the evidence comes from. */
export const gateDefinition = z.discriminatedUnion("source", schemas);

export type GateDefinition = z.infer<typeof gateDefinition>;

/** Gates that stages share, by their row ids. */
export const gateMap = z.record(rowId, gateDefinition);

/** A stage's gates by their row ids, some of them shared with other stages. */
export const stageGateMap = z.record(rowId, z.discriminatedUnion("source", [...schemas, sharedGate]));
export type StageGates = z.infer<typeof stageGateMap>;

/**
 * A gate as one promotion is held to it: the definition with everything filled in that the rollout decides
 * (parameters, the soak that really applies), so that its hash covers all that the verdict depends on.
 */
export const gate = z.strictObject({
  id: z.string(),
  /** The stage's own `entry`, its predecessor's `exit`, or the `smoke` checks after the flip. */
  phase: z.enum(PHASES),
  /** The stage in whose config the gate is written. */
  stage: z.string(),
  definition: gateDefinition,
  ...(Object.assign({}, ...Object.values(KINDS).map(({ facts }) => facts)) as FactShapes),
});

export type Gate = z.infer<typeof gate>;
export type Facts = Omit<Gate, "id" | "phase" | "stage" | "definition">;

/** The kind of a gate. Each stands under the name in its own schema, so that it gets gates of its own alone. */
export function kindOf({ source }: { readonly source: Source }): GateKind<GateDefinition, Facts, Seen> {
  return KINDS[source];
}

/** The roles whose tokens looking at a gate sends: as its requests say, or in the headers of the source that it asks. */
export function rolesOf(
  definition: GateDefinition,
  sources: Readonly<Record<string, NamedSource>> = {},
): readonly string[] | "any" {
  const { roles, asksSource } = kindOf(definition);
  return asksSource ? rolesOfSource(sources[asksSource(definition)]) : (roles?.(definition) ?? []);
}

/** Whether a role's bearer token may be sent to the service, be it by the gate's known-bad probe. */
export function sendsToken(definition: GateDefinition): boolean {
  const { roles, probe } = kindOf(definition);
  return [definition, probe?.(definition)].some((one) => one && (roles?.(one) ?? []).length > 0);
}
