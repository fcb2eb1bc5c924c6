import type { Behaviour } from "./behaviour";
import { type AlarmCase, alarmOver, once } from "./cases";
import { MINUTE, SECOND } from "./world/clock";
import { type Course, type Happening, opsView } from "./world/opsView";

interface Case extends Omit<AlarmCase, "published"> {
  readonly course: Course;
}

const tens = (usual: Happening, besides: Course["besides"] = {}): Course => ({
  ...{ forMs: 5 * MINUTE, everyMs: 10 * SECOND, usual, besides },
});
/** In the interval that has just ended; the one before the alarm's last period of 10 s, of 30 s. */
const [JUST, EARLIER, LONG_AGO] = [0, 10 * SECOND, 30 * SECOND];
const QUIET: Course = { forMs: -1, everyMs: MINUTE, usual: {} };
const USUAL: Happening = { queue: 5, list: 5, write: 5, servers: 150 };

function behaviour(id: string, stage: "stageA" | "stageB", title: string, cases: readonly Case[]): Behaviour {
  return alarmOver(
    { rollout: "ops-view", id, stage, title: `${id}: ${title}` },
    cases.map(({ course, ...one }) => ({ ...one, published: once(() => opsView(course)) })),
  );
}

/** One bad answer fires at once, it is over as soon, and silence fires nothing. */
function anyOf(
  id: string,
  stage: "stageA" | "stageB",
  title: string,
  bad: Happening,
  others: Happening,
): Behaviour {
  return behaviour(id, stage, title, [
    { when: "nothing is wrong", course: tens(USUAL), state: "OK" },
    { when: "it happens once", course: tens(USUAL, { [JUST]: bad }), state: "ALARM" },
    {
      when: "it was over ten seconds ago",
      course: tens(USUAL, { [EARLIER]: bad }),
      state: "OK",
      was: "ALARM",
    },
    { when: "something else happens", course: tens(USUAL, { [JUST]: others }), state: "OK" },
    { when: "the app is silent after it", course: QUIET, state: "OK", was: "ALARM" },
  ]);
}

/** The same in each minute, and something besides in one that ended so long ago. */
const minutes = (usual: Happening, besides: Course["besides"] = {}): Course => ({
  ...{ forMs: 20 * MINUTE, everyMs: MINUTE, usual, besides },
});

/** Twenty requests over the last 30 s, so many of which are bad, or another number of them. */
const spread = (each: (count: number, part: number) => Happening, counts: readonly number[]): Course =>
  tens({}, Object.fromEntries(counts.map((count, part) => [part * 10 * SECOND, each(count, part)])));
const at =
  (ms: number) =>
  (count: number): Happening => ({ latency: { [ms]: count } });
const slow =
  (share: number) =>
  (count: number): Happening => ({
    latency: { 80: count * (1 - share), 2500: count * share },
  });
const stale =
  (of: readonly number[]) =>
  (count: number, part: number): Happening => ({
    ...{ write: count, stale: of[part] ?? 0 },
  });

/** One conflict of two writes in each of so many minutes. */
const conflicts = (count: number): NonNullable<Course["besides"]> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [(2 * n + 1) * MINUTE, { write: 2, stale: 1 }]));

export const OPS_VIEW_ALARMS: readonly Behaviour[] = [
  anyOf(
    "XA1",
    "stageA",
    "any server error of the queue",
    { queue5xx: 1 },
    { list5xx: 1, write5xx: 1, other5xx: 1 },
  ),
  anyOf("XA2", "stageA", "an admin is answered an empty queue", { empty: 1 }, { leaks: 1, queue5xx: 1 }),
  anyOf("XA3", "stageA", "an analyst sees someone else's items", { leaks: 1 }, { empty: 1, list5xx: 1 }),
  behaviour("XA4", "stageA", "the queue's p95 over 30 s is over 2 s, from 20 requests on", [
    { when: "fast", course: tens(USUAL), state: "OK" },
    { when: "20 requests just over 2 s", course: spread(at(2000.5), [7, 7, 6]), state: "ALARM" },
    { when: "20 requests of 2 s", course: spread(at(2000), [7, 7, 6]), state: "OK" },
    { when: "19 slow requests", course: spread(at(2500), [7, 6, 6, 7, 6]), state: "OK" },
    { when: "4 of 100 slow", course: spread(slow(0.04), [100, 100, 100]), state: "OK" },
    { when: "6 of 100 slow", course: spread(slow(0.06), [100, 100, 100]), state: "ALARM" },
    {
      when: "slow half a minute ago",
      course: tens({ queue: 20 }, { [LONG_AGO]: { latency: { 9000: 90 } } }),
      state: "OK",
    },
    { when: "the app is silent after it", course: QUIET, state: "OK", was: "ALARM" },
  ]),
  behaviour("XA4q", "stageA", "the queue's p95 over ten minutes is over 2 s, from 20 requests on", [
    { when: "fast", course: minutes(USUAL), state: "OK" },
    { when: "2 a minute just over 2 s", course: minutes(at(2000.5)(2)), state: "ALARM" },
    { when: "2 a minute of 2 s", course: minutes(at(2000)(2)), state: "OK" },
    { when: "38 a minute over 2 s", course: minutes(at(2500)(38)), state: "ALARM" },
    {
      when: "19 slow requests within ten minutes",
      course: minutes(at(2500)(2), { [5 * MINUTE]: at(2500)(1) }),
      state: "OK",
    },
    { when: "4 of 100 slow", course: minutes(slow(0.04)(100)), state: "OK" },
    { when: "6 of 100 slow", course: minutes(slow(0.06)(100)), state: "ALARM" },
    {
      when: "slow nine minutes ago",
      course: minutes({ queue: 20 }, { [9 * MINUTE]: at(9000)(90) }),
      state: "ALARM",
    },
    {
      when: "slow ten minutes ago",
      course: minutes({ queue: 20 }, { [10 * MINUTE]: at(9000)(90) }),
      state: "OK",
      was: "ALARM",
    },
    { when: "the app is silent after it", course: QUIET, state: "OK", was: "ALARM" },
  ]),
  anyOf(
    "XB1",
    "stageB",
    "any server error of a write",
    { write5xx: 1 },
    { queue5xx: 1, list5xx: 1, other5xx: 1 },
  ),
  behaviour("XB2", "stageB", "more than 10 % of the writes of 30 s answer 409, from 20 writes on", [
    { when: "none", course: tens(USUAL), state: "OK" },
    { when: "2 of 20", course: spread(stale([1, 1, 0]), [7, 7, 6]), state: "OK" },
    { when: "3 of 28", course: spread(stale([1, 1, 1]), [10, 10, 8]), state: "ALARM" },
    { when: "3 of 20", course: spread(stale([1, 1, 1]), [7, 7, 6]), state: "ALARM" },
    {
      when: "19 of 19, of which XB2q tells after ten minutes at most",
      course: spread(stale([7, 6, 6, 7, 6]), [7, 6, 6, 7, 6]),
      state: "OK",
    },
    {
      when: "conflicts half a minute ago",
      course: tens({ write: 20 }, { [LONG_AGO]: { write: 90, stale: 90 } }),
      state: "OK",
    },
    { when: "the app is silent after it", course: QUIET, state: "OK", was: "ALARM" },
  ]),
  behaviour("XB2q", "stageB", "more than 10 % of the writes of ten minutes answer 409, from 20 writes on", [
    { when: "none", course: minutes(USUAL), state: "OK" },
    { when: "2 of 20", course: minutes({ write: 2 }, conflicts(2)), state: "OK" },
    { when: "3 of 20", course: minutes({ write: 2 }, conflicts(3)), state: "ALARM" },
    {
      when: "3 of 28",
      course: minutes({ write: 3 }, { ...conflicts(2), [5 * MINUTE]: { write: 3, stale: 1 } }),
      state: "ALARM",
    },
    {
      when: "19 of 19 within ten minutes",
      course: minutes({ write: 2, stale: 2 }, { [5 * MINUTE]: { write: 1, stale: 1 } }),
      state: "OK",
    },
    { when: "2 a minute, all of them", course: minutes({ write: 2, stale: 2 }), state: "ALARM" },
    {
      when: "19 of 19 in each half minute of ten minutes",
      course: { ...minutes({ write: 19, stale: 19 }), everyMs: 30 * SECOND },
      state: "ALARM",
    },
    {
      when: "the first 10 of 200",
      course: minutes({ write: 20 }, { [9 * MINUTE]: { write: 20, stale: 10 } }),
      state: "OK",
    },
    {
      when: "conflicts nine minutes ago",
      course: minutes({ write: 20 }, { [9 * MINUTE]: { write: 90, stale: 90 } }),
      state: "ALARM",
    },
    {
      when: "conflicts ten minutes ago",
      course: minutes({ write: 20 }, { [10 * MINUTE]: { write: 90, stale: 90 } }),
      state: "OK",
      was: "ALARM",
    },
    { when: "the app is silent after it", course: QUIET, state: "OK", was: "ALARM" },
  ]),
];
