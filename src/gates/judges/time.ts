import { ofStage } from "../../text/command";
import { milliseconds, showDuration } from "../../text/duration";
import type { DateGate, DrillGate, Gate } from "../gate";
import { soakEndOnClock } from "../soakEnd";
import {
  CLOCK_SKEW_MS,
  type Found,
  fail,
  inconclusive,
  type JudgeContext,
  pass,
  type SeenOf,
  showTime,
} from "../verdict";

/** How long the live stage has been live. */
export function judgeSoak(gate: Gate, seen: SeenOf<"occupancy">, { now, timeScale }: JudgeContext): Found {
  const since = Date.parse(seen.since);
  const elapsed = (now - since) * timeScale;
  const soaks = gate.soaks ?? [];
  if (soaks.length === 0)
    return inconclusive("the gate demands no time at all", "Write atLeast, or soak in the predecessor");
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
  const ends = soaks.map((length) => soakEndOnClock(length, since, gate.calendar, timeScale));
  if (ends.some((end) => end === undefined || !Number.isFinite(end))) {
    return inconclusive(
      `${observed}; the calendar never completes ${soaks.join(" and ")}`,
      "Correct calendar: in cutover:rollout",
    );
  }
  const end = Math.max(...(ends as number[]));
  if (!(end > since))
    return inconclusive("the gate demands no time at all", "Write atLeast, or soak in the predecessor");
  if (now >= end) return pass(observed);
  const earliest = timeAt(end);
  return { ...fail(observed, "Wait until the soak is over"), ...(earliest ? { earliest } : {}) };
}

/** A moment as ISO 8601, or nothing where no calendar has it. */
function timeAt(ms: number): string | undefined {
  const time = new Date(Math.ceil(ms));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** When, and how fast, the abort path was last tried. */
export function judgeDrill(
  gate: Gate,
  definition: DrillGate,
  seen: SeenOf<"drill">,
  { now }: JudgeContext,
): Found {
  const wanted = gate.drill;
  if (!wanted)
    return inconclusive("there is no live stage to drill", "Measure again with this version of cutover");
  const again = `Drill again: ${ofStage(wanted, "drill", wanted.stage)}; the soak starts anew with it`;
  const which = `deployment ${seen.deployment}`;
  if (seen.rollout !== wanted.rollout || seen.stage !== wanted.stage)
    return fail(`${which} was a drill of ${seen.rollout} ${seen.stage}`, again);
  const ended = Date.parse(seen.completedAt ?? "");
  const age = now - ended;
  if (!(age >= -CLOCK_SKEW_MS)) return inconclusive(`${which}: it is not known when it was completed`, again);
  const took = ended - Date.parse(seen.breachAt ?? "");
  if (!(took >= -CLOCK_SKEW_MS)) return inconclusive(`${which}: it is not known when it began`, again);
  const observed = `${showDuration(Math.max(0, took))}, ${showDuration(Math.max(0, age))} ago`;
  if (age > milliseconds(definition.maxAge)) return fail(observed, again);
  if (!(took < milliseconds(definition.within)))
    return fail(
      observed,
      `Find out which part of the path is slow, as a drill tells of each: ${ofStage(wanted, "drill", wanted.stage)}`,
    );
  return pass(observed);
}

/** A date that must have passed. */
export function judgeDate(definition: DateGate, seen: SeenOf<"clock">, { now }: JudgeContext): Found {
  const date = Date.parse(definition.after);
  // Whichever clock is behind: the date must have passed for both.
  const measured = Math.min(Date.parse(seen.now), now);
  if (!Number.isFinite(date))
    return inconclusive(
      `${definition.after} is no time`,
      "Write a time such as 2027-03-01T00:00:00Z, or a parameter that holds one",
    );
  if (!Number.isFinite(measured)) return inconclusive("it is not known what time it is", "Measure again");
  if (measured >= date) return pass(`passed ${showDuration(measured - date)} ago`);
  return {
    ...fail(`still ${showDuration(date - measured)} ahead`, "Wait until the date has passed"),
    earliest: new Date(date).toISOString(),
  };
}
