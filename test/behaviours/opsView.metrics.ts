import type { Outcome } from "../../src/gates/judge";
import type { Behaviour } from "./behaviour";
import { type GateCase, gateOver, once } from "./cases";
import { DAY, HOUR, MINUTE, SECOND } from "./world/clock";
import { type Course, opsView } from "./world/opsView";

const when = (words: string, course: Course, outcome: Outcome): GateCase => ({
  when: words,
  published: once(() => opsView(course)),
  outcome,
});

type Asked = Omit<Parameters<typeof gateOver>[0], "rollout">;
const behaviour = (asked: Asked): Behaviour => gateOver({ rollout: "ops-view", ...asked });

const minutely = (forMs: number, usual: Course["usual"], besides?: Course["besides"]): Course => ({
  ...{ forMs, everyMs: MINUTE, usual },
  ...(besides ? { besides } : {}),
});

/** So many requests spread over the last minutes of a course, one a minute. */
const few = (count: number, happening: Course["usual"]): NonNullable<Course["besides"]> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [n * MINUTE, happening]));

const silence = (fromMs: number, count: number): NonNullable<Course["besides"]> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [fromMs + n * MINUTE, "silent" as const]));

const READING = { queue: 3, list: 2, write: 1 };

export const OPS_VIEW_METRICS: readonly Behaviour[] = [
  behaviour({
    id: "E1",
    title: "E1: one server error of the queue or a list in any minute of the day is one too many",
    stage: "stageB",
    liveMs: 25 * HOUR,
    cases: [
      when("a day without an error", minutely(26 * HOUR, READING), "pass"),
      when(
        "the queue fails once at its beginning",
        minutely(26 * HOUR, READING, { [DAY - 2 * MINUTE]: { queue5xx: 1 } }),
        "fail",
      ),
      when(
        "a list fails once at its end",
        minutely(26 * HOUR, READING, { [MINUTE]: { list5xx: 1 } }),
        "fail",
      ),
      when(
        "the queue failed before the day",
        minutely(26 * HOUR, READING, { [DAY + 5 * MINUTE]: { queue5xx: 1 } }),
        "pass",
      ),
      when("a write fails", minutely(26 * HOUR, READING, { [HOUR]: { write5xx: 1, other5xx: 1 } }), "pass"),
      when("no data for ten minutes", minutely(26 * HOUR, READING, silence(2 * HOUR, 10)), "inconclusive"),
      when("100 requests", minutely(26 * HOUR, { write: 1 }, few(100, { list: 1 })), "pass"),
      when("99 requests", minutely(26 * HOUR, { write: 1 }, few(99, { list: 1 })), "inconclusive"),
    ],
  }),
  behaviour({
    id: "E5",
    title: "E5: the p95 of the whole soak, not of its worst minute, is below 500 ms",
    stage: "stageB",
    liveMs: DAY,
    cases: [
      when(
        "a slow minute in a fast day",
        minutely(DAY, { queue: 100 }, { [HOUR]: { latency: { 2000: 100 } } }),
        "pass",
      ),
      when("4 of 100 slow", minutely(DAY, { latency: { 80: 96, 900: 4 } }), "pass"),
      when("6 of 100 slow", minutely(DAY, { latency: { 80: 94, 900: 6 } }), "fail"),
      when(
        "slow in the first hours alone",
        minutely(DAY, { queue: 10 }, first(DAY, 100, { latency: { 900: 10 } })),
        "fail",
      ),
      when("just 500 ms", minutely(DAY, { latency: { 500: 10 } }), "fail"),
      when("half a ms less", minutely(DAY, { latency: { 499.5: 10 } }), "pass"),
      when("no queue at all", minutely(DAY, { list: 3, latency: {} }), "inconclusive"),
    ],
  }),
  behaviour({
    id: "E5",
    title: "E5: fewer than 100 requests to the queue say nothing",
    stage: "stageB",
    liveMs: 100 * MINUTE,
    cases: [
      when(
        "100 requests",
        minutely(100 * MINUTE, { queue: 0 }, few(100, { queue: 1, latency: { 80: 1 } })),
        "pass",
      ),
      when(
        "99 requests",
        minutely(100 * MINUTE, { queue: 0 }, few(99, { queue: 1, latency: { 80: 1 } })),
        "inconclusive",
      ),
    ],
  }),
  behaviour({
    id: "SA3",
    title: "SA3: a server error of any endpoint in the last five minutes",
    stage: "stageA",
    phase: "smoke",
    liveMs: 10 * MINUTE,
    cases: [
      when("no error", tens({ queue: 1 }), "pass"),
      when("an app that publishes each minute", minutely(10 * MINUTE, { queue: 1 }), "pass"),
      when("one that does each half a minute", halves({ queue: 1 }), "pass"),
      when(
        "a write fails early in them",
        tens({ queue: 1 }, { [4 * MINUTE + 10 * SECOND]: { write5xx: 1 } }),
        "fail",
      ),
      when(
        "a write fails early in them, of an app that publishes each minute",
        minutely(10 * MINUTE, { queue: 1 }, { [3 * MINUTE]: { write5xx: 1 } }),
        "fail",
      ),
      when(
        "one of many servers fails once",
        tens({ queue: 1, servers: 150 }, { [2 * MINUTE]: { other5xx: 1 } }),
        "fail",
      ),
      when(
        "another endpoint fails late in them",
        tens({ queue: 1 }, { [10 * SECOND]: { other5xx: 1 } }),
        "fail",
      ),
      when(
        "an error before them",
        tens({ queue: 1 }, { [5 * MINUTE + 30 * SECOND]: { queue5xx: 1 } }),
        "pass",
      ),
      when(
        "no data for two minutes",
        minutely(10 * MINUTE, { queue: 1 }, silence(2 * MINUTE, 2)),
        "inconclusive",
      ),
      when("no data at all", { forMs: -1, everyMs: MINUTE, usual: {} }, "inconclusive"),
      when("nobody reads at a quiet hour, and the count says zero", tens({}), "pass"),
    ],
  }),
  behaviour({
    id: "F1",
    title: "F1: one server error of a write in any minute of 48 h is one too many",
    stage: "stageB",
    phase: "exit",
    liveMs: 49 * HOUR,
    cases: [
      when("two days without an error", minutely(50 * HOUR, READING), "pass"),
      when(
        "a write fails once at their beginning",
        minutely(50 * HOUR, READING, { [2 * DAY - 2 * MINUTE]: { write5xx: 1 } }),
        "fail",
      ),
      when(
        "a write fails once at their end",
        minutely(50 * HOUR, READING, { [MINUTE]: { write5xx: 1 } }),
        "fail",
      ),
      when(
        "a write failed before them",
        minutely(50 * HOUR, READING, { [2 * DAY + 5 * MINUTE]: { write5xx: 1 } }),
        "pass",
      ),
      when(
        "reads fail",
        minutely(50 * HOUR, READING, { [HOUR]: { queue5xx: 1, list5xx: 1, other5xx: 1 } }),
        "pass",
      ),
      when("no data for ten minutes", minutely(50 * HOUR, READING, silence(2 * HOUR, 10)), "inconclusive"),
      when("100 writes", minutely(50 * HOUR, { queue: 1 }, few(100, { write: 1 })), "pass"),
      when("99 writes", minutely(50 * HOUR, { queue: 1 }, few(99, { write: 1 })), "inconclusive"),
    ],
  }),
  behaviour({
    id: "F2",
    title: "F2: less than 5 % of all writes of the soak answer 409",
    stage: "stageB",
    phase: "exit",
    liveMs: 49 * HOUR,
    cases: [
      when("49 of 1000", minutely(49 * HOUR, { write: 1000, stale: 49 }), "pass"),
      when("50 of 1000", minutely(49 * HOUR, { write: 1000, stale: 50 }), "fail"),
      when(
        "a minute of nothing but conflicts",
        minutely(49 * HOUR, { write: 10 }, { [HOUR]: { write: 10, stale: 10 } }),
        "pass",
      ),
      when(
        "conflicts in its first hours alone",
        minutely(49 * HOUR, { write: 10 }, first(49 * HOUR, 300, { write: 10, stale: 10 })),
        "fail",
      ),
      when("no writes", minutely(49 * HOUR, { queue: 3 }), "inconclusive"),
      when("shares that nothing can be", minutely(49 * HOUR, { odd: { 2: 10 } }), "inconclusive"),
    ],
  }),
  behaviour({
    id: "F2",
    title: "F2: fewer than 100 writes say nothing",
    stage: "stageB",
    phase: "exit",
    liveMs: 100 * MINUTE,
    cases: [
      when("100 writes", minutely(100 * MINUTE, {}, few(100, { write: 1 })), "pass"),
      when("99 writes", minutely(100 * MINUTE, {}, few(99, { write: 1 })), "inconclusive"),
    ],
  }),
];

/** The same in each of its first minutes. */
function first(forMs: number, count: number, happening: Course["usual"]): NonNullable<Course["besides"]> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [forMs - n * MINUTE, happening]));
}

function tens(usual: Course["usual"], besides?: Course["besides"]): Course {
  return { forMs: 10 * MINUTE, everyMs: 10 * SECOND, usual, ...(besides ? { besides } : {}) };
}

function halves(usual: Course["usual"]): Course {
  return { forMs: 10 * MINUTE, everyMs: 30 * SECOND, usual };
}
