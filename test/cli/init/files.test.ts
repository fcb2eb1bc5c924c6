import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Answers, FIRST, type FlagAnswer, METRICS } from "../../../cli/init/answers";
import { checkAnswers } from "../../../cli/init/check";
import { filesOf } from "../../../cli/init/files";
import { parseFlag, parseStage } from "../../../cli/init/parse";
import { valuesIn } from "../../../cli/init/steps";
import { TEMPLATES } from "../../../cli/init/templates";
import { renderRunbook } from "../../../cli/runbook/render";
import { changes, direction } from "../../../src/flags/flags";
import { gatesFor } from "../../../src/promotion/resolve";
import { DOWN_WORDS } from "../../../src/rollout/config/rowConfig";
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
const name = fc
  .oneof(
    fc.stringMatching(/^[a-z][a-zA-Z0-9-]{0,31}$/),
    fc.constantFrom("true", "no", "null", "yes", "on", "y", "n", "off"),
  )
  .filter((one) => !(one in Object.prototype));
const flag = fc
  .oneof(
    fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/),
    fc.constantFrom("True", "NO", "Null", "OFF", "e5"),
  )
  .filter((one) => !(one in Object.prototype));

const answers: fc.Arbitrary<Answers> = fc
  .record({
    name,
    flags: fc.uniqueArray(
      fc.record({
        name: flag,
        kind: fc.constantFrom("boolean" as const, "percentage" as const),
        writes: fc.boolean(),
      }),
      {
        minLength: 1,
        maxLength: 6,
        selector: (one) => one.name,
      },
    ),
    stages: fc.uniqueArray(
      fc.record({
        name: name.filter(
          (one) => one !== FIRST && !["all", ...DOWN_WORDS].includes(one) && !/\d$/.test(one),
        ),
      }),
      {
        minLength: 1,
        maxLength: 8,
        selector: (one) => one.name,
      },
    ),
    snapshot: fc.constant({ kind: "instance" as const, id: "app-db" }),
    database: fc.option(fc.constant({ host: "10.0.0.5", name: "app", tables: ["users", "orders"] }), {
      nil: undefined,
    }),
    metrics: fc.record({
      namespace: fc.constantFrom(undefined, "My App: one"),
      errors: fc.constantFrom("Errors", "http.5xx", "yes"),
      requests: fc.constant("Requests"),
      latency: fc.constantFrom(undefined, { name: "Latency ms", limit: 500 }),
    }),
  })
  .filter(
    ({ flags, stages }) => flags.some(({ kind }) => kind === "percentage") || stages.length <= flags.length,
  );

test.each(["constructor", "toString"])("nothing can be called %s, as no stack file can have it", (taken) => {
  const asked = {
    name: "shop",
    flags: ["READ"].map(parseFlag),
    stages: ["one"].map(parseStage),
    metrics: METRICS,
  };
  for (const wrong of [{ name: taken }, { flags: [parseFlag(taken)] }, { stages: [parseStage(taken)] }])
    expect(() => checkAnswers({ ...asked, ...wrong })).toThrow(`${taken}: is a name that nothing can have`);
});

test("whatever is asked for, the files are what cutover reads, and say what was asked for", {
  timeout: 30_000,
}, () => {
  fc.assert(
    fc.property(answers, (asked) => {
      checkAnswers(asked);
      const rollout = rolloutOf(asked);
      expect(rollout.name).toBe(asked.name);
      expect(rollout.stages.map((stage) => stage.name)).toEqual([
        FIRST,
        ...asked.stages.map((stage) => stage.name),
      ]);
      expect(
        Object.entries(rollout.flags).map(([flagName, { kind, writes }]) => ({
          name: flagName,
          kind,
          writes,
        })),
      ).toEqual(
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
        // As the policy pack demands of it.
        const writes = changes(rollout.flags, before?.flags ?? {}, stage.flags).some(
          (change) => rollout.flags[change.flag]?.writes,
        );
        expect(stage.snapshot !== undefined).toBe(writes);
      }
      // The same alarm in two stages would take both down at once.
      const alarms = rollout.stages.flatMap(({ abort }) =>
        Object.values(abort).map(({ metric, threshold }) => JSON.stringify([metric, threshold])),
      );
      expect(new Set(alarms).size).toBe(alarms.length);
    }),
    { numRuns: 30 },
  );
});

test("dumps take the place of a snapshot: a gate on one, and one on the record of a restore", () => {
  const database = { host: "db.internal", name: "app", tables: ["users"] };
  const dumps = asked(["A!"], ["one"], { snapshot: undefined, backup: "s3://app-backups/pg", database });
  const rollout = rolloutOf(dumps);
  expect(rollout.backup?.dumps).toBe("s3://app-backups/pg");
  const [, stage] = rollout.stages;
  expect(Object.values(stage?.entry ?? {}).map(({ source }) => source)).toEqual([
    ...["signOff", "sql", "backup", "restored"],
  ]);
  expect(stage?.snapshot).toBeUndefined();
});

test("the last stage has every flag on", () => {
  fc.assert(
    fc.property(answers, (asked) => {
      for (const [, value] of valuesIn(asked, asked.stages.length)) expect([true, 100]).toContain(value);
      for (const [, value] of valuesIn(asked, 0)) expect([false, 0]).toContain(value);
    }),
  );
});

test("the project file is Pulumi's, and points to the program", () => {
  const [project] = filesOf(
    { name: "no", flags: [{ name: "A", kind: "boolean" }], stages: [{ name: "a" }], metrics: METRICS },
    PATHS,
  );
  expect(parse(project?.text ?? "")).toMatchObject({
    name: "no",
    main: "../../index.ts",
    runtime: { name: "nodejs" },
  });
});

/** Flags as `--flag` has them, with `!` for one that writes; stages as `--stage` has them. */
function asked(flags: readonly string[], stages: readonly string[], more: Partial<Answers> = {}): Answers {
  return {
    name: "search",
    flags: flags.map(
      (text): FlagAnswer => ({ ...parseFlag(text.replace("!", "")), writes: text.includes("!") }),
    ),
    stages: stages.map(parseStage),
    snapshot: { kind: "cluster", id: "app" },
    metrics: METRICS,
    ...more,
  };
}

describe("what each stage raises:", () => {
  test.each<[string, Answers, (boolean | number)[][]]>([
    ["one stage", asked(["A", "P:percentage"], ["whole"]), [[true, 100]]],
    ["three steps of a percentage", asked(["P:percentage"], ["a", "b", "c"]), [[10], [50], [100]]],
    [
      "numbers in the stages' names",
      asked(["P:percentage"], ["percent5", "p25", "full"]),
      [[5], [25], [100]],
    ],
    ["numbers that are no percentages", asked(["P:percentage"], ["v1", "v2"]), [[50], [100]]],
    ["what is given", asked(["P:percentage"], ["a:P=1", "b:P=2"]), [[1], [2]]],
    [
      "values that stand until another one",
      asked(["P:percentage", "R"], ["p5", "p50:R=true", "p100"]),
      [
        [5, false],
        [50, true],
        [100, true],
      ],
    ],
    [
      "flags that write come last",
      asked(["W!", "R", "P:percentage"], ["p5", "p50", "p100"]),
      [
        [false, true, 5],
        [false, true, 50],
        [true, true, 100],
      ],
    ],
    [
      "booleans one after another",
      asked(["W!", "A", "B"], ["a", "b", "c"]),
      [
        [false, true, false],
        [false, true, true],
        [true, true, true],
      ],
    ],
    [
      "six stages",
      asked(["P:percentage"], ["p1", "p5", "p10", "p25", "p50", "p100"]),
      [[1], [5], [10], [25], [50], [100]],
    ],
  ])("%s", (_, answers, expected) => {
    checkAnswers(answers);
    expect(answers.stages.map((_, index) => valuesIn(answers, index + 1).map(([, value]) => value))).toEqual(
      expected,
    );
    expect(
      rolloutOf(answers)
        .stages.slice(1)
        .map(({ flags }) => answers.flags.map((one) => flags[one.name])),
    ).toEqual(expected);
  });
});

test.each(Object.entries(TEMPLATES))("the template %s is what cutover reads", (_, { plan }) => {
  const answers = { ...asked([], []), name: "new-store", ...plan("new-store") };
  checkAnswers(answers);
  const rollout = rolloutOf(answers);
  expect(rollout.stages.map(({ name: stage }) => stage)).toEqual([
    "baseline",
    "shadow",
    "dualWrite",
    "dualRead",
    "newOnly",
    "oldGone",
  ]);
  expect(rollout.stages.filter(({ snapshot }) => snapshot).map(({ name: stage }) => stage)).toEqual([
    "dualWrite",
  ]);
  expect(rollout.stages.at(-2)?.flags).toEqual({
    NEW_STORE_SHADOW: true,
    NEW_STORE_DUAL_WRITE: true,
    NEW_STORE_DUAL_READ: true,
    NEW_STORE_NEW_ONLY: true,
  });
  expect(rollout.stages.at(-1)).toMatchObject({
    flags: {
      NEW_STORE_SHADOW: false,
      NEW_STORE_DUAL_WRITE: false,
      NEW_STORE_DUAL_READ: false,
      NEW_STORE_NEW_ONLY: true,
    },
    contracts: ["NEW_STORE_SHADOW", "NEW_STORE_DUAL_WRITE", "NEW_STORE_DUAL_READ"],
    irreversible: { floor: "oldGone" },
    abort: { XE1: { action: "page" } },
    rollback: {},
  });
});

test("gates and alarms look at the metrics and tables that were named", () => {
  const rollout = rolloutOf(
    asked(["R"], ["one"], {
      database: { host: "db.internal", name: "app", tables: ["users"] },
      metrics: {
        namespace: "Shop",
        errors: "Http5xx",
        requests: "Http",
        latency: { name: "Ms", limit: 300 },
      },
    }),
  );
  expect(rollout.database).toMatchObject({ host: "db.internal", name: "app", reads: ["users"] });
  const [, stage] = rollout.stages;
  expect(stage?.entry.A10).toMatchObject({ source: "sql", query: "select count(*) from users" });
  expect(stage?.exit.EA1).toMatchObject({ namespace: "Shop", name: "Http5xx", samplesFrom: "Http" });
  expect(stage?.exit.EA2).toMatchObject({ name: "Ms", expect: { lt: 300 } });
  expect(stage?.abort.XA2).toMatchObject({ metric: { name: "Ms" }, threshold: { gt: 600 } });
});

test("every date of what is written stands in quotes: Pulumi writes others back in a form of its own", () => {
  for (const { text } of filesOf(asked(["R"], ["one"]), PATHS))
    for (const [found] of text.matchAll(/.?\d{4}-\d\d-\d\d/g)) expect(found).toMatch(/^"/);
});

describe("what makes no rollout is refused, all of it at once:", () => {
  const sound = asked(["A"], ["one"]);
  test.each<[string, Partial<Answers>, RegExp]>([
    ["a name with a capital", { name: "Search" }, /--name Search: must be a name/],
    ["a flag that begins with a digit", { flags: [{ name: "1", kind: "boolean" }] }, /--flag 1: must be/],
    ["no flag", { flags: [] }, /--flag: is missing/],
    ["no stage", { stages: [] }, /--stages: is missing/],
    [
      "more stages than there is to raise",
      { stages: ["one", "two"].map(parseStage) },
      /1 flag of kind boolean makes at most 1/,
    ],
    ["a stage twice", { stages: ["one", "one"].map(parseStage) }, /--stages one: is there twice/],
    ["the first stage by hand", { stages: [{ name: "baseline" }] }, /is always there/],
    [
      "a value of no flag",
      { stages: [parseStage("one:B=true")] },
      /--stage one: speaks of B, which is no flag/,
    ],
    [
      "a stage that is called as a way down",
      { stages: [{ name: "off" }] },
      /--stages off: is a word by which/,
    ],
    ["a stage that is called as all are", { stages: [{ name: "all" }] }, /--stages all: is what the ledger/],
    ["a number for a boolean", { stages: [parseStage("one:A=5")] }, /says A=5, and it is a boolean/],
    [
      "a stage that raises nothing",
      asked(["P:percentage"], ["p5", "p5b:P=5"]),
      /--stage p5: raises no flag|--stage p5b: raises no flag/,
    ],
    ["a stage that lowers", asked(["P:percentage"], ["a:P=50", "b:P=5"]), /--stage b: lowers P/],
    ["more than the whole", asked(["P:percentage"], ["a:P=101"]), /P=101, and it is a percentage/],
    [
      "a flag that writes without a snapshot",
      { ...asked(["A!"], ["one"]), snapshot: undefined },
      /--snapshot: is missing/,
    ],
    [
      "dumps of no database",
      { ...asked(["A!"], ["one"]), snapshot: undefined, backup: "s3://app-backups" },
      /--backup: is of no database/,
    ],
    [
      "a metric of AWS",
      { metrics: { ...METRICS, namespace: "AWS/Lambda" } },
      /--namespace AWS\/Lambda: is no name/,
    ],
    [
      "a table that is none",
      { database: { host: "db", name: "app", tables: ["users; drop table users"] } },
      /is no name that a query can say/,
    ],
    [
      "a database without a table",
      { database: { host: "db", name: "app", tables: [] } },
      /--table: is missing/,
    ],
    [
      "two stages that go down at once",
      { ...asked(["P:percentage"], ["a", "b"]), stages: [{ name: "a", threshold: 0 }, { name: "b" }] },
      /--threshold a: is 0, and that of b is 0/,
    ],
  ])("%s", (_, spec, message) => {
    expect(() => checkAnswers({ ...sound, ...spec })).toThrow(message);
  });

  test("a kind of flag that there is not", () => {
    expect(() => parseFlag("A:text")).toThrow(/NAME:percentage/);
  });
});
