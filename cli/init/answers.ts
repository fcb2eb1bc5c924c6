import { flagName } from "../../src/rollout/config/flagSpec";
import { name } from "../../src/rollout/config/stackFile";
import { type Problem, UserError } from "../../src/text/problem";

/** What a rollout's files are written from. */
export interface Answers {
  readonly name: string;
  readonly flags: readonly FlagAnswer[];
  /** In the order in which they are promoted; the first stage, with every flag off, comes before them. */
  readonly stages: readonly string[];
}

export interface FlagAnswer {
  readonly name: string;
  readonly kind: "boolean" | "percentage";
}

/** The stack of the first stage: every flag is off, and it owns what all stages share. */
export const FIRST = "baseline";
/** More would have no row ids of their own, and nobody promotes so many. */
const MOST_STAGES = 20;

/** `OPS_READ` or `ROLLOUT_PERCENT:percentage`. */
export function parseFlag(text: string): FlagAnswer {
  const [, flag = "", kind] = /^([^:]*)(?::(boolean|percentage))?$/.exec(text) ?? [];
  if (flag === "")
    throw refusal([
      {
        where: `--flag ${text}`,
        what: "is no flag",
        remedy: "Write its name, or NAME:percentage for a whole percentage",
      },
    ]);
  return { name: flag, kind: kind === "percentage" ? "percentage" : "boolean" };
}

/** Throws a `UserError` with all that is wrong with the answers. */
export function checkAnswers({ name: rollout, flags, stages }: Answers): void {
  const problems: Problem[] = [];
  const check = (where: string, text: string, schema: typeof name) => {
    const result = schema.safeParse(text);
    if (!result.success)
      problems.push({
        where: `${where} ${text}`,
        what: `must be ${result.error.issues[0]?.message ?? "another name"}`,
        remedy: "Choose another name",
      });
  };
  check("--name", rollout, name);
  for (const flag of flags) check("--flag", flag.name, flagName);
  for (const stage of stages) check("--stages", stage, name);
  for (const [where, words] of [
    ["--flag", flags.map((flag) => flag.name)],
    ["--stages", [FIRST, ...stages]],
  ] as const)
    for (const twice of new Set(words.filter((word, index) => words.indexOf(word) !== index)))
      problems.push({
        where: `${where} ${twice}`,
        what:
          twice === FIRST
            ? "is the first stage, with every flag off, which is always there"
            : "is there twice",
        remedy: twice === FIRST ? "Leave it out" : "Name it once",
      });
  if (flags.length === 0)
    problems.push({ where: "--flag", what: "is missing", remedy: "Name at least one flag" });
  const steps = flags.some(({ kind }) => kind === "percentage")
    ? MOST_STAGES
    : Math.min(flags.length, MOST_STAGES);
  if (stages.length === 0)
    problems.push({ where: "--stages", what: "is missing", remedy: "Name at least one stage" });
  else if (flags.length > 0 && stages.length > steps)
    problems.push({
      where: "--stages",
      what: `names ${stages.length} stages, but ${steps === MOST_STAGES ? `at most ${MOST_STAGES} make a rollout` : `${flags.length} flags of kind boolean make at most ${steps}`}: each stage has to raise something`,
      remedy: "Name fewer stages, more flags, or a flag as NAME:percentage",
    });
  if (problems.length > 0) throw refusal(problems);
}

function refusal(problems: readonly Problem[]): UserError {
  return new UserError("No files are written:", problems);
}

/**
 * Every flag's value in a stage, counted from 1: a percentage rises with each stage, and flags that are on or off
 * are turned on one after another.
 */
export function valuesIn(
  { flags, stages }: Answers,
  stage: number,
): [flag: string, value: boolean | number][] {
  const booleans = flags.filter(({ kind }) => kind === "boolean");
  return flags.map((flag): [string, boolean | number] => {
    if (flag.kind === "percentage") return [flag.name, percentAt(stage, stages.length)];
    const turn = Math.floor((booleans.indexOf(flag) * stages.length) / booleans.length) + 1;
    return [flag.name, stage >= turn];
  });
}

/** 10, 50, 100 for three stages: a small step first, and the whole at the end. */
function percentAt(stage: number, stages: number): number {
  if (stage === 0) return 0;
  if (stage === stages) return 100;
  return stages === 3 ? ([10, 50][stage - 1] as number) : Math.floor((100 * stage) / stages);
}
