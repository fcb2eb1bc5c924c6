import type { Answers, FlagAnswer, Value } from "./answers";

/** A percentage in a stage's name: `percent5`, `p50`, `to-25pct`. */
const PERCENT = /(?:^|-)(?:p|pct|percent|percentage|to)-?(\d{1,3})(?:pct|percent)?$/i;

/**
 * Every flag's value in a stage, counted from 1; 0 is the first one, with every flag off. What was given for a flag
 * stands until a later stage says another thing. A percentage of which nothing was given takes the numbers of the
 * stages' names, or rises with each stage; flags that are on or off are turned on one after another, and those that
 * write come last. States are gone through one a stage.
 */
export function valuesIn(answers: Pick<Answers, "flags" | "stages">, stage: number): [string, Value][] {
  return answers.flags.map((flag): [string, Value] => [flag.name, valueIn(flag, answers, stage)]);
}

function valueIn(flag: FlagAnswer, answers: Pick<Answers, "flags" | "stages">, stage: number): Value {
  const off = flag.states?.[0] ?? (flag.kind === "percentage" ? 0 : false);
  if (stage === 0) return off;
  const said = answers.stages.map(({ values }) => values?.find(([name]) => name === flag.name)?.[1]);
  if (said.some((value) => value !== undefined))
    return said.slice(0, stage).findLast((value) => value !== undefined) ?? off;
  if (flag.states) return flag.states[Math.min(stage, flag.states.length - 1)] ?? off;
  if (flag.kind === "boolean") return stage >= turnOf(flag, answers);
  return percents(answers.stages.map(({ name }) => name))[stage - 1] ?? 0;
}

/** The stage, counted from 1, in which a boolean is turned on. */
function turnOf(flag: FlagAnswer, { flags, stages }: Pick<Answers, "flags" | "stages">): number {
  const booleans = flags.filter(({ kind }) => kind === "boolean");
  const writers = booleans.filter(({ writes }) => writes);
  const readers = booleans.filter(({ writes }) => !writes);
  const count = stages.length;
  const last = count - writers.length + 1 + writers.indexOf(flag);
  if (flag.writes) return Math.min(count, Math.max(last, readers.length > 0 ? 2 : 1));
  const room = Math.max(1, count - writers.length);
  return Math.floor((readers.indexOf(flag) * room) / readers.length) + 1;
}

/** The percentage that a stage's name says; NaN where it says none. */
export function percentIn(name: string): number {
  return Number(PERCENT.exec(name)?.[1] ?? Number.NaN);
}

/** The percentage of each stage. */
function percents(stages: readonly string[]): number[] {
  const named = stages.map(percentIn);
  if (named.some((number) => !Number.isNaN(number))) return filled(named);
  // A small step first, and the whole at the end.
  if (stages.length === 3) return [10, 50, 100];
  return stages.map((_, index) => Math.floor((100 * (index + 1)) / stages.length));
}

/** Stages without a number keep the one before; the last one is the whole. */
function filled(named: readonly number[]): number[] {
  let at = 0;
  return named.map((number, index) => {
    at = Number.isNaN(number) ? (index === named.length - 1 ? 100 : at) : number;
    return at;
  });
}

/** What a stage raises over the one before, as `READ` or `PERCENT at 50 %`. */
export function raisedIn(answers: Pick<Answers, "flags" | "stages">, stage: number): [string, Value][] {
  const before = valuesIn(answers, stage - 1);
  return valuesIn(answers, stage).filter(([, value], index) => value > (before[index]?.[1] ?? value));
}

/** The flags that a stage lowers against the one before: every flag's off value is the least here. */
export function loweredIn(answers: Pick<Answers, "flags" | "stages">, stage: number): string[] {
  const before = valuesIn(answers, stage - 1);
  return valuesIn(answers, stage).flatMap(([flag, value], index) =>
    value < (before[index]?.[1] ?? value) ? [flag] : [],
  );
}

/** Errors within ten seconds that take a stage down, where nobody says another number: this many for each later stage. */
const PER_LATER_STAGE = 5;

/**
 * What each stage bears. While a stage is live, the alarms of those before it watch as well: each bears more than the
 * next, so that a few errors take one step back, and many take all of them.
 */
export function thresholds({ stages }: Pick<Answers, "stages">): number[] {
  return stages.map(({ threshold }, index) => threshold ?? PER_LATER_STAGE * (stages.length - 1 - index));
}
