import { z } from "zod";
import { showDuration } from "../../text/duration";
import { shell, words } from "../../text/markdown";
import { fromGoTime } from "../../text/moment";
import { tellWhere } from "../../text/problem";
import { definition, parameterised } from "../common";
import { kindOfGate } from "../kind";
import type { Order } from "../strength";
import { fail, inconclusive, pass, showTime } from "../verdict";

/** A date has passed. */
export const date = kindOfGate({
  schema: definition("date", {
    after: z
      .string()
      .overwrite(fromGoTime)
      .meta({
        description: `The moment that must have passed: a time, or a parameter that holds one. ${parameterised}`,
        examples: ["2027-03-01T00:00:00Z", "{sunset}"],
      }),
  }).describe("A date that people were told has passed. It is never scaled."),
  /** The clock of whoever measured. */
  sees: z.strictObject({ kind: z.literal("clock"), now: z.iso.datetime() }),
  phases: ["entry", "exit"],
  free: true,
  fill: (definition, fill) => ({ ...definition, after: String(fill(definition.after)) }),
  // A date that is none would keep the gate from ever passing.
  fieldErrors: (_, __, filled) =>
    tellWhere(filled !== undefined && !z.iso.datetime({ offset: true }).safeParse(filled.after).success, {
      path: ["after"],
      what: `must be a time, got ${JSON.stringify(filled?.after)}`,
      remedy: "Write a time such as 2027-03-01T00:00:00Z",
    }),
  strength: { after: later },
  required: ({ definition }) => `after ${showTime(definition.after)}`,
  measured: ({ after }) => ({
    how: `the clock has passed ${words(after)}; in UTC it is`,
    run: shell(["date -u +%FT%TZ"]),
  }),
  judge({ definition: { after } }, seen, { now }) {
    const date = Date.parse(after);
    // Whichever clock is behind: the date must have passed for both.
    const measured = Math.min(Date.parse(seen.now), now);
    if (!Number.isFinite(date))
      return inconclusive(
        `${after} is no time`,
        "Write a time such as 2027-03-01T00:00:00Z, or a parameter that holds one",
      );
    if (!Number.isFinite(measured)) return inconclusive("it is not known what time it is", "Measure again");
    if (measured >= date) return pass(`passed ${showDuration(measured - date)} ago`);
    return {
      ...fail(`still ${showDuration(date - measured)} ahead`, "Wait until the date has passed"),
      earliest: new Date(date).toISOString(),
    };
  },
});

/** A later date is stronger. One that a parameter holds has no date of its own. */
function later(was: unknown, now: unknown): ReturnType<Order> {
  const [before, after] = [Date.parse(String(was)), Date.parse(String(now))];
  const words = `waits for ${String(now)}, was ${String(was)}`;
  if (Number.isNaN(before) || Number.isNaN(after)) return { strength: "incomparable", words };
  if (before === after) return undefined;
  return { strength: after > before ? "stronger" : "weaker", words };
}
