import { z } from "zod";
import { cutover, ofStack, ofStage, type Place } from "../../text/command";
import { quoted, shell } from "../../text/markdown";
import { word } from "../../text/shell";
import { definition, PHASES, text, timeout, writes } from "../common";
import { kindOfGate } from "../kind";
import { atMost } from "../strength";
import { fail, pass } from "../verdict";

/** When its requests are sent. */
const WHEN = {
  entry: "measured with all gates before the flip",
  exit: "measured with the stage's other exit gates",
  smoke: "it runs right after the flip, as a part of the promotion",
} as const;

/** What makes it run. */
const TYPED = {
  entry: (place: Place, stage: string) => cutover(place, "status", `-s ${word(stage)}`, "--gates"),
  exit: (place: Place, stage: string) => ofStage(place, "check", stage),
  smoke: (place: Place, stage: string) => ofStack(place, "up", stage),
} as const;

/** A sequence of requests, written in TypeScript in checks.ts of the rollout. */
export const check = kindOfGate({
  schema: definition("check", {
    check: text.meta({
      description: "The check's name in checks.ts of this rollout.",
      examples: ["role-scoping"],
    }),
    writes,
    timeout: timeout("30s"),
  }).describe("A sequence of requests with its own assertions, which cleans up what it creates."),
  /** What it found; its own words, and no secret among them. */
  sees: z.strictObject({ kind: z.literal("check"), holds: z.boolean(), said: z.string() }),
  phases: PHASES,
  byCode: ({ check }) => check,
  writes: ({ writes }) => writes === true,
  roles: () => "any",
  strength: { timeout: atMost("may take") },
  required: ({ definition }) => `the check ${definition.check} holds`,
  measured: ({ check, writes }, { place }, { phase, stage }) => ({
    how: `the check ${quoted(check)} in checks.ts of the rollout${writes ? ", which changes something in the app" : ""}; ${WHEN[phase]}`,
    run: shell([TYPED[phase](place, stage)]),
  }),
  judge: (_, { holds, said }) => (holds === true ? pass(said) : fail(said, "Mend what the check found")),
});

export type CheckGate = z.infer<typeof check.schema>;
