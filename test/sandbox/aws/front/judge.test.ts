import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Datum,
  fewestSamples,
  type Judged,
  judge,
  type State,
} from "../../../../sandbox/aws/front/alarms/judge";

const TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"] as const;

const alarm = (datapointsToAlarm: number, treatMissingData: string): Judged => ({
  threshold: 0,
  comparison: "GreaterThanThreshold",
  evaluationPeriods: 3,
  datapointsToAlarm,
  treatMissingData,
});

/** `0` within the threshold, `X` breaching, `-` missing; oldest first. */
const range = (text: string): Datum[] =>
  text.split(" ").map((sign) => (sign === "-" ? undefined : sign === "X" ? 1 : 0));

const K = "keeps" as const;
type Row = readonly [data: string, m: number, ...states: (State | typeof K)[]];
const [OK, AL, IN] = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const;

/** AWS's own tables, "How alarm state is evaluated when data is missing": three periods of a range of five. */
const TABLE: readonly Row[] = [
  ["0 - X - X", 3, OK, OK, OK, OK],
  ["0 - - - -", 3, OK, OK, OK, OK],
  ["- - - - -", 3, IN, K, AL, OK],
  ["0 X X - X", 3, AL, AL, AL, AL],
  ["- - - - X", 3, IN, K, AL, OK],
  ["X - - - -", 3, AL, K, AL, OK],
  ["- - X - -", 3, AL, K, AL, OK],
  ["0 - X - X", 2, AL, AL, AL, AL],
  ["0 0 X 0 X", 2, AL, AL, AL, AL],
  ["0 - X - -", 2, OK, OK, AL, OK],
  ["- - - - 0", 2, OK, OK, AL, OK],
  ["- - - - X", 2, IN, K, AL, OK],
  // Avoiding premature transitions: a breach that has only come is no alarm, an old one is.
  ["- - - X -", 3, IN, K, AL, OK],
  ["- - - X -", 2, AL, K, AL, OK],
  // One of three is enough where one is asked for, whatever is missing.
  ["- - - - X", 1, AL, AL, AL, AL],
  ["0 0 0 0 0", 1, OK, OK, OK, OK],
  ["X X X 0 0", 2, OK, OK, OK, OK],
];

describe("the state that follows from a range", () => {
  const cases = TABLE.flatMap(([data, m, ...states]) =>
    TREATMENTS.map((treatment, index) => [data, m, treatment, states[index] as State | typeof K] as const),
  );
  it.each(cases)("%s, %i of 3, %s: %s", (data, m, treatment, expected) => {
    for (const current of ["OK", "ALARM", "INSUFFICIENT_DATA"] as const) {
      expect(judge(alarm(m, treatment), range(data), current)).toBe(expected === K ? current : expected);
    }
  });

  it.each([
    ["GreaterThanThreshold", 5, OK],
    ["GreaterThanOrEqualToThreshold", 5, AL],
    ["LessThanThreshold", 5, OK],
    ["LessThanOrEqualToThreshold", 5, AL],
    ["LessThanThreshold", 4.9, AL],
    ["GreaterThanThreshold", 5.1, AL],
  ])("%s 5: %d is %s", (comparison, value, state) => {
    const one = {
      threshold: 5,
      comparison,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      treatMissingData: "missing",
    };
    expect(judge(one, [undefined, undefined, value], "OK")).toBe(state);
  });
});

describe("laws", () => {
  const data = fc.array(fc.constantFrom<Datum>(undefined, 0, 1), { minLength: 5, maxLength: 5 });
  const m = fc.integer({ min: 1, max: 3 });
  const treatment = fc.constantFrom(...TREATMENTS);
  const state = fc.constantFrom<State>("OK", "ALARM", "INSUFFICIENT_DATA");

  it("a datum that breaches instead of a good one never ends an alarm", () => {
    fc.assert(
      fc.property(data, m, treatment, state, fc.nat(4), (range, needed, treated, current, at) => {
        fc.pre(range[at] === 0);
        const worse = range.map((datum, index) => (index === at ? 1 : datum));
        const [before, after] = [range, worse].map((seen) => judge(alarm(needed, treated), seen, current));
        if (before === "ALARM") expect(after).toBe("ALARM");
      }),
    );
  });

  it("breaching alarms wherever notBreaching does", () => {
    fc.assert(
      fc.property(data, m, state, (range, needed, current) => {
        if (judge(alarm(needed, "notBreaching"), range, current) === "ALARM")
          expect(judge(alarm(needed, "breaching"), range, current)).toBe("ALARM");
      }),
    );
  });

  it("with all data there, how missing data is treated and what was before do not matter", () => {
    const full = fc.array(fc.constantFrom<Datum>(0, 1), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(full, m, treatment, state, (range, needed, treated, current) => {
        const expected = judge(alarm(needed, "missing"), range, "OK");
        expect(judge(alarm(needed, treated), range, current)).toBe(expected);
      }),
    );
  });
});

it.each([
  [0.99, 1_000],
  [0.95, 200],
  [0.5, 20],
  [0.1, 100],
])("p%d needs %d samples", (share, samples) => {
  expect(fewestSamples(share)).toBeCloseTo(samples, 6);
});
