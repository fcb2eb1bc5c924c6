import { z } from "zod";
import { duration } from "../../text/duration";
import { quoted } from "../../text/markdown";
import { definition, NEEDS_SERVICE, PHASES, text, writes } from "../common";
import { kindOfGate, lacking } from "../kind";
import { atMost } from "../strength";
import { fail, pass } from "../verdict";

/** A sequence of requests, written in TypeScript in checks.ts of the rollout. */
export const check = kindOfGate({
  schema: definition("check", {
    check: text.meta({
      description: "The check's name in checks.ts of this rollout.",
      examples: ["role-scoping"],
    }),
    writes,
    timeout: duration
      .default("30s")
      .meta({ description: "After this the gate is inconclusive.", examples: ["30s"] }),
  }).describe("A sequence of requests with its own assertions, which cleans up what it creates."),
  /** What it found; its own words, and no secret among them. */
  sees: z.strictObject({ kind: z.literal("check"), holds: z.boolean(), said: z.string() }),
  phases: PHASES,
  byCode: true,
  writes: ({ writes }) => writes === true,
  // It may send any of them.
  sendsToken: () => true,
  slips: (_, { rollout }) => lacking(rollout.service !== undefined, NEEDS_SERVICE),
  strength: { timeout: atMost("may take") },
  required: ({ definition }) => `the check ${definition.check} holds`,
  measured: ({ check, writes }) => ({
    how: `the smoke check ${quoted(check)}${writes ? ", which changes something in the app" : ""}`,
  }),
  judge: (_, { holds, said }) => (holds === true ? pass(said) : fail(said, "Mend what the check found")),
});

export type CheckGate = z.infer<typeof check.schema>;
