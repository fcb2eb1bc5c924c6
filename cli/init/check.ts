import { fits, fitting } from "../../src/flags/flags";
import { ALL_STAGES } from "../../src/flags/ledger";
import { NOT_A_NAME } from "../../src/rollout/checks/stages";
import { flagName, flagSpec } from "../../src/rollout/config/flagSpec";
import { DOWN_WORDS } from "../../src/rollout/config/rowConfig";
import { name as stackName } from "../../src/rollout/config/stackFile";
import { counted } from "../../src/text/counted";
import type { Problem } from "../../src/text/problem";
import { type Answers, FIRST, type StageAnswer, type Value } from "./answers";
import { refusal } from "./parse";
import { percentIn, thresholds, valuesIn } from "./steps";

/** More would have no row ids of their own, and nobody promotes so many. */
const MOST_STAGES = 20;
/** A table as it can stand in a query without quotes. */
const TABLE = /^[a-z_][a-z0-9_]{0,62}$/;
/** As CloudWatch takes them; those of AWS come once a minute, and the alarms here look every ten seconds. */
const METRIC = /^(?!AWS\/)[\x21-\x7e][\x20-\x7e]{0,254}$/;

/** Throws a `UserError` with all that is wrong with the answers. */
export function checkAnswers(answers: Answers): void {
  const problems = [
    ...nameProblems(answers),
    ...countProblems(answers),
    ...measureProblems(answers),
    ...writeProblems(answers),
  ];
  // What the stages do is told once it is known what they are.
  const found = problems.length > 0 ? problems : [...valueProblems(answers), ...thresholdProblems(answers)];
  if (found.length > 0) throw refusal(found);
}

function nameProblems({ name, flags, stages }: Answers): Problem[] {
  const spelt = (where: string, text: string, schema: typeof stackName): Problem[] => {
    if (text in Object.prototype) return [{ where: `${where} ${text}`, ...NOT_A_NAME }];
    const result = schema.safeParse(text);
    if (result.success) return [];
    const what = `must be ${result.error.issues[0]?.message ?? "another name"}`;
    return [{ where: `${where} ${text}`, what, remedy: "Choose another name" }];
  };
  return [
    ...spelt("--name", name, stackName),
    ...flags.flatMap((flag) => spelt("--flag", flag.name, flagName)),
    ...flags.flatMap(({ name, states }) => (states ? statesProblems(name, states) : [])),
    ...stages.flatMap((stage) => spelt("--stages", stage.name, stackName)),
    ...twice(
      "--flag",
      flags.map((flag) => flag.name),
    ),
    ...stages
      .filter(({ name }) => name === ALL_STAGES || DOWN_WORDS.includes(name))
      .map((stage) => ({
        where: `--stages ${stage.name}`,
        what:
          stage.name === ALL_STAGES
            ? "is what the ledger calls every stage at once"
            : "is a word by which aborts say how far down they go",
        remedy: "Choose another name",
      })),
    ...twice("--stages", [FIRST, ...stages.map((stage) => stage.name)]),
  ];
}

function statesProblems(name: string, states: readonly string[]): Problem[] {
  const where = `--flag ${name}:${states.join("/")}`;
  const { error } = flagSpec.safeParse({ kind: "states", states });
  const wrong = error?.issues.map(({ message }) => `must be ${message}`) ?? [];
  const again = new Set(states).size < states.length ? ["names a state twice"] : [];
  return [...wrong, ...again].map((what) => ({
    where,
    what,
    remedy: "Name its states in their order, each once",
  }));
}

function twice(where: string, words: readonly string[]): Problem[] {
  return [...new Set(words.filter((word, index) => words.indexOf(word) !== index))].map((word) =>
    word === FIRST
      ? {
          where: `${where} ${word}`,
          what: "is the first stage, with every flag off, which is always there",
          remedy: "Leave it out",
        }
      : { where: `${where} ${word}`, what: "is there twice", remedy: "Name it once" },
  );
}

function countProblems({ flags, stages }: Answers): Problem[] {
  const problems: Problem[] = [];
  if (flags.length === 0)
    problems.push({ where: "--flag", what: "is missing", remedy: "Name at least one flag" });
  const steps = flags.some(({ kind }) => kind !== "boolean")
    ? MOST_STAGES
    : Math.min(flags.length, MOST_STAGES);
  if (stages.length === 0)
    problems.push({ where: "--stages", what: "is missing", remedy: "Name at least one stage" });
  else if (flags.length > 0 && stages.filter(({ contracts }) => !contracts).length > steps)
    problems.push({
      where: "--stages",
      what: `names ${stages.length} stages, but ${steps === MOST_STAGES ? `at most ${MOST_STAGES} make a rollout` : `${counted(flags.length, "flag")} of kind boolean ${flags.length === 1 ? "makes" : "make"} at most ${steps}`}: each stage has to raise something`,
      remedy: "Name fewer stages, more flags, or a flag as NAME:percentage",
    });
  return problems;
}

function measureProblems({ metrics, database }: Answers): Problem[] {
  const names = [
    ["--namespace", metrics.namespace],
    ["--errors", metrics.errors],
    ["--requests", metrics.requests],
    ["--latency", metrics.latency?.name],
  ] as const;
  const unnamed = names.flatMap(([where, text]): Problem[] =>
    text === undefined || METRIC.test(text)
      ? []
      : [
          {
            where: `${where} ${text}`,
            what: "is no name of a metric of the app's own",
            remedy: "Write it as the app publishes it to CloudWatch",
          },
        ],
  );
  const tables = database?.tables ?? [];
  return [
    ...unnamed,
    ...twice("--table", tables),
    ...tables
      .filter((table) => !TABLE.test(table))
      .map((table) => ({
        where: `--table ${table}`,
        ...(table.includes(".")
          ? {
              what: "is a table of a schema other than public",
              remedy: `Name the table alone, ${table.split(".").at(-1)}, and write its schema into the files: database: { schema: … }`,
            }
          : {
              what: "is no name that a query can say without quotes: small letters, digits and _",
              remedy: "Name another one; such a table is added to the files by hand",
            }),
      })),
    ...(database && tables.length === 0
      ? [{ where: "--table", what: "is missing", remedy: "Name at least one table that gates may read" }]
      : []),
  ];
}

function writeProblems({ flags, snapshot, backup, database }: Answers): Problem[] {
  const writers = flags.filter(({ writes }) => writes).map(({ name }) => name);
  if (backup && !database)
    return [{ where: "--backup", what: "is of no database", remedy: "Name it: --database HOST/NAME" }];
  if (writers.length === 0 || snapshot || backup) return [];
  return [
    {
      where: "--snapshot",
      what: `is missing, and ${writers.join(", ")} lets the new path write users' data`,
      remedy:
        "Name what is snapshotted before: instance:ID, or cluster:ID. Or say where dumps lie: --backup s3://BUCKET/PREFIX",
    },
  ];
}

/** Names that say percentages which no rollout goes through in this order: who reads them would be misled. */
function orderProblems({ flags, stages }: Answers): Problem[] {
  const rising = flags.some(
    ({ name, kind }) =>
      kind === "percentage" && !stages.some(({ values }) => values?.some(([flag]) => flag === name)),
  );
  if (!rising) return [];
  let before = { name: FIRST, percent: 0 };
  return stages.flatMap(({ name }): Problem[] => {
    const percent = percentIn(name);
    if (Number.isNaN(percent)) return [];
    const { name: earlier, percent: reached } = before;
    if (percent > reached && percent <= 100) {
      before = { name, percent };
      return [];
    }
    return [
      {
        where: `--stages ${name}`,
        what:
          percent > 100
            ? `says ${percent} %, and 100 % is all`
            : `says ${percent} %, and ${earlier} before it has ${reached} %: a percentage only rises`,
        remedy: "Name the stages in the order in which they are promoted, or give them other names",
      },
    ];
  });
}

/** A name that says another percentage than the stage has. */
function misnamed(
  { flags }: Answers,
  { name }: StageAnswer,
  values: readonly (readonly [string, Value])[],
): string | undefined {
  const percent = percentIn(name);
  const percentages = values.filter(([flag]) =>
    flags.some((one) => one.name === flag && one.kind === "percentage"),
  );
  const [first] = percentages;
  if (Number.isNaN(percent) || !first || percentages.some(([, value]) => value === percent)) return undefined;
  return `is called after ${percent} %, and ${first[0]} is at ${first[1]} % there`;
}

function valueProblems(answers: Answers): Problem[] {
  const falling = orderProblems(answers);
  if (falling.length > 0) return falling;
  return answers.stages.flatMap((stage, index): Problem[] => {
    const where = `--stage ${stage.name}`;
    const errors = givenProblems(answers, stage, where);
    if (errors.length > 0) return errors;
    const before = valuesIn(answers, index);
    const values = valuesIn(answers, index + 1);
    const steps = values.map(
      ([flag, value], at) => [flag, Number(value) - Number(before[at]?.[1] ?? 0)] as const,
    );
    const lowered = steps.filter(([, step]) => step < 0).map(([flag]) => flag);
    // A template means it; of what was typed it is more often a slip.
    if (lowered.length > 0 && !stage.contracts)
      return [
        {
          where,
          what: `lowers ${lowered.join(", ")}`,
          remedy: "A stage raises flags; one that takes some down again says contracts: in its file, by hand",
        },
      ];
    if (lowered.length > 0) return [];
    if (steps.some(([, step]) => step > 0)) {
      const what = misnamed(answers, stage, values);
      return what === undefined ? [] : [{ where, what, remedy: "Give it a name that fits, or that value" }];
    }
    return [
      {
        where,
        what: "raises no flag over the stage before it",
        remedy: "Give it values: --stage NAME:FLAG=value",
      },
    ];
  });
}

function givenProblems({ flags }: Answers, { values = [] }: StageAnswer, where: string): Problem[] {
  return values.flatMap(([name, value]): Problem[] => {
    const flag = flags.find((one) => one.name === name);
    if (!flag)
      return [
        {
          where,
          what: `speaks of ${name}, which is no flag`,
          remedy: `There is: ${flags.map((one) => one.name).join(", ")}`,
        },
      ];
    const spec = { ...flag, off: false, requires: [], writes: false };
    if (fits(spec, value)) return [];
    const { what, remedy } = fitting(spec);
    return [{ where, what: `says ${name}=${value}, and it is ${what}`, remedy }];
  });
}

function thresholdProblems(answers: Answers): Problem[] {
  const borne = thresholds(answers);
  return answers.stages.flatMap((stage, index): Problem[] => {
    const next = answers.stages[index + 1];
    if (!next || (borne[index] ?? 0) > (borne[index + 1] ?? 0)) return [];
    return [
      {
        where: `--threshold ${stage.name}`,
        what: `is ${borne[index]}, and that of ${next.name} is ${borne[index + 1]}: both would go down at once`,
        remedy: "Let each stage bear more errors than the next",
      },
    ];
  });
}
