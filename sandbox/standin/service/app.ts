import type { Context, Hono } from "hono";
import { allOff, type FlagSpecs, type Flags } from "../../../src/flags/flags";
import { filledHeader, type NamedSource } from "../../../src/gates/elsewhere/source";
import type { Rollout } from "../../../src/rollout/rollout";
import { type AppOptions as Common, serviceApp } from "../../demo/service/app";
import type { FlagState } from "../../demo/service/flags";
import { log } from "../../demo/service/log";
import { type Answer, hasBody, headersAt } from "./answer";
import { knowing, Progress, recognise, withRun } from "./asked";
import { sourceAt } from "./elsewhereRows";
import { asSent, keyOf, type Values } from "./exchange";
import type { Faulty } from "./faults";
import { reportIn } from "./flagReport";
import { type Json, laidOver } from "./invent/body";
import { faulted, type Part, type Plan, withKnown } from "./plan";
import { refusal, refusalFor } from "./refusal";
import type { AskingRow } from "./serviceRows";

export interface AppOptions extends Common<Faulty> {
  readonly report: () => FlagState<Flags>;
  readonly plan: Plan;
  readonly specs: FlagSpecs;
  /** Bearer tokens by their roles. */
  readonly tokens: Readonly<Record<string, string>>;
  /** What the database says of the values of these rows. */
  readonly known: (rows: readonly AskingRow[]) => Promise<ReadonlyMap<string, Values>>;
  /** The named sources that it stands in for. */
  readonly sources?: Rollout["sources"];
  /** Waits for so many ms. */
  readonly wait: (ms: number) => Promise<unknown>;
}

/** Where every stand-in tells its flags in one shape, beside the place that its rollout names. */
const OWN_FLAGS = "/_flags";

/** The service's HTTP surface: what gates ask, flags at their place, and refusals for all else. */
export function createApp(options: AppOptions): Hono {
  const app: Hono = serviceApp(options, OWN_FLAGS);
  const { place } = options.plan;
  const solved = new Solved(options);
  const progress = new Progress();
  const started = new Date().toISOString();
  app.all("*", async (c) => {
    const { method, url } = c.req.raw;
    const { pathname, search } = new URL(url);
    const path = `${pathname}${search}`;
    const tellsFlags = method === "GET" && path === asSent(place.path);
    const source = sourceAt(options.sources, pathname);
    const role = source ? letIn(c, source, options.tokens) : roleOf(c, options.tokens);
    // Whoever waits for servers to converge is not a user of the service, and has no token.
    if (!role.known && !tellsFlags) return sent(c, refusal(401));
    const { part, planned } = await solved.partFor(method, path);
    const key = keyOf({ method: method as "GET", path, as: role.name, body: await bodyOf(c) });
    const answer = answerTo(key, part, solved.answers(part, planned), progress);
    if (answer?.delay !== undefined) await options.wait(answer.delay);
    if (!tellsFlags) return sent(c, answer ?? refusalFor(key, part.system.answers.keys()));
    const report = reportIn(place, { ...reported(options), more: { server: options.server, started } });
    return sent(c, { status: 200, headers: {}, ...answer, body: laidOver(answer?.body, report) });
  });
  return app;
}

function answerTo(
  key: string,
  part: Part,
  answers: ReadonlyMap<string, Answer>,
  progress: Progress,
): Answer | undefined {
  const known = recognise(key, answers.keys());
  if (!known) return undefined;
  const found = progress.keyFor(known, part);
  const answer = answers.get(found);
  return answer && withRun(answer, known.run ?? progress.runFor(found, part, Date.now()));
}

/** Answers for so many different states of the database are kept. */
const MOST_PARTS = 20;

/** Answers as they are with what the database knows now, and with the faults of now. */
class Solved {
  private readonly parts = new Map<string, Part>();
  private latest: { part: Part; faults: Faulty; answers: ReadonlyMap<string, Answer> } | undefined;

  constructor(private readonly options: AppOptions) {}

  async partFor(method: string, path: string): Promise<{ part: Part; planned: Part }> {
    const { plan, known, report } = this.options;
    const planned = plan.partFor(report().flags);
    const asking = knowing(planned.rows, method, path);
    if (asking.length === 0) return { part: planned, planned };
    const values = await known(asking);
    const name = JSON.stringify([plan.parts.indexOf(planned), ...values]);
    const solved = this.parts.get(name) ?? withKnown(planned, values);
    if (!this.parts.has(name)) {
      for (const { asked } of solved.system.unmet)
        log(`${asked.row.row}: no answer to ${asked.step.method} ${asked.step.path} meets its gate`);
      // Tables that grow say something else each time.
      if (this.parts.size >= MOST_PARTS) this.parts.clear();
      this.parts.set(name, solved);
    }
    return { part: solved, planned };
  }

  answers(part: Part, planned: Part): ReadonlyMap<string, Answer> {
    const faults = this.options.faults.now;
    if (this.latest?.part !== part || this.latest.faults !== faults)
      this.latest = { part, faults, answers: faulted(part, planned, faults) };
    return this.latest.answers;
  }
}

/** Whose token came; not known where it is nobody's. */
function roleOf(
  c: Context,
  tokens: Readonly<Record<string, string>>,
): { readonly known: boolean; readonly name?: string | undefined } {
  const header = c.req.header("authorization");
  if (header === undefined) return { known: true };
  const role = Object.entries(tokens).find(([, token]) => header === `Bearer ${token}`);
  return role ? { known: true, name: role[0] } : { known: false };
}

/** Whoever asks a named source sends all of its headers. They are nobody's of the app itself. */
function letIn(
  c: Context,
  { headers }: NamedSource,
  tokens: Readonly<Record<string, string>>,
): { readonly known: boolean; readonly name?: undefined } {
  const sent = Object.entries(headers).map(([name, header]) => [
    c.req.header(name),
    filledHeader(header, (role) => tokens[role] ?? ""),
  ]);
  return { known: sent.every(([given, asked]) => given === asked) };
}

async function bodyOf(c: Context): Promise<Record<string, unknown> | undefined> {
  const text = await c.req.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // No request of a gate looks like this, and no answer of one is meant.
    return { "not JSON": text };
  }
}

function reported({ report, faults, specs }: AppOptions) {
  const { flags, source, drill } = report();
  const word = source ?? "appconfig";
  if (faults.now.flags === "missing") return { source: word };
  if (faults.now.flags === "stale") return { source: word, flags: allOff(specs) };
  return { source: word, flags, ...(drill === undefined ? {} : { drill: drill as Json }) };
}

function sent(c: Context, answer: Answer): Response {
  const { status, body } = answer;
  const headers = headersAt(answer, Date.now());
  const text = hasBody(c.req.raw.method, status) && body !== undefined ? JSON.stringify(body) : null;
  const json = text === null ? {} : { "content-type": "application/json" };
  return new Response(text, { status, headers: { ...json, ...headers } });
}
