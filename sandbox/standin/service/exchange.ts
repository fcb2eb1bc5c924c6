import stringify from "safe-stable-stringify";
import { ask, askAny, type Scalar } from "../../../src/gates/askJson";
import { http } from "../../../src/gates/kinds/http";
import { filledStep, judgeStep, type Step, type StepAnswer } from "../../../src/gates/kinds/requests.step";
import { fillIn, placeholders } from "../../../src/gates/placeholders";
import type { HttpRequest } from "../../../src/gates/request";
import type { Found } from "../../../src/gates/verdict";
import { at } from "../../../src/text/dotted";
import { type Answer, hasBody, headersAt } from "./answer";
import { type Json, laidOver } from "./invent/body";
import { type AskingRow, isOneRequest } from "./serviceRows";

/** Values by their names: what a database knows, and what answers gave. Lists go into expressions alone. */
export type Values = Readonly<Record<string, Scalar | readonly Scalar[]>>;

/** One request of a row as it is sent, and what its answer has to be. */
export interface Asked {
  readonly row: AskingRow;
  /** Which of its steps. */
  readonly at: number;
  /** True where the answer must not be what the step demands. */
  readonly bad: boolean;
  /** With every value in the place of its name. */
  readonly step: Step;
  readonly key: string;
  /** What the server says there by itself, over anything that is invented. */
  readonly over?: Json | undefined;
  readonly clock: Clock;
}

/** When an answer is judged. */
export interface Clock {
  /** In ms since 1970. */
  readonly now: number;
  /** How much faster declared durations pass than the clock. */
  readonly timeScale: number;
}

/** What a request is told by: two with the same key have the same answer. */
export function keyOf({ method, path, as, body }: HttpRequest): string {
  return [`${method} ${asSent(path)}`, as ?? "", body === undefined ? "" : stringify(body)].join("\n");
}

/** A path as a client sends it. */
export function asSent(path: string): string {
  const { pathname, search } = new URL(path.replace(/^\/+/, "/"), "http://localhost");
  return `${pathname}${search}`;
}

/** A step with every value that is known in the place of its name; undefined where one is not known yet. */
export function bound(row: AskingRow, step: Step, values: Values): Step | undefined {
  const scalars = Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, Scalar] => typeof entry[1] !== "object"),
  );
  const open = placeholders(JSON.stringify(step)).filter(
    (name) => takes(row).includes(name) && !Object.hasOwn(values, name),
  );
  if (open.length > 0) return undefined;
  const inPath = Object.fromEntries(
    Object.entries(scalars).map(([name, value]) => [name, encodeURIComponent(String(value))]),
  );
  return filledStep(
    step,
    (value) => fillIn(value, scalars),
    (value) => fillIn(value, inPath),
    (placeholder) => {
      const [name = ""] = placeholders(placeholder);
      return Object.hasOwn(values, name) ? values[name] : placeholder;
    },
  );
}

const takes = ({ steps }: AskingRow) => steps.flatMap(({ take }) => Object.keys(take ?? {}));

/** An answer as a gate sees it, and the values that the row's later steps have from it. */
export interface Judged {
  readonly found: Found;
  readonly taken: Values;
  /** Of an answer's value; absent where the step asks for none. */
  readonly value?: unknown;
}

/** Judges an answer with the kind's own judge. Total. */
export function judgeAnswer({ row, step, over, clock }: Asked, answer: Answer): Judged {
  const json = hasBody(step.method, answer.status) ? laidOver(answer.body, over) : undefined;
  const ms = answer.delay ?? 0;
  if (isOneRequest(row.definition)) return judgeHttp(row, step, answer, json);
  const asked = step.value === undefined ? undefined : ask(step.value, json);
  let lacks = asked?.lacks;
  const taken: Record<string, Scalar | readonly Scalar[]> = {};
  for (const [name, path] of Object.entries(step.take ?? {})) {
    const found = row.plain.has(name) ? ask(path, json) : askAny(path, json);
    if (found.value === undefined) lacks ??= found.lacks;
    else taken[name] = found.value;
  }
  const seen: StepAnswer = {
    status: answer.status,
    ms,
    ...(asked?.value === undefined ? {} : { value: asked.value }),
    ...(lacks === undefined ? {} : { lacks }),
    headers: headersAt(answer, clock.now),
  };
  return { found: judgeStep(step, seen, clock), taken, value: asked?.value };
}

function judgeHttp(
  { id, stage, section, definition, anySuccess }: AskingRow,
  step: Step,
  answer: Answer,
  json: unknown,
): Judged {
  if (!isOneRequest(definition)) throw new TypeError(`${id} is no gate of one request`);
  const found = step.value === undefined ? undefined : at(json, step.value);
  const isObject = typeof found === "object" && found !== null;
  const value = isObject ? (Array.isArray(found) ? "a list" : "an object") : found;
  const gate = { id, stage, phase: section, definition } as Parameters<typeof http.judge>[0];
  const status =
    anySuccess && answer.status >= 200 && answer.status <= 299 ? definition.status : answer.status;
  const seen = { kind: "answer" as const, status, ms: answer.delay ?? 0, value };
  return { found: http.judge(gate, seen, { now: 0, timeScale: 1, attempt: 1 }), taken: {}, value };
}
