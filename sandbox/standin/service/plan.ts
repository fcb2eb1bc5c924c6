import type { Flags } from "../../../src/flags/flags";
import { astOf } from "../../../src/gates/ast";
import { placeholders } from "../../../src/gates/placeholders";
import type { Answer } from "./answer";
import { asSent, type Clock, type Values } from "./exchange";
import { type FlagsPlace, flagsPlaceOf, reportIn } from "./flagReport";
import { type GivenAnswers, givenAnswer } from "./given";
import { literalsOf } from "./invent/ast";
import type { Scalar } from "./invent/pool";
import { type AskingRow, askingRows, type Scripted } from "./serviceRows";
import { type Around, type System, solveSystem } from "./system";
import { type Fault, fails, PLAIN_FAULTS, type Turning, turningOf } from "./wrong";

/** What a stand-in's answers are made from. */
export interface PlanOptions {
  readonly clock: Clock;
  /** What people say that a row's steps are answered, by the row's name. */
  readonly answers?: GivenAnswers | undefined;
}

/** Answers for some of a rollout's rows, and all that they were found by. */
export interface Part {
  readonly rows: readonly AskingRow[];
  readonly system: System;
  readonly around: Around;
}

/**
 * What the service answers: one set of answers whatever is live; or, where one request has to be answered in two ways, one
 * for each set of flags.
 */
export interface Plan {
  readonly rows: readonly AskingRow[];
  readonly place: FlagsPlace;
  readonly parts: readonly Part[];
  /** The answers while these flags are live. */
  partFor(flags: Flags): Part;
}

/** What a query may be answered, tried one after the other: what it is is known at run time alone. */
const SAMPLES: readonly ((index: number) => Scalar)[] = [
  () => 5,
  (index) => index + 2,
  (index) => `known-${index + 1}`,
  () => true,
];

/** Finds the answers to all that a rollout's gates ask. Pure. */
export function planOf(rollout: Scripted, { clock, answers = {} }: PlanOptions): Plan {
  const rows = askingRows(rollout);
  const place = flagsPlaceOf(rollout);
  const around = (sample: (index: number) => Scalar): Around => ({
    clock,
    known: ({ known }) => Object.fromEntries(Object.keys(known).map((name, index) => [name, sample(index)])),
    over: (row, key) =>
      key.startsWith(`GET ${asSent(place.path)}\n`)
        ? reportIn(place, { flags: row.flags, source: "appconfig" })
        : undefined,
    given: (row, at) => givenAnswer(answers, row.row, at),
    said: saidBy(rows),
  });
  const solved = (some: readonly AskingRow[]) => bestOf(some, around);
  const whole = solved(rows);
  const groups = whole.system.unmet.length === 0 ? [] : byFlags(rows);
  const apart = groups.length > 1 ? groups.map(solved) : [];
  const unmet = apart.reduce((sum, { system }) => sum + system.unmet.length, 0);
  const parts = apart.length > 0 && unmet < whole.system.unmet.length ? apart : [whole];
  return { rows, place, parts, partFor: (flags) => partOf(parts, flags) ?? whole };
}

/** The answers where a query's values are other ones than were assumed. */
export function withKnown({ rows, around }: Part, known: ReadonlyMap<string, Values>): Part {
  const now: Around = { ...around, known: (row) => known.get(row.row) ?? around.known(row) };
  return solvedPart(rows, now);
}

function solvedPart(rows: readonly AskingRow[], around: Around): Part {
  const system = solveSystem(rows, around);
  return { rows, system, around: { ...around, sequenced: system.sequenced } };
}

function bestOf(rows: readonly AskingRow[], around: (sample: (index: number) => Scalar) => Around): Part {
  let best: Part | undefined;
  for (const sample of SAMPLES) {
    const part = solvedPart(rows, around(sample));
    if (part.system.unmet.length < (best?.system.unmet.length ?? Number.POSITIVE_INFINITY)) best = part;
    // Without queries, every sample says the same.
    if (part.system.unmet.length === 0 || rows.every(({ known }) => Object.keys(known).length === 0)) break;
  }
  return best as Part;
}

const keyed = (flags: Flags) => JSON.stringify(Object.entries(flags).sort());

/** The rows that are asked while the same flags are live. */
function byFlags(rows: readonly AskingRow[]): AskingRow[][] {
  const groups = new Map<string, AskingRow[]>();
  for (const row of rows) groups.set(keyed(row.flags), [...(groups.get(keyed(row.flags)) ?? []), row]);
  return [...groups.values()];
}

function partOf(parts: readonly Part[], flags: Flags): Part | undefined {
  if (parts.length === 1) return parts[0];
  return parts.find(({ rows }) => rows.some((row) => keyed(row.flags) === keyed(flags)));
}

/** Every value that gates say anywhere: what one asks for may be what another one takes. */
function saidBy(rows: readonly AskingRow[]): Scalar[] {
  const steps = rows.flatMap((row) => row.steps);
  const said = steps.flatMap(({ value, expect }) => {
    const ast = value === undefined ? undefined : astOf(value);
    return [
      ...(ast ? literalsOf(ast) : []),
      ...Object.entries(expect ?? {}).flatMap(([name, one]) => (name === "quantity" ? [] : [one])),
    ];
  });
  // What still has a name in it is no value yet.
  const values = said.filter((one) => one !== undefined && placeholders(String(one)).length === 0);
  return [...new Set(values as Scalar[])].slice(0, MOST_SAID);
}

/** More values than these only make the search longer. */
const MOST_SAID = 20;

/** What makes a row fail, and how many others; undefined where nothing does. */
export function turning({ parts }: Pick<Plan, "parts">, name: string, fault: Fault): Turning | undefined {
  const part = parts.find(({ rows }) => rows.some(({ row }) => row === name));
  return part && turningIn(part, name, fault);
}

function turningIn(part: Part, name: string, fault: Fault): Turning | undefined {
  const memo = TURNINGS.get(part) ?? new Map<string, Turning | undefined>();
  TURNINGS.set(part, memo);
  const key = `${fault} ${name}`;
  const row = part.rows.find((one) => one.row === name);
  if (!memo.has(key)) memo.set(key, row && turningOf(row, fault, part.rows, part.system, part.around));
  return memo.get(key);
}

/** Looked for once: it takes many tries. */
const TURNINGS = new WeakMap<Part, Map<string, Turning | undefined>>();

/**
 * The answers of a part with its faults.
 *
 * @param planned the part of the plan that it is, with values of queries that were only assumed: what turns a row there
 * turns it most likely here, too
 */
export function faulted(
  part: Part,
  planned: Part,
  faults: Readonly<Record<Fault, readonly string[]>>,
): ReadonlyMap<string, Answer> {
  const answers = new Map(part.system.answers);
  for (const fault of ["wrong", "slow"] as const)
    for (const name of faults[fault]) {
      const row = part.rows.find((one) => one.row === name);
      const assumed = turningIn(planned, name, fault);
      if (!row || !assumed) continue;
      const now = answers.get(assumed.key);
      const then = now && new Map(answers).set(assumed.key, told(assumed, fault, now));
      const turned = then && fails(row, then, part.around) ? assumed : turningIn(part, name, fault);
      const good = turned && answers.get(turned.key);
      if (turned && good) answers.set(turned.key, told(turned, fault, good));
    }
  return allWrong(answers, part, planned, faults.wrong);
}

/** What is wrong for one row may be right for another one that is to fail, too: then both are answered what suits nobody. */
function allWrong(
  answers: Map<string, Answer>,
  { rows, around }: Part,
  planned: Part,
  wrong: readonly string[],
): ReadonlyMap<string, Answer> {
  const failing = (name: string, then: ReadonlyMap<string, Answer>) =>
    rows.filter(({ row }) => row === name).every((row) => fails(row, then, around));
  for (const name of wrong.filter((one) => !failing(one, answers))) {
    const key = turningIn(planned, name, "wrong")?.key;
    const plain = PLAIN_FAULTS.map((answer) => new Map(answers).set(key ?? "", answer));
    const found =
      key === undefined ? undefined : plain.find((then) => wrong.every((one) => failing(one, then)));
    if (key !== undefined && found) answers.set(key, found.get(key) as Answer);
  }
  return answers;
}

/** What is slow says the same as before. */
const told = ({ answer }: Turning, fault: Fault, good: Answer): Answer =>
  fault === "slow" ? { ...good, delay: answer.delay } : answer;
