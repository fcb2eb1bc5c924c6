import { failed } from "../../aws/failure";
import { milliseconds } from "../../text/duration";
import type { Answer } from "../answer";
import { ask, askAny, type Scalar } from "../askJson";
import { mayWrite, onlyReads } from "../common";
import type { SqlSource } from "../database";
import type { Fill, GateOf } from "../kind";
import { NO_DATABASE, NO_SERVICE, type Sources } from "../look";
import type { Seen } from "../observation";
import { fillIn, placeholders } from "../placeholders";
import { notSent } from "../request";
import { requestFailure, send } from "../service";
import type { RequestsGate } from "./requests";
import { filledStep, judgeStep, plainNames, RUN, type Step, type StepAnswer } from "./requests.step";

type Values = Record<string, Scalar>;

/** What the steps have taken so far. Lists go into expressions alone. */
interface Taken {
  readonly values: Values;
  readonly lists: Record<string, readonly Scalar[]>;
}

/**
 * Sends the steps, one after the other, until one does not hold: what comes after it would be about something else. Where
 * they may not change something, one that would keeps all from being sent.
 */
export async function look(
  { definition: gate }: GateOf<RequestsGate>,
  { service, sql, timeScale, acting }: Pick<Sources, "service" | "sql" | "timeScale" | "acting">,
): Promise<Seen> {
  const act = gate.steps.find(({ method }) => !onlyReads(method));
  if (act && !mayWrite({ definition: gate }, { acting })) return failed("bad-answer", notSent(act));
  if (!service) return NO_SERVICE;
  const { values, seen: unknown } = await knownOf(gate, sql);
  if (unknown) return unknown;
  const taken: Taken = { values: { ...values, [RUN]: Math.floor(Date.now() / 1_000) }, lists: {} };
  const plain = new Set(gate.steps.flatMap(plainNames));
  const signal = AbortSignal.timeout(milliseconds(gate.timeout));
  const answers: StepAnswer[] = [];
  for (const step of gate.steps) {
    const filled = filledStep(
      step,
      fillWith(taken.values),
      fillWith(inPath(taken.values)),
      literalWith(taken),
    );
    let answer: Answer;
    try {
      answer = await send(service, filled, signal);
    } catch (error) {
      return requestFailure(error);
    }
    const seen = seenOf(filled, answer, taken, plain);
    answers.push(seen);
    if (judgeStep(filled, seen, { now: Date.now(), timeScale }).outcome !== "pass") break;
  }
  return { kind: "answers", answers };
}

/** What is kept of an answer. What later steps take from it is put into `taken`, and kept nowhere else. */
function seenOf(
  step: Step,
  { status, ms, json, headers }: Answer,
  { values, lists }: Taken,
  plain: ReadonlySet<string>,
): StepAnswer {
  const asked = step.value === undefined ? undefined : ask(step.value, json);
  let lacks = asked?.lacks;
  for (const [name, path] of Object.entries(step.take ?? {})) {
    const found = plain.has(name) ? ask(path, json) : askAny(path, json);
    if (found.value === undefined) lacks ??= found.lacks;
    else if (typeof found.value === "object") lists[name] = found.value;
    else values[name] = found.value;
  }
  const named = Object.keys(step.headers ?? {}).map((name) => name.toLowerCase());
  return {
    status,
    ms,
    ...(asked?.value === undefined ? {} : { value: asked.value }),
    ...(lacks === undefined ? {} : { lacks }),
    ...(named.length === 0
      ? {}
      : { headers: Object.fromEntries(Object.entries(headers).filter(([name]) => named.includes(name))) }),
  };
}

/** What the steps hold answers against; `seen` where that is not known, and says why. */
async function knownOf(
  gate: RequestsGate,
  sql: SqlSource | undefined,
): Promise<{ readonly values: Values; readonly seen?: Seen }> {
  const values: Values = {};
  for (const [name, { query, values: given }] of Object.entries(gate.known ?? {})) {
    if (!sql) return { values, seen: NO_DATABASE };
    const seen = await sql.observe({ query, values: given, timeout: gate.timeout });
    if (seen.kind !== "value") return { values, seen };
    const { value } = seen;
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
      return { values, seen: failed("no-data", `the query of ${name} yields no value`) };
    values[name] = value;
  }
  return { values };
}

const fillWith =
  (values: Values): Fill =>
  (value) =>
    fillIn(value, values);

/** A value or a list in the place of its name, in an expression. */
const literalWith =
  ({ values, lists }: Taken) =>
  (placeholder: string): unknown =>
    placeholders(placeholder)
      .filter((name) => Object.hasOwn(lists, name))
      .map((name) => lists[name])[0] ?? fillIn(placeholder, values);

/** Whatever an answer says is one part of a path, and leads nowhere else. */
const inPath = (values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, encodeURIComponent(String(value))]),
  );
