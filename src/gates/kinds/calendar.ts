import { z } from "zod";
import { DAY_MS } from "../../text/duration";
import { shell } from "../../text/markdown";
import { type Freeze, freeze, NO_CALENDAR, openWindow, calendar as schedule } from "../calendar";
import { definition } from "../common";
import { type GateOf, kindOfGate } from "../kind";
import { closedAt, closedForAYear, opensAt, type Schedule } from "../opening";
import { type Change, demanded, inAnyOrder } from "../strength";
import { fail, inconclusive, pass, showTime } from "../verdict";
import type { Span } from "../window";

/** It is a time at which flags may go up: within a window, on no holiday, and in no freeze. */
export const calendar = kindOfGate({
  schema: definition("calendar", {
    windows: z.array(openWindow).min(1).optional().meta({
      description:
        "The hours in which the stage may be promoted, in the zone of the rollout's `calendar`. None are on its holidays.",
    }),
    freezes: z
      .array(freeze)
      .min(1)
      .optional()
      .meta({ description: "Times in which it may not be, each with an end." }),
  })
    .refine(({ windows, freezes }) => windows !== undefined || freezes !== undefined, {
      message: "at least one of windows, freezes: without them it would hold at any time",
    })
    .describe(
      "It is a time at which flags may go up, on the clock: never scaled, and asked once more right before the flip. Nothing that lowers flags asks it.",
    ),
  /** The clock of whoever measured. */
  sees: z.strictObject({ kind: z.literal("hour"), now: z.iso.datetime() }),
  facts: {
    /** The zone of its windows, and the days that have none. */
    hours: schedule.optional(),
  },
  phases: ["entry"],
  free: true,
  bind: (_, { rollout: { calendar } }) => (calendar ? { hours: calendar } : {}),
  fieldErrors(definition, { rollout: { calendar }, promoted: { entry } }) {
    const { windows, freezes } = definition;
    if (windows && !calendar)
      return [{ path: ["windows"], ...NO_CALENDAR, what: "has no zone: the rollout has no calendar" }];
    const when = { windows, freezes, calendar };
    const closed = closedForAYear(when) ?? closedForAYear(when, othersBefore(definition, entry, calendar));
    return closed ? [{ path: [windows ? "windows" : "freezes"], ...closed }] : [];
  },
  strength: {
    windows: inAnyOrder(demanded("no longer keeps to windows", "windows")),
    freezes: frozen,
  },
  required: (gate) => showSchedule(scheduleOf(gate)),
  measured: (_, __, { hours }) => ({
    how: "the clock, as this line shows it; flags may come down at any time",
    run: shell([`TZ=${hours?.zone ?? "UTC"} date`]),
  }),
  opensAt: (gate, at) => opensAt(scheduleOf(gate), at),
  clock: {
    always: (definition) => ({ ...definition, windows: undefined, freezes: [PAST] }),
    never: (definition, now) => ({
      ...definition,
      freezes: [
        {
          from: timeAt(now - DAY_MS),
          until: timeAt(now + DAY_MS),
          reason: "Nothing goes up in this rehearsal",
        },
      ],
    }),
  },
  judge(gate, seen, { now }) {
    const when = scheduleOf(gate);
    const measured = Date.parse(seen.now);
    if (!Number.isFinite(measured) || !Number.isFinite(now))
      return inconclusive("it is not known what time it is", "Measure again");
    // Whichever clock is wrong: it must be open by both, and still be when the flags go up.
    const closed = [measured, now].find((at) => closedAt(when, at) !== undefined);
    if (closed === undefined) return pass(`${showTime(timeAt(now))} is within them`);
    const observed = `${showTime(timeAt(closed))} is ${closedAt(when, closed)}`;
    const opens = opensAt(when, Math.max(measured, now));
    if (opens === undefined)
      return inconclusive(
        `${observed}, and no time comes within a year`,
        "Correct windows and freezes, and calendar: in cutover:rollout",
      );
    return { ...fail(observed, "Wait until it is time"), earliest: timeAt(opens) };
  },
});

/** Freezes go by when they hold, whatever their reason: a former one that is wholly within others is kept. */
function frozen(was: unknown, now: unknown): Change | undefined {
  const [before, after] = [was, now].map((list) => spansOf((list ?? []) as Freeze[])) as [Span[], Span[]];
  const [lost, more] = [beyond(before, after), beyond(after, before) > 0];
  if (lost === 0) return more ? { strength: "stronger", words: "freezes for longer" } : undefined;
  return {
    strength: more ? "incomparable" : "weaker",
    words: `no longer has ${lost === 1 ? "a freeze" : `${lost} freezes`} that it had (${after.length} left)`,
  };
}

const spansOf = (freezes: readonly Freeze[]): Span[] =>
  freezes
    .map(({ from, until }) => ({ from: Date.parse(from), to: Date.parse(until) }))
    .sort((one, other) => one.from - other.from);

/** How many of these are not wholly within others, which follow each other by when they begin. */
const beyond = (spans: readonly Span[], others: readonly Span[]) =>
  spans.filter(
    ({ from, to }) =>
      !(others.reduce((end, one) => (one.from <= end ? Math.max(end, one.to) : end), from) >= to),
  ).length;

/** Sandboxes and rehearsals are on no day of the week. */
const PAST = {
  from: "2000-01-01T00:00:00Z",
  until: "2000-01-02T00:00:00Z",
  reason: "Long over: a sandbox knows no days",
};

const timeAt = (ms: number) => new Date(ms).toISOString();

const scheduleOf = ({ definition, hours }: GateOf<Schedule, { hours?: Schedule["calendar"] }>): Schedule => ({
  ...definition,
  calendar: hours,
});

type Entry = Readonly<Record<string, object>>;

/** The hours of the gates that stand before this one at the same entry, those that open at all: it is told of each once. */
function othersBefore(own: object, entry: Entry, hours: Schedule["calendar"]): Record<string, Schedule> {
  const all = Object.entries(entry);
  const before = all.slice(
    0,
    all.findIndex(([, one]) => one === own),
  );
  return Object.fromEntries(
    before.flatMap(([id, one]): [string, Schedule][] => {
      const found = calendar.schema.safeParse(one).data;
      return found && !closedForAYear({ ...found, calendar: hours })
        ? [[id, { ...found, calendar: hours }]]
        : [];
    }),
  );
}

function showSchedule({ windows = [], freezes = [], calendar }: Schedule): string {
  const hours = windows.map(({ days, from, to }) => `${days.join(", ")} ${from} to ${to}`).join("; ");
  const holidays = calendar?.holidays?.length ? ", holidays left out" : "";
  const frozen = freezes.map(
    ({ from, until, reason }) => `from ${showTime(from)} until ${showTime(until)} (${reason})`,
  );
  return [
    ...(hours === "" ? [] : [`${hours} in ${calendar?.zone ?? "?"}${holidays}`]),
    ...(frozen.length === 0 ? [] : [`not ${frozen.join(", nor ")}`]),
  ].join("; ");
}
