import { z } from "zod";
import { ofStage } from "../../text/command";
import { showDuration } from "../../text/duration";
import { shell } from "../../text/markdown";
import { calendar, NO_CALENDAR } from "../calendar";
import { definition, soakLength, someSoak } from "../common";
import { kindOfGate } from "../kind";
import { soakEndOnClock } from "../soakEnd";
import { atLeast } from "../strength";
import { fail, inconclusive, pass, sameTime, showTime } from "../verdict";

const soaks = (atLeast: string | undefined, soak: string | undefined) => [
  ...new Set([soak, atLeast].filter((length) => length !== undefined)),
];

/** The predecessor has been live, without a break, for its soak. */
export const soak = kindOfGate({
  schema: definition("soak", {
    atLeast: someSoak.optional().meta({
      description: "Demanded beside the predecessor's own soak: both must be over.",
      examples: ["24h"],
    }),
  }).describe(
    "The predecessor has been live, without a break, for at least its soak. An abort, or any other deployment that changes flags, starts it anew; a drill, a stop and a hold do not.",
  ),
  sees: z.strictObject({
    kind: z.literal("occupancy"),
    stage: z.string(),
    since: z.iso.datetime(),
    deployment: z.number().int(),
  }),
  facts: {
    /** Every length that must be over, and the calendar that business cycles are counted by. */
    soaks: z.array(soakLength).optional(),
    calendar: calendar.optional(),
  },
  phases: ["entry"],
  free: true,
  soaks: ({ atLeast }, soak) => soaks(atLeast, soak),
  bind: ({ atLeast }, { rollout, line }) => ({
    soaks: soaks(atLeast, line.at(-1)?.soak),
    ...(rollout.calendar ? { calendar: rollout.calendar } : {}),
  }),
  fieldErrors: ({ atLeast }, { rollout }) =>
    rollout.calendar || !atLeast?.includes("business") ? [] : [{ path: ["atLeast"], ...NO_CALENDAR }],
  strength: { atLeast: atLeast("demands") },
  required: ({ soaks = [] }) => `≥ ${soaks.join(" and ") || "?"} without a break`,
  measured: (_, { place, before }) => ({
    how: "read from the ledger",
    ...(before === undefined ? {} : { run: shell([ofStage(place, "status", before)]) }),
  }),
  misses(_, seen, { liveSince, liveDeployment }) {
    if (seen.deployment !== liveDeployment)
      return `the soak of deployment ${seen.deployment}, but deployment ${liveDeployment} is live`;
    return sameTime(seen.since, liveSince)
      ? undefined
      : `a soak since ${showTime(seen.since)}, but the flags are live since ${showTime(liveSince)}`;
  },
  judge({ soaks = [], calendar }, seen, { now, timeScale }) {
    const since = Date.parse(seen.since);
    const elapsed = (now - since) * timeScale;
    const timeless = () =>
      inconclusive("the gate demands no time at all", "Write atLeast, or soak in the predecessor");
    if (soaks.length === 0) return timeless();
    if (!Number.isFinite(elapsed))
      return inconclusive(
        "it is not known since when the flags are live",
        "Look at the ledger: cutover status",
      );
    if (elapsed < 0)
      return inconclusive(
        `${seen.stage} went live in the future (${seen.since})`,
        "Set this machine's clock right",
      );
    const observed = `${seen.stage} live for ${showDuration(elapsed)}, since ${showTime(seen.since)}`;
    const ends = soaks.map((length) => soakEndOnClock(length, since, calendar, timeScale));
    if (ends.some((end) => end === undefined || !Number.isFinite(end))) {
      return inconclusive(
        `${observed}; the calendar never completes ${soaks.join(" and ")}`,
        "Correct calendar: in cutover:rollout",
      );
    }
    const end = Math.max(...(ends as number[]));
    if (!(end > since)) return timeless();
    if (now >= end) return pass(observed);
    const earliest = timeAt(end);
    return { ...fail(observed, "Wait until the soak is over"), ...(earliest ? { earliest } : {}) };
  },
});

export type SoakGate = z.infer<typeof soak.schema>;

/** A moment as ISO 8601, or nothing where no calendar has it. */
function timeAt(ms: number): string | undefined {
  const time = new Date(Math.ceil(ms));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
