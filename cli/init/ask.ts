import type { Ask } from "../askThere";
import { type Answers, type DatabaseAnswer, type FlagAnswer, METRICS, type StageAnswer } from "./answers";
import { checkAnswers } from "./check";
import {
  list,
  parseBackup,
  parseDatabase,
  parseLatency,
  parseSnapshot,
  parseTable,
  parseThreshold,
  refusal,
} from "./parse";
import { plan } from "./plan";
import { type Given, SOUND, wrongIn } from "./question";

/** What has to be given where nobody can be asked, and is not. */
export function missingIn(given: Given): string[] {
  const { name, template, flags, stages, stage, writes, snapshot, backup } = given;
  return [
    ...(name === undefined ? ["--name"] : []),
    ...((flags ?? template) ? [] : ["--flag"]),
    ...((stages ?? stage ?? template) ? [] : ["--stages"]),
    ...((writes ?? template) !== undefined && (snapshot ?? backup) === undefined
      ? ["--snapshot or --backup"]
      : []),
  ];
}

/** The answers: what was given stands, and the rest is asked for, or left out where nobody is there to be asked. */
export async function answersFrom(given: Given, ask: Ask | undefined): Promise<Answers> {
  const name =
    given.name ??
    (await ask?.({
      text: "Name of the rollout",
      example: "new-search",
      check: (answer) => wrongIn(() => checkAnswers({ ...SOUND, name: answer })),
    })) ??
    "";
  const { flags, stages } = await plan(name, given, ask);
  const { snapshot, backup } = await keptBy(given, flags, ask);
  const metrics = {
    namespace: given.namespace ?? (await askMetric("CloudWatch namespace of the app's metrics", name, ask)),
    errors: given.errors ?? (await askMetric("Its metric of errors", METRICS.errors, ask)) ?? METRICS.errors,
    requests:
      given.requests ??
      (await askMetric("Its metric of requests", METRICS.requests, ask)) ??
      METRICS.requests,
  };
  const latency = given.latency ?? (await askLatency(ask));
  const database = await databaseOf(given, ask);
  return {
    name,
    flags,
    stages: bearing(stages, given.thresholds ?? []),
    metrics: { ...metrics, ...(latency ? { latency: parseLatency(latency) } : {}) },
    ...(snapshot ? { snapshot: parseSnapshot(snapshot) } : {}),
    ...(backup ? { backup: parseBackup(backup) } : {}),
    ...(database ? { database } : {}),
  };
}

/** What keeps the data before a flag that writes is raised. */
async function keptBy(
  { snapshot, backup }: Given,
  flags: readonly FlagAnswer[],
  ask: Ask | undefined,
): Promise<Pick<Given, "snapshot" | "backup">> {
  if ((snapshot ?? backup) !== undefined || !flags.some(({ writes }) => writes)) return { snapshot, backup };
  const read = (answer: string) => (/^[s/]/.test(answer) ? parseBackup : parseSnapshot)(answer);
  const answer = await ask?.({
    text: "What is snapshotted before: instance:ID of RDS, or cluster:ID; or where dumps are to lie, as s3://BUCKET/PREFIX",
    example: "instance:app-db",
    check: (one) => wrongIn(() => read(one)),
  });
  return answer !== undefined && /^[s/]/.test(answer) ? { backup: answer } : { snapshot: answer };
}

function askMetric(text: string, initial: string, ask: Ask | undefined): Promise<string> | undefined {
  return ask?.({
    text,
    initial,
    check: (answer) =>
      wrongIn(() => checkAnswers({ ...SOUND, metrics: { ...METRICS, errors: answer } }))?.replace(
        "--errors ",
        "",
      ),
  });
}

function askLatency(ask: Ask | undefined): Promise<string> | undefined {
  return ask?.({
    text: "Its metric of latency with the most that p95 may be, as METRIC:milliseconds; nothing for none",
    example: "none",
    check: (answer) => (answer === "" ? undefined : wrongIn(() => parseLatency(answer))),
  });
}

async function databaseOf(given: Given, ask: Ask | undefined): Promise<Answers["database"]> {
  const place =
    given.database ??
    (await ask?.({
      text: "PostgreSQL that gates may read, as HOST/NAME or HOST:PORT/NAME; nothing for none",
      example: "none",
      check: (answer) => (answer === "" ? undefined : wrongIn(() => parseDatabase(answer))),
    })) ??
    "";
  if (place === "" && given.tables)
    throw refusal([{ where: "--table", what: "is of no database", remedy: "Name it: --database HOST/NAME" }]);
  if (place === "") return undefined;
  const database = parseDatabase(place);
  const tables = (given.tables ?? list((await askTables(database, ask)) ?? "")).map(parseTable);
  return { ...database, tables };
}

function askTables(
  database: Omit<DatabaseAnswer, "tables">,
  ask: Ask | undefined,
): Promise<string> | undefined {
  return ask?.({
    text: "Tables that must have rows before the first stage, with commas",
    example: "users, orders",
    check: (answer) =>
      wrongIn(() =>
        checkAnswers({ ...SOUND, database: { ...database, tables: list(answer).map(parseTable) } }),
      ),
  });
}

function bearing(stages: readonly StageAnswer[], given: readonly string[]): StageAnswer[] {
  const borne = new Map(given.map(parseThreshold));
  const strange = [...borne.keys()].filter((name) => !stages.some((stage) => stage.name === name));
  if (strange.length > 0)
    throw refusal(
      strange.map((name) => ({
        where: `--threshold ${name}`,
        what: "is no stage",
        remedy: `There is: ${stages.map((stage) => stage.name).join(", ")}`,
      })),
    );
  return stages.map((stage) => {
    const threshold = borne.get(stage.name);
    return threshold === undefined ? stage : { ...stage, threshold };
  });
}
