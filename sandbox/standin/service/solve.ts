import { search } from "@aws-lambda-powertools/jmespath";
import { type Ast, astOf } from "../../../src/gates/ast";
import { compare } from "../../../src/gates/expectation";
import { filledExpression } from "../../../src/gates/jmespath";
import { headerError } from "../../../src/gates/kinds/requests.headers";
import type { Step } from "../../../src/gates/kinds/requests.step";
import { type Answer, canBeSent, type HeaderValue, hasBody, headerChoices, headersAt } from "./answer";
import { type Asked, judgeAnswer } from "./exchange";
import { conjunctsOf, dottedAst, literalsOf } from "./invent/ast";
import { buildBody, type Choices, laidOver } from "./invent/body";
import { climb, type Tried } from "./invent/climb";
import { poolOf, type Scalar } from "./invent/pool";
import { newShape, readInto } from "./invent/shape";
import { isOneRequest } from "./serviceRows";

/** How an answer is looked for. */
export interface Looking {
  /** What else may be a value: whatever the rollout's gates say anywhere. */
  readonly said?: readonly Scalar[];
  /** How often no answer was found that later steps could use, too. Each turn begins with other values. */
  readonly turn?: number;
  readonly tries?: number;
  /** Whether it is enough that all fails that has to; of the rest as much as can be is met then. */
  readonly failing?: boolean;
}

/** Whether an answer is what was asked for. */
export function meets(asked: Asked, answer: Answer): boolean {
  return (judgeAnswer(asked, answer).found.outcome === "pass") !== asked.bad;
}

/**
 * An answer that meets all that is asked of it, by search: candidates are built from what the expressions name, and held
 * against the judge that gates have. Undefined where none was found.
 */
export function solve(
  asked: readonly Asked[],
  { said = [], turn = 0, tries, failing = false }: Looking = {},
): Answer | undefined {
  const [first] = asked;
  if (!first) return undefined;
  const expressions = asked.flatMap(readings);
  const shape = newShape();
  for (const { ast } of expressions) readInto(ast, shape);
  const literals = expressions.flatMap(({ ast }) => literalsOf(ast));
  const wanted = asked.flatMap(({ step: { expect } }) => (expect ? [expect] : []));
  const values = wanted.flatMap(({ eq, ne, gt, gte, lt, lte }) =>
    [eq, ne, gt, gte, lt, lte].filter((one) => one !== undefined),
  );
  const pool = poolOf([...values, ...literals, ...said], wanted, turn);
  hintExpected(asked, shape);
  const statuses = statusChoices(asked.map(({ step }) => step));
  const headers = headersFor(asked);
  const attempt = (choices: Choices): Try => {
    const status = statuses[choices.get("status") ?? 0] ?? 200;
    const built = buildBody(shape, pool, choices, turn);
    const body = hasBody(first.step.method, status) ? { body: built.body } : {};
    const answer: Answer = { status, headers, ...body };
    const scores = asked.map((one) => nearness(one, answer));
    return {
      answer,
      holds: scores.every((one) => one === HOLDS),
      score: scores.reduce((sum, one) => sum + one, 0),
      willDo: failing && asked.every((one, index) => !one.bad || scores[index] === HOLDS),
      options: new Map([["status", statuses.length], ...built.options]),
    };
  };
  return climb(attempt, tries)?.answer;
}

interface Try extends Tried {
  readonly answer: Answer;
}

/** What is asked of the body, an expression each. */
function readings({ row, step }: Asked): { readonly ast: Ast }[] {
  const dotted = isOneRequest(row.definition);
  const texts = [step.value, ...Object.values(step.take ?? {})].filter((one) => one !== undefined);
  return texts.flatMap((text) => {
    const ast = dotted ? dottedAst(text) : astOf(text);
    return ast ? [{ ast }] : [];
  });
}

/** What a value itself is expected to be is held against its place. */
function hintExpected(asked: readonly Asked[], shape: ReturnType<typeof newShape>): void {
  for (const one of asked) {
    const { expect } = one.step;
    const [reading] = readings(one);
    if (!expect || one.step.value === undefined || !reading) continue;
    const place = readInto(reading.ast, shape);
    if (place.made) continue;
    const { eq, gt, gte, lt, lte } = expect;
    if (eq !== undefined) place.near.add(eq);
    if ([gt, gte, lt, lte].some((bound) => bound !== undefined) || expect.quantity) place.kinds.add("number");
    if (expect.ne !== undefined) place.kinds.add(typeof expect.ne as "number" | "string" | "boolean");
  }
}

const COMMON = [200, 201, 202, 204, 400, 404, 409, 410, 422, 500];

function statusChoices(steps: readonly Step[]): number[] {
  const named = steps.flatMap(({ status, orStatus = [] }) => [
    ...(status === undefined || status === "any" ? [] : [status].flat()),
    ...orStatus,
  ]);
  const plain = named.length === steps.length ? [] : [200];
  // What is no answer at all, such as 101, cannot be given.
  return [...new Set([...plain, ...named, ...COMMON])].filter((one) => one >= 200);
}

function headersFor(asked: readonly Asked[]): Record<string, HeaderValue> {
  const named = new Map<string, Parameters<typeof headerChoices>[0][number][]>();
  for (const { step, bad } of asked)
    for (const [name, one] of Object.entries(step.headers ?? {}))
      if (!bad) named.set(name.toLowerCase(), [...(named.get(name.toLowerCase()) ?? []), one]);
  const clock = asked[0]?.clock ?? { now: 0, timeScale: 1 };
  const found = [...named].flatMap(([name, expected]) => {
    const shown = (value: HeaderValue) =>
      headersAt({ status: 200, headers: { [name]: value } }, clock.now)[name];
    const choices = headerChoices(expected).filter((one) => canBeSent(name, shown(one) ?? ""));
    const fits = (value: HeaderValue) =>
      expected.every((one) => headerError(name, one, shown(value), clock) === undefined);
    const value = choices.find(fits);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

/** How near an answer is that is all that is asked. */
const HOLDS = 100;

/** How near an answer is to what is asked, below `HOLDS` where it is not that. */
function nearness(asked: Asked, answer: Answer): number {
  const { found, value } = judgeAnswer(asked, answer);
  if (asked.bad) return found.outcome === "pass" ? 0 : HOLDS;
  if (found.outcome === "pass") return HOLDS;
  const { step } = asked;
  const status = judgeAnswer({ ...asked, step: statusAlone(step) }, answer).found.outcome;
  let near = status === "pass" || isOneRequest(asked.row.definition) ? 10 : 0;
  const json = laidOver(answer.body, asked.over);
  if (step.take && json !== undefined)
    near += 10 * share(Object.values(step.take), (one) => there(one, json));
  if (!step.expect || step.value === undefined) return near;
  const compared = compare(step.expect, value);
  near += value === undefined ? 0 : compared.kind === "unusable" ? 2 : 5;
  if (typeof value === "number") near += closeness(step, value);
  const ast = isOneRequest(asked.row.definition) ? undefined : astOf(step.value);
  if (ast && json !== undefined) near += 20 * share(conjunctTexts(step.value), (one) => isTrue(one, json));
  return near;
}

function statusAlone({ method, path, status, orStatus }: Step): Step {
  return { method, path, status, ...(orStatus ? { orStatus } : {}) };
}

function share<T>(all: readonly T[], holds: (one: T) => boolean): number {
  return all.length === 0 ? 0 : all.filter(holds).length / all.length;
}

function found(expression: string, json: unknown): unknown {
  try {
    return search(
      filledExpression(expression, (name) => name),
      json as Parameters<typeof search>[1],
    );
  } catch {
    return undefined;
  }
}

const there = (expression: string, json: unknown) => (found(expression, json) ?? null) !== null;
const isTrue = (expression: string, json: unknown) => found(expression, json) === true;

/** The parts of a conjunction as texts; the whole where it has none. Text inside of quotes is left alone. */
function conjunctTexts(expression: string): string[] {
  const known = TEXTS.get(expression);
  if (known) return known;
  const parts = expression.split("&&").map((one) => one.trim());
  const ast = astOf(expression);
  // Only where every part by itself is one conjunct of the whole.
  const texts = ast && conjunctsOf(ast).length === parts.length && parts.every(astOf) ? parts : [expression];
  TEXTS.set(expression, texts);
  return texts;
}

const TEXTS = new Map<string, string[]>();

/** From 0 to 1: how near a number is to the bounds that it misses. */
function closeness({ expect = {} }: Step, value: number): number {
  const bounds = [expect.eq, expect.gt, expect.gte, expect.lt, expect.lte].filter(
    (one) => typeof one === "number",
  );
  const away = bounds.reduce((sum, one) => sum + Math.abs(one - value), 0);
  return 1 / (1 + away);
}
