import { randomBytes } from "node:crypto";
import type pg from "pg";
import { expect } from "vitest";
import { gatePlace, openPool } from "../../../../sandbox/postgres/reach";
import { momentsOf, valuesAt } from "../../../../sandbox/standin/tables/moment";
import { type Outcome, outcomeOf, type Question } from "../../../../sandbox/standin/tables/question";
import { openTables, type StandInTables } from "../../../../sandbox/standin/tables/tables";
import { openSqlSource } from "../../../../src/gates/database";
import type { Expectation } from "../../../../src/gates/expectation";
import { gateDefinition } from "../../../../src/gates/gate";
import type { Rollout, Stage } from "../../../../src/rollout/rollout";
import { booleanFlag, rollout, stage } from "../../../support/build";
import type { TestServer } from "../../../support/postgres";

/** How much faster time passes, as in a rehearsal. */
const TIME_SCALE = 3_600;

/** A gate of a case: its query and what it expects, and what else a gate may say. */
export type Asked = readonly [query: string, expect: Expectation, more?: object];

/** A rollout whose only stage with gates asks these, as A1, A2 …, and probes these, as X1, X2 …. */
export function asking(
  gates: readonly Asked[],
  probes: readonly (readonly [query: string, threshold: Expectation, more?: object])[] = [],
  database: Partial<NonNullable<Rollout["database"]>> = {},
): Rollout {
  const exit = Object.fromEntries(
    gates.map(([query, expected, more], at) => [
      `A${at + 1}`,
      gateDefinition.parse({ source: "sql", title: "It holds", query, expect: expected, ...more }),
    ]),
  );
  const abort = Object.fromEntries(
    probes.map(([query, threshold, more], at) => [
      `X${at + 1}`,
      { title: "It does not hold", probe: { query, values: [], timeout: "5s", ...more }, threshold },
    ]),
  ) as unknown as Stage["abort"];
  return rollout({
    flags: { FLAG: booleanFlag() },
    database: {
      host: "127.0.0.1",
      port: 5432,
      name: "ops",
      ssl: "disable",
      schema: "public",
      reads: [],
      ...database,
    },
    stages: [stage("baseline", { exit, abort })],
  });
}

/** A database of its own, with what stands in it from the start, and its tables stood in for. */
export interface Opened {
  readonly pool: pg.Pool;
  readonly tables: StandInTables;
  /** What a question comes to as gates read it, at each moment that it has to hold at. */
  outcomes(question: Question): Promise<Outcome[]>;
  close(): Promise<void>;
}

export async function open(server: TestServer, of: Rollout, before = "", after = ""): Promise<Opened> {
  const database = `d${randomBytes(6).toString("hex")}`;
  await server.admin.query(`create database ${database}`);
  const pool = openPool({ ...server.connection, database });
  if (before !== "") await pool.query(before);
  const tables = await openTables(pool, of, { timeScale: TIME_SCALE });
  if (after !== "") await pool.query(after);
  const { user, password } = server.connection;
  const schema = of.database?.schema ?? "public";
  const source = openSqlSource({ ...gatePlace(server.connection), database, schema, user, password });
  return {
    pool,
    tables,
    outcomes: async (question) => {
      const outcomes: Outcome[] = [];
      for (const moment of momentsOf(question, Date.now())) {
        const filled = (values: Question["values"]) => valuesAt(question, values, TIME_SCALE, moment);
        const seen = await source.observe({
          query: question.query,
          values: filled(question.values),
          timeout: "5s",
          ...(question.samples
            ? { samplesFrom: { ...question.samples, values: filled(question.samples.values) } }
            : {}),
        });
        const answer =
          seen.kind === "value"
            ? { value: seen.value, samples: seen.samples }
            : { error: seen.kind === "failure" ? seen.message : seen.kind };
        outcomes.push(outcomeOf(question, answer));
      }
      return outcomes;
    },
    close: async () => {
      await source.close();
      await pool.end();
    },
  };
}

/** Every question by its id, with what it comes to; `lasting` ones are known not to fail. */
export async function allOutcomes({ tables, outcomes }: Opened): Promise<Record<string, Outcome>> {
  const all: Record<string, Outcome> = {};
  for (const question of tables.questions) {
    // As a rehearsal does it: what was written a while ago, on a busy machine, is not of now any more.
    await tables.refresh();
    const each = new Set(await outcomes(question));
    all[question.id] = each.size === 1 ? ([...each][0] as Outcome) : "unclear";
  }
  return all;
}

/**
 * The laws: over calm tables all is well; once one question is spoiled it is answered badly, and no others than those
 * that are named beside it; calm again, all is well again.
 */
export async function holdsLaws(opened: Opened): Promise<void> {
  const { tables } = opened;
  const well = () => Object.fromEntries(tables.questions.map(({ id }) => [id, "good"]));
  await tables.calm();
  expect(await allOutcomes(opened)).toEqual(well());
  for (const { id } of tables.questions) {
    if (tables.lasting.has(id)) continue;
    const { outcome, also } = await tables.spoil(id);
    const { [id]: self, ...others } = await allOutcomes(opened);
    expect([id, self]).toEqual([id, outcome]);
    const turned = Object.keys(others).filter((other) => others[other] !== "good");
    expect([id, turned.sort()]).toEqual([id, [...also].sort()]);
  }
  await tables.calm();
  expect(await allOutcomes(opened)).toEqual(well());
}
