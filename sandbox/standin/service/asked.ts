import { namesRun } from "../../../src/gates/kinds/requests.step";
import type { Answer } from "./answer";
import { type Asked, asSent } from "./exchange";
import type { Json } from "./invent/body";
import type { Part } from "./plan";
import type { AskingRow } from "./serviceRows";
import { ANY_RUN, requestOf } from "./system";

/** A request that came, found among those that are known. */
export interface Recognised {
  /** The known request's key. */
  readonly request: string;
  /** The number that stands for `{run}` in it, where one does. */
  readonly run?: number | undefined;
}

const RUN_TEXT = String(ANY_RUN);

/** Finds the known request that a key says, whatever `{run}` is in it. Undefined where there is none. */
export function recognise(key: string, known: Iterable<string>): Recognised | undefined {
  const requests = new Set([...known].map(requestOf));
  if (requests.has(key)) return { request: key };
  for (const request of requests) {
    if (!request.includes(RUN_TEXT)) continue;
    const [first = "", ...rest] = request.split(RUN_TEXT).map(escaped);
    const match = new RegExp(`^${first}(\\d{1,15})${rest.join("\\1")}$`).exec(key);
    if (match) return { request, run: Number(match[1]) };
  }
  return undefined;
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** How far from `{run}` a number in an answer may be that was made from it. */
const NEAR = 1_000;

/** An answer with the number of this very request in the place of the one that it was found with. */
export function withRun(answer: Answer, run: number): Answer {
  const text = (one: string) => one.replaceAll(RUN_TEXT, String(run));
  const json = (one: Json): Json => {
    if (typeof one === "string") return text(one);
    if (typeof one === "number") return Math.abs(one - ANY_RUN) <= NEAR ? one - ANY_RUN + run : one;
    if (typeof one !== "object" || one === null) return one;
    if (Array.isArray(one)) return one.map(json);
    return Object.fromEntries(Object.entries(one).map(([name, inner]) => [text(name), json(inner as Json)]));
  };
  return {
    ...answer,
    headers: Object.fromEntries(
      Object.entries(answer.headers).map(([name, one]) => [name, typeof one === "string" ? text(one) : one]),
    ),
    ...(answer.body === undefined ? {} : { body: json(answer.body) }),
  };
}

/**
 * How far each row is that asks the same more than once, and is answered otherwise then; and the number that rows said
 * last for `{run}`, which an answer may need to a request that does not say it. What one server saw: a row's requests go
 * to one.
 */
export class Progress {
  private readonly next = new Map<string, number>();
  private readonly runs = new Map<string, number>();

  /** Notes a request, and says under which key its answer stands. */
  keyFor({ request, run }: Recognised, { system, rows }: Part): string {
    let key = request;
    for (const row of rows.filter((one) => system.sequenced.has(one.row))) {
      const steps = stepsOf(row, system.asked);
      const at = this.runs.get(row.row) === run || run === undefined ? (this.next.get(row.row) ?? 0) : 0;
      const step =
        steps[at] && requestOf(steps[at].key) === request
          ? at
          : steps.findIndex((one) => one.key === request);
      const found = steps[step];
      if (!found) continue;
      this.next.set(row.row, step + 1);
      if (found.key !== request) key = found.key;
    }
    for (const asked of system.asked.get(key) ?? []) if (run !== undefined) this.runs.set(asked.row.row, run);
    return key;
  }

  /** What `{run}` is for whoever asks this, in seconds since 1970. */
  runFor(key: string, { system }: Part, now: number): number {
    const rows = (system.asked.get(key) ?? []).filter(({ row }) => namesRun(row.steps));
    const said = rows.map(({ row }) => this.runs.get(row.row)).filter((one) => one !== undefined);
    return said.at(-1) ?? Math.floor(now / 1_000);
  }
}

/** What a row asks, step by step. */
function stepsOf(row: AskingRow, asked: ReadonlyMap<string, readonly Asked[]>): Asked[] {
  return [...asked.values()]
    .flat()
    .filter((one) => one.row.row === row.row && !one.bad)
    .sort((a, b) => a.at - b.at);
}

/** The rows whose answers depend on what their database knows, and that might be asking this. */
export function knowing(rows: readonly AskingRow[], method: string, path: string): AskingRow[] {
  // What stands before the first name is known without the values.
  const begins = (template: string) => path.startsWith(asSent(template.split("{")[0] ?? ""));
  return rows.filter(
    ({ known, steps }) =>
      Object.keys(known).length > 0 && steps.some((step) => step.method === method && begins(step.path)),
  );
}
