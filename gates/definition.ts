import { z } from "zod";
import { duration } from "../model/duration";
import { expectation } from "./expectation";

/** A row's id in SPEC's and the runbook's sense (`A1`, `XB2`): the key under which config, reports and tests name it. */
export const rowId = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9-]{0,23}$/,
    "a row id: a letter, then up to 23 letters, digits or dashes, such as A1 or XB2",
  );

const common = {
  title: z
    .string()
    .min(3)
    .max(120)
    .meta({ description: "What must hold, in a few words. Shown in reports." }),
  remedy: z
    .string()
    .max(300)
    .optional()
    .meta({
      description: "What a person does when the gate does not pass. A general hint is shown without it.",
    }),
};

/** The predecessor has been live, without a break, for its soak. */
const soakGate = z
  .strictObject({
    source: z.literal("soak"),
    ...common,
    atLeast: duration.optional().meta({
      description: "Overrides the predecessor's soak where longer; a shorter one has no effect.",
      examples: ["24h"],
    }),
  })
  .meta({
    description:
      "The predecessor has been live, without a break, for at least its soak. An abort, or any other deployment, starts it anew.",
  });

/** One statement that yields one value. */
const sqlGate = z
  .strictObject({
    source: z.literal("sql"),
    ...common,
    query: z
      .string()
      .min(1)
      .meta({
        description:
          "One SELECT that yields one row with one column. Runs in a read-only transaction as the gate role.",
        examples: ["select count(*) from patches where workspace_id = $1"],
      }),
    values: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .default([])
      .meta({
        description:
          "Values for $1, $2 … in the query. `{name}` is replaced by the rollout's parameter of that name.",
        examples: [["{workspace}"]],
      }),
    expect: expectation,
    timeout: duration
      .default("5s")
      .meta({
        description: "How long the statement may run before the gate counts as inconclusive.",
        examples: ["5s"],
      }),
  })
  .meta({ description: "A value read from the database." });

/** What must hold before a promotion, by where the evidence comes from. */
export const gateDefinition = z.discriminatedUnion("source", [soakGate, sqlGate]);

export type GateDefinition = z.infer<typeof gateDefinition>;
export type SoakGate = z.infer<typeof soakGate>;
export type SqlGate = z.infer<typeof sqlGate>;

/** Gates by their row ids. */
export const gateMap = z.record(rowId, gateDefinition);

/**
 * A gate as one promotion is held to it: the definition with everything filled in that the rollout decides
 * (parameters, the soak that really applies), so that its hash covers all that the verdict depends on.
 */
export interface Gate {
  readonly id: string;
  /** The stage's own `entry`, or its predecessor's `exit`. */
  readonly phase: "entry" | "exit";
  /** The stage in whose config the gate is written. */
  readonly stage: string;
  readonly definition: GateDefinition;
}
