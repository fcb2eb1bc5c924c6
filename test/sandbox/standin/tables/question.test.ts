import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Answer,
  outcomeOf,
  type Question,
  questionsOf,
  showWanted,
} from "../../../../sandbox/standin/tables/question";
import { distanceOf, outcomeOfAll } from "../../../../sandbox/standin/tables/rating";
import { loadRollout } from "../../../../src/rollout/load";

const PROJECT = join(__dirname, "..", "..", "..", "..");

describe("the questions of a rollout", () => {
  const questions = questionsOf(loadRollout(PROJECT));

  it("are all of its queries, each under an id of its own", () => {
    expect(questions.map(({ id }) => id)).toEqual([
      "stageA.entry.A1.query",
      "stageA.entry.A3.query",
      "stageA.entry.A4.query",
      "stageA.exit.E2.known.least.query",
      "stageA.exit.E2.known.most.query",
      "stageB.smoke.SB4.query",
      "stageB.exit.F3.query",
      "stageB.exit.F4.query",
      "stageB.abort.XB3.each",
      "stageB.abort.XB3.reconcile",
      "stageB.abort.XB4.probe.query",
    ]);
  });

  it("say where they are written, with the rollout's parameters in them", () => {
    expect(questions[1]).toMatchObject({
      where: "Pulumi.stageA.yaml cutover:stage.entry.A3.query",
      values: ["ws-ops"],
      prove: { query: "select count(*) from patches where workspace_id = 'no-such-workspace'" },
    });
    expect(questions[6]).toMatchObject({ window: "soak", samples: { least: 10, values: ["{from}"] } });
  });

  it("are asked of each stage that shares a gate, and of what is in flight", () => {
    const pipeline = questionsOf(loadRollout(join(PROJECT, "rollouts", "v2-pipeline")));
    const ids = pipeline.map(({ id }) => id);
    expect(ids.filter((id) => id.endsWith(".G1.query"))).toHaveLength(4);
    expect(pipeline.at(-3)).toMatchObject({ id: "afterAbort.inFlight.query", values: ["{down}"] });
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("are asked of what the mapping of imports is held to: every value is one that it knows", () => {
    const pipeline = questionsOf(loadRollout(join(PROJECT, "rollouts", "v2-pipeline")));
    expect(pipeline.slice(-2)).toMatchObject([
      {
        id: "database.imports.statuses",
        query: 'select count(*) from "import_jobs" where "status" not in ($1, $2, $3, $4)',
        values: ["completed", "failed", "queued", "running"],
        wanted: { kind: "none" },
      },
      { id: "database.imports.versions", values: ["v1", "v2"] },
    ]);
  });
});

const of = (wanted: Question["wanted"], samples?: number): Question => ({
  id: "a",
  where: "a",
  section: "exit",
  row: "a",
  query: "select 1",
  values: [],
  sinceFlip: true,
  wanted,
  ...(samples === undefined ? {} : { samples: { query: "select 1", values: [], least: samples } }),
});

describe("an answer", () => {
  it.each<[string, Question, Answer, string]>([
    ["meets a gate", of({ kind: "expected", expect: { gt: 3 } }), { value: 4 }, "good"],
    ["misses it", of({ kind: "expected", expect: { gt: 3 } }), { value: 3 }, "bad"],
    ["is none", of({ kind: "expected", expect: { gt: 3 } }), { value: null }, "unclear"],
    ["is an error", of({ kind: "expected", expect: { gt: 3 } }), { error: "no such table" }, "unclear"],
    [
      "has too few samples",
      of({ kind: "expected", expect: { eq: 0 } }, 10),
      { value: 0, samples: 9 },
      "unclear",
    ],
    ["has enough", of({ kind: "expected", expect: { eq: 0 } }, 10), { value: 0, samples: 10 }, "good"],
    ["fires a row", of({ kind: "quiet", threshold: { gt: 0 } }), { value: true }, "bad"],
    ["leaves it quiet", of({ kind: "quiet", threshold: { gt: 0 } }), { value: false }, "good"],
    ["says nothing to it", of({ kind: "quiet", threshold: { gt: 0 } }), { value: null }, "unclear"],
    ["is known", of({ kind: "known" }), { value: "x" }, "good"],
    ["is not known", of({ kind: "known" }), { value: null }, "bad"],
    ["finds nothing in flight", of({ kind: "none" }), { value: 0 }, "good"],
    ["finds some", of({ kind: "none" }), { value: 2 }, "bad"],
  ])("that %s", (_name, question, answer, outcome) => {
    expect(outcomeOf(question, answer)).toBe(outcome);
  });

  it("is told by what was wanted", () => {
    expect(showWanted(of({ kind: "expected", expect: { eq: 0 } }, 10))).toBe("= 0 with ≥ 10 samples");
    expect(showWanted(of({ kind: "quiet", threshold: { gte: 5 } }))).toBe("not ≥ 5");
  });

  const bound = fc.integer({ min: 0, max: 50 });
  const question = fc.oneof(
    fc.record({ gt: bound }).map((expect) => of({ kind: "expected", expect })),
    fc.record({ eq: bound }).map((expect) => of({ kind: "expected", expect }, 5)),
    fc.record({ lte: bound }).map((threshold) => of({ kind: "quiet", threshold })),
    fc.constantFrom<Question>(of({ kind: "known" }), of({ kind: "none" })),
  );
  const answer: fc.Arbitrary<Answer> = fc.oneof(
    fc.record({ value: fc.oneof(fc.integer({ min: -5, max: 60 }), fc.constantFrom(null, true, false, "x")) }),
    fc.record({ value: fc.integer({ min: 0, max: 60 }), samples: fc.integer({ min: 0, max: 9 }) }),
    fc.constant({ error: "no" }),
  );

  it("is at distance 0 exactly where it is what is wanted", () => {
    fc.assert(
      fc.property(
        question,
        fc.array(answer, { minLength: 1, maxLength: 2 }),
        fc.constantFrom("good" as const, "bad" as const),
        (one, answers, wanted) => {
          const distance = distanceOf(one, answers, wanted);
          expect(distance === 0).toBe(outcomeOfAll(one, answers) === wanted);
          expect(distance).toBeLessThanOrEqual(1.2);
        },
      ),
    );
  });

  it("is the nearer, the fewer it lacks", () => {
    fc.assert(
      fc.property(bound, fc.nat(30), fc.nat(30), (least, less, lesser) => {
        const one = of({ kind: "expected", expect: { gte: least + 40 } });
        const far = (value: number) => distanceOf(one, [{ value }], "good");
        const [a, b] = [least + 39 - Math.min(less, lesser), least + 39 - Math.max(less, lesser)];
        expect(far(a)).toBeLessThanOrEqual(far(b));
      }),
    );
  });
});
