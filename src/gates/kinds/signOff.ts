import { z } from "zod";
import { signOffLines } from "../../text/command";
import { shell } from "../../text/markdown";
import { definition } from "../common";
import { kindOfGate } from "../kind";
import { another } from "../strength";
import { fail, inconclusive, pass, sameTime, showTime } from "../verdict";

/** A person's statement in the stage's `signOffs`. */
export const signOff = kindOfGate({
  schema: definition("signOff", {}).describe(
    "A person has stated it, under the same id in signOffs of the stage to be promoted.",
  ),
  sees: z.strictObject({
    kind: z.literal("signOff"),
    by: z.string(),
    at: z.iso.datetime(),
    statement: z.string(),
    attempt: z.number().int(),
    link: z.string().optional(),
    expires: z.iso.datetime().optional(),
    /** Since when what it speaks of is live: an earlier statement cannot speak of it. */
    liveSince: z.iso.datetime(),
  }),
  phases: ["entry", "exit"],
  byPerson: true,
  undone: "Ask for a statement, and put it under signOffs",
  free: true,
  // The title is all that is signed: whether another one asks for as much, nobody but a person can say.
  strength: { title: another("statement to sign") },
  required: () => "a statement for this attempt, made since the stage is live, not expired",
  measured(_, { place, promotes, told }, { id }) {
    const how = "a person states it, in a pull request";
    const lines = promotes.flatMap(({ name, attempt }) => signOffLines(place, name, id, attempt));
    return lines.length === 0
      ? { how }
      : { how, run: shell([...lines, ...(told === undefined ? [] : [told])]) };
  },
  misses: (_, seen, { liveSince }) =>
    sameTime(seen.liveSince, liveSince)
      ? undefined
      : `held against ${showTime(seen.liveSince)}, but the flags are live since ${showTime(liveSince)}`,
  judge(_, seen, { now, attempt }) {
    const at = Date.parse(seen.at);
    const said = `${seen.by}, ${showTime(seen.at)}: ${seen.statement}`;
    const again = "Ask for a new statement, made now, and put it under signOffs";
    if (seen.attempt !== attempt) return fail(`made for attempt ${seen.attempt} (${said})`, again);
    if (!(at <= now)) return fail(`dated in the future (${said})`, again);
    if (!(at >= Date.parse(seen.liveSince)))
      return fail(`made before the stage went live at ${showTime(seen.liveSince)} (${said})`, again);
    if (seen.expires !== undefined && !(Date.parse(seen.expires) > now))
      return fail(`expired at ${showTime(seen.expires)} (${said})`, again);
    if (seen.by.trim() === "" || seen.statement.trim() === "")
      return inconclusive("it does not say who states what", again);
    return pass(said);
  },
});
