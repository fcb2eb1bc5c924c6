import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Answers, checkAnswers, FIRST, parseFlag, valuesIn } from "../../../cli/init/answers";
import { filesOf } from "../../../cli/init/files";
import { renderRunbook } from "../../../cli/runbook/render";
import { changes, direction } from "../../../src/flags/flags";
import { gatesFor } from "../../../src/promotion/resolve";
import { parseRollout } from "../../../src/rollout/parse";
import { predecessorOf } from "../../../src/rollout/rollout";

const PATHS = { program: "../../index.ts", schema: "../../docs/reference/stack.schema.json" };

function rolloutOf(answers: Answers) {
  const files = filesOf(answers, PATHS).flatMap(({ name: file, text }) => {
    const stack = /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1];
    return stack === undefined ? [] : [{ stack, file, text }];
  });
  const parsed = parseRollout(files, "folder");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, undefined, 2));
  return parsed.rollout;
}

/** Names that YAML could take for something else, among all that are allowed. */
const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-zA-Z0-9-]{0,31}$/),
  fc.constantFrom("true", "no", "null", "yes", "on", "y", "n", "off", "constructor"),
);
const flag = fc.oneof(
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/),
  fc.constantFrom("True", "NO", "Null", "toString", "OFF", "e5"),
);

const answers: fc.Arbitrary<Answers> = fc
  .record({
    name,
    flags: fc.uniqueArray(
      fc.record({ name: flag, kind: fc.constantFrom("boolean" as const, "percentage" as const) }),
      {
        minLength: 1,
        maxLength: 6,
        selector: (one) => one.name,
      },
    ),
    stages: fc.uniqueArray(
      name.filter((one) => one !== FIRST),
      { minLength: 1, maxLength: 8 },
    ),
  })
  .filter(
    ({ flags, stages }) => flags.some(({ kind }) => kind === "percentage") || stages.length <= flags.length,
  );

test("whatever is asked for, the files are what cutover reads, and say what was asked for", {
  timeout: 30_000,
}, () => {
  fc.assert(
    fc.property(answers, (asked) => {
      checkAnswers(asked);
      const rollout = rolloutOf(asked);
      expect(rollout.name).toBe(asked.name);
      expect(rollout.stages.map((stage) => stage.name)).toEqual([FIRST, ...asked.stages]);
      expect(Object.entries(rollout.flags).map(([flagName, { kind }]) => ({ name: flagName, kind }))).toEqual(
        [...asked.flags].sort(
          (a, b) => Object.keys(rollout.flags).indexOf(a.name) - Object.keys(rollout.flags).indexOf(b.name),
        ),
      );
      for (const stage of rollout.stages.slice(1)) {
        const before = predecessorOf(rollout, stage);
        expect(direction(changes(rollout.flags, before?.flags ?? {}, stage.flags))).toBe("raise");
        // Without a gate nothing would speak against a promotion, and it is refused.
        expect(gatesFor(rollout, stage).length).toBeGreaterThan(0);
        expect(renderRunbook(rollout, stage, {})).toContain(
          `cutover -- abort --rollout ${rollout.name} -s ${stage.name}`,
        );
      }
    }),
    { numRuns: 30 },
  );
});

test("the last stage has every flag on", () => {
  fc.assert(
    fc.property(answers, (asked) => {
      for (const [, value] of valuesIn(asked, asked.stages.length)) expect([true, 100]).toContain(value);
      for (const [, value] of valuesIn(asked, 0)) expect([false, 0]).toContain(value);
    }),
  );
});

test("three stages of a percentage are 10, 50 and 100", () => {
  const asked: Answers = { name: "a", flags: [{ name: "P", kind: "percentage" }], stages: ["a", "b", "c"] };
  expect([1, 2, 3].map((stage) => valuesIn(asked, stage)[0]?.[1])).toEqual([10, 50, 100]);
});

test("the project file is Pulumi's, and points to the program", () => {
  const [project] = filesOf({ name: "no", flags: [{ name: "A", kind: "boolean" }], stages: ["a"] }, PATHS);
  expect(parse(project?.text ?? "")).toMatchObject({
    name: "no",
    main: "../../index.ts",
    runtime: { name: "nodejs" },
  });
});

describe("what makes no rollout is refused, all of it at once:", () => {
  const sound: Answers = { name: "search", flags: [{ name: "A", kind: "boolean" }], stages: ["one"] };
  test.each<[string, Partial<Answers>, RegExp]>([
    ["a name with a capital", { name: "Search" }, /--name Search: must be a name/],
    ["a flag that begins with a digit", { flags: [{ name: "1", kind: "boolean" }] }, /--flag 1: must be/],
    ["no flag", { flags: [] }, /--flag: is missing/],
    ["no stage", { stages: [] }, /--stages: is missing/],
    [
      "more stages than there is to raise",
      { stages: ["one", "two"] },
      /1 flags of kind boolean make at most 1/,
    ],
    ["a stage twice", { stages: ["one", "one"] }, /--stages one: is there twice/],
    ["the first stage by hand", { stages: ["baseline"] }, /is always there/],
  ])("%s", (_, spec, message) => {
    expect(() => checkAnswers({ ...sound, ...spec })).toThrow(message);
  });

  test("a kind of flag that there is not", () => {
    expect(() => parseFlag("A:text")).toThrow(/NAME:percentage/);
  });
});
