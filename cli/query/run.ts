import { z } from "zod";
import type { DatabaseConnection } from "../../src/gates/databaseConnection";
import { type Answer, answer, type Baseline, baseline as baselineSchema } from "../../src/imports/answer";
import { askQueries, reading } from "../../src/imports/ask";
import { QUERY_IDS, type QueryId } from "../../src/imports/queries/query";
import { readCatalog } from "../../src/imports/readCatalog";
import { type IndexSuggestion, suggestIndex } from "../../src/imports/suggestIndex";
import { askerOf } from "../../src/promotion/away";
import type { ImportsConfig } from "../../src/rollout/config/imports";
import { addressed } from "../../src/text/command";
import { milliseconds } from "../../src/text/duration";
import { type Problem, reasonOf, UserError } from "../../src/text/problem";
import { EXIT, type Exit } from "../exit";
import { fitting } from "../fitting";
import { placeHere } from "../locate";
import { type Opened, openStage } from "../pulumi";
import { readingsOf } from "./reading";
import { showAnswer, showWindow } from "./show";

export interface QueryOptions {
  /** The folder with the stack files. */
  readonly folder: string;
  /** Which questions; none means all. */
  readonly ids: readonly string[];
  readonly stage?: string | undefined;
  readonly last?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly olderThan: string;
  readonly baseline?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Asks the questions and prints what came out. The exit code tells whether each has an answer. */
export async function queryCommand(
  options: QueryOptions,
  print: (line: string) => void,
  now: Date = new Date(),
): Promise<Exit> {
  const asked = questionsOf(options, now);
  if ("problems" in asked) {
    for (const { where, what, remedy } of asked.problems)
      print(fitting(`${where}: ${what}. ${remedy}`, process.stdout));
    return EXIT.usage;
  }
  const opened = await openStage(options.folder, options.stage);
  const { rollout, foundation, outputs } = opened;
  const { imports } = rollout.database ?? {};
  if (!imports) throw new UserError(`${rollout.name} has no table of imports:`, [NO_IMPORTS]);
  const recorded = baselineSchema.safeParse(outputs.queryBaseline).data;
  if (options.baseline) return showBaseline(recorded, asked.ids, options, print);
  const answers = await answersTo(asked, opened, imports);
  // From outside of the network it cannot be told.
  const index =
    foundation.database && !rollout.measure ? await suggestedIndex(foundation.database, imports) : undefined;
  const { ids, ...window } = asked;
  if (options.json)
    print(JSON.stringify({ ...window, answers, baseline: only(recorded, ids), index: index ?? null }));
  else {
    print(showWindow(window, recorded));
    for (const answer of answers) {
      const before = recorded?.answers.find(({ id }) => id === answer.id);
      print(`\n${showAnswer(answer, before, readingsOf(rollout, answer.id, options.stage))}`);
    }
    if (index)
      print(`\nThe queries are not cheap: ${index.why}. Have somebody create this index:\n  ${index.ddl};`);
  }
  return answers.some((answer) => "failure" in answer) ? EXIT.failed : EXIT.ok;
}

/** Asked from here, or by the rollout's measuring function, where it declares one. */
async function answersTo(asked: Asked, opened: Opened, imports: ImportsConfig): Promise<Answer[]> {
  const { rollout, foundation } = opened;
  const ask = askerOf(opened);
  if (ask) {
    const accepted = await ask({ kind: "imports", ...asked, ids: [...asked.ids] });
    const answers = accepted.ok ? z.array(answer).safeParse(accepted.seen) : undefined;
    if (answers?.success) return answers.data;
    const why = accepted.ok ? "the function's answer is none to these questions" : accepted.why;
    throw new UserError(
      `The database cannot be asked: ${addressed(why, placeHere(rollout.name, opened.settings.folder))}`,
    );
  }
  if (!foundation.database)
    throw new UserError(
      `The gates' login is not known: the stack ${rollout.stages[0].name} has no such output`,
    );
  return askQueries(foundation.database, imports, asked).catch((error: unknown): never => {
    throw new UserError(`The database cannot be asked: ${reasonOf(error)}`);
  });
}

const NO_IMPORTS: Problem = {
  where: "cutover:rollout.database.imports",
  what: "is missing, and the questions are asked of it",
  remedy: "Map the table's columns there, then bring the first stage up",
};

interface Asked {
  readonly ids: readonly QueryId[];
  readonly since: string;
  readonly until: string;
  readonly olderThanMs: number;
}

/** What is asked, or all that is wrong with how it was typed. */
export function questionsOf(
  { ids, last, since, until, olderThan }: Omit<QueryOptions, "folder">,
  now: Date,
): Asked | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const known = ids.map((id) => id.toUpperCase());
  for (const id of known)
    if (!(QUERY_IDS as readonly string[]).includes(id))
      problems.push({ where: id, what: "is no question", remedy: `Known: ${QUERY_IDS.join(", ")}` });
  const length = (option: string, text: string): number => {
    try {
      return milliseconds(text);
    } catch {
      problems.push({
        where: option,
        what: `must be a duration, got ${text}`,
        remedy: "Write one such as 24h",
      });
      return 0;
    }
  };
  const time = (option: string, text: string): number => {
    const value = Date.parse(text);
    if (Number.isFinite(value)) return value;
    problems.push({
      where: option,
      what: `must be a time, got ${text}`,
      remedy: "Write one such as 2026-11-21T10:00:00Z",
    });
    return 0;
  };
  if (last !== undefined && since !== undefined)
    problems.push({ where: "--last", what: "and --since say two things", remedy: "Leave one of them out" });
  const end = until === undefined ? now.getTime() : time("--until", until);
  const start = since === undefined ? end - length("--last", last ?? "24h") : time("--since", since);
  const olderThanMs = length("--older-than", olderThan);
  if (problems.length === 0 && start >= end)
    problems.push({ where: "--since", what: "is not before --until", remedy: "Turn them round" });
  if (problems.length > 0) return { problems };
  return {
    ids: known.length === 0 ? QUERY_IDS : QUERY_IDS.filter((id) => known.includes(id)),
    since: new Date(start).toISOString(),
    until: new Date(end).toISOString(),
    olderThanMs,
  };
}

function showBaseline(
  recorded: Baseline | undefined,
  ids: readonly QueryId[],
  { json }: QueryOptions,
  print: (line: string) => void,
): Exit {
  if (!recorded) {
    print("No baseline is recorded. Bring the first stage's stack up: it records one.");
    return EXIT.failed;
  }
  if (json) print(JSON.stringify(only(recorded, ids)));
  else {
    print(showWindow(recorded, undefined));
    for (const answer of recorded.answers)
      if (ids.includes(answer.id)) print(`\n${showAnswer(answer, undefined, [])}`);
  }
  return EXIT.ok;
}

function only(recorded: Baseline | undefined, ids: readonly QueryId[]): Baseline | null {
  return recorded
    ? { ...recorded, answers: recorded.answers.filter(({ id }: Answer) => ids.includes(id)) }
    : null;
}

const CATALOG_TIMEOUT_MS = 10_000;

/** Undefined also where it cannot be told: the answers are what was asked for. */
async function suggestedIndex(
  database: DatabaseConnection,
  mapping: ImportsConfig,
): Promise<IndexSuggestion | undefined> {
  return reading(database, CATALOG_TIMEOUT_MS, async (client) => {
    const { table } = await readCatalog(client, mapping, database.schema);
    return table && suggestIndex(mapping, database.schema, table);
  }).catch(() => undefined);
}
