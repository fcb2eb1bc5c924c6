import fc from "fast-check";
import { expect, test } from "vitest";
import { meets } from "../../../../sandbox/standin/service/solve";
import { walk } from "../../../../sandbox/standin/service/system";
import { requestsGate, rolloutOf, scriptAt, type WrittenStep } from "./rollouts";

/** What cannot be met is searched for long: on a busy machine, several at a time. */
const PATIENCE_MS = 300_000;

const field = fc.constantFrom("data", "items", "name", "count", "ok");
const path = fc.array(field, { minLength: 1, maxLength: 3 }).map((names) => names.join("."));
const number = fc.integer({ min: 0, max: 60 });
const word = fc.constantFrom("Draft", "Open", "ana", "2.5");

/** Expressions that are true of some body. */
const truth: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(path, fc.constantFrom(">", ">=", "<=", "==", "!="), number)
    .map(([at, sign, n]) => `${at} ${sign} \`${n}\``),
  fc.tuple(path, fc.constantFrom("==", "!="), word).map(([at, sign, one]) => `${at} ${sign} '${one}'`),
  fc
    .tuple(path, field, word)
    .map(([at, name, one]) => `length(${at}) == length(${at}[?${name} == '${one}'])`),
  fc
    .tuple(path, field, number, fc.integer({ min: 0, max: 6 }))
    .map(([at, name, n, size]) => `length(${at}[?${name} > \`${n}\`]) == \`${size}\``),
  fc.tuple(path, word).map(([at, one]) => `contains(${at}, '${one}')`),
  fc.tuple(path, field, number).map(([at, name, n]) => `max_by(${at}, &${name}).${name} >= \`${n}\``),
);

const step: fc.Arbitrary<WrittenStep> = fc
  .record(
    {
      path: fc.constantFrom("/a", "/b"),
      status: fc.constantFrom(200, 201, 404),
      value: truth,
    },
    { requiredKeys: ["path", "value"] },
  )
  .map((one) => ({ ...one, expect: { eq: true } }));

test(
  "whatever is answered meets its gate, and what is not said to be met is said",
  () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(step, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }),
        (rows) => {
          const smoke = Object.fromEntries(rows.map((steps, index) => [`S${index}`, requestsGate(steps)]));
          const script = scriptAt(rolloutOf([{ smoke }]));
          for (const { rows: asking, system, around } of script.plan.parts) {
            const unmet = new Set(system.unmet.map(({ asked }) => asked.row.row));
            for (const row of asking) {
              const passes = walk(row, system.answers, around).found.outcome === "pass";
              expect(passes).toBe(!unmet.has(row.row));
            }
            for (const [key, asked] of system.asked) {
              const answer = system.answers.get(key);
              if (answer && !system.unmet.some((one) => one.asked.key === key))
                expect(asked.every((one) => meets(one, answer))).toBe(true);
            }
          }
          expect(script.problems.length > 0).toBe(
            script.plan.parts.some(({ system }) => system.unmet.length > 0),
          );
        },
      ),
      { numRuns: 15 },
    );
  },
  PATIENCE_MS,
);

test(
  "one expression of these always has an answer, the same one each time",
  () => {
    fc.assert(
      fc.property(truth, (value) => {
        const of = () =>
          scriptAt(rolloutOf([{ smoke: { S: requestsGate([{ value, expect: { eq: true } }]) } }]));
        expect(of().problems).toEqual([]);
        expect(of().routes).toEqual(of().routes);
      }),
      { numRuns: 60 },
    );
  },
  PATIENCE_MS,
);
