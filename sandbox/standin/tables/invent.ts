import pg, { type ClientBase } from "pg";
import { reasonOf } from "../../../src/text/problem";
import { rowsOf } from "./ask";
import { valuesAt } from "./moment";
import type { Question, Statement } from "./question";
import { type Read, statementsOf } from "./readQuestions";
import { columnKey, selectsIn, tableOf } from "./sql";
import { quotedTable, type Table } from "./state";
import type { Type } from "./typeNames";
import type { Types } from "./types";

/** A statement that does not run over the tables there are. */
export interface Failing {
  readonly question: Question;
  readonly at: string;
  /** The database's own words. */
  readonly why: string;
}

/** Repairs that are tried for one statement. Each is followed by another look at what is wrong. */
const REPAIRS = 24;

/** Makes up the tables that are not there, with columns of the types that queries need, until the queries run. */
export class Inventing {
  /** Made-up tables: the columns of each, by name, with their types. */
  readonly made = new Map<string, Map<string, string>>();
  /** Statements that run, by where they are written. */
  private readonly ran = new Set<string>();

  constructor(
    private readonly client: ClientBase,
    private readonly types: Types,
    private readonly timeScale: number,
  ) {}

  /** @param given types of columns that are not to be guessed, by their names */
  async create(key: string, columns: Iterable<string>, given: ReadonlyMap<string, string>): Promise<void> {
    const { schema } = tableOf(key);
    const typed = new Map(
      [...columns].map((name) => [
        name,
        given.get(name) ?? this.types.spelledOf(columnKey({ table: key, name })),
      ]),
    );
    await this.client.query(`create schema if not exists ${pg.escapeIdentifier(schema)}`);
    const list = [...typed].map(([name, type]) => `${pg.escapeIdentifier(name)} ${type}`).join(", ");
    await this.client.query(`create table ${quotedTable(key)} (${list})`);
    this.made.set(key, typed);
  }

  /** Runs every statement, and mends the made-up tables where one fails. What fails still is returned. */
  async settle(reads: readonly Read[]): Promise<Failing[]> {
    const failing: Failing[] = [];
    for (const read of reads)
      for (const { at, statement } of statementsOf(read.question)) {
        const why = await this.mend(read, statement, reads);
        if (why === undefined) this.ran.add(at);
        else failing.push({ question: read.question, at, why });
      }
    // What was mended for one must not have broken another.
    const broken = new Set(failing.map(({ at }) => at));
    for (const { question } of reads)
      for (const { at, statement } of statementsOf(question)) {
        const error = broken.has(at) ? undefined : await this.run(question, statement);
        if (error) failing.push({ question, at, why: reasonOf(error) });
      }
    return failing;
  }

  /** The tables that were made up. */
  tables(): Table[] {
    return [...this.made].map(([key, columns]) => ({ key, columns }));
  }

  private async mend(read: Read, statement: Statement, reads: readonly Read[]): Promise<string | undefined> {
    const { question } = read;
    let error = await this.run(question, statement);
    const first = error;
    for (let tried = 0; error && tried < REPAIRS; tried++) {
      if (!(await this.repair(error, read, statement, reads))) break;
      error = await this.run(question, statement);
    }
    return error && reasonOf(first);
  }

  /** One change after which a statement fails in another way, or not at all. False where there is none. */
  private async repair(
    error: pg.DatabaseError,
    read: Read,
    statement: Statement,
    reads: readonly Read[],
  ): Promise<boolean> {
    const named = /"([^"]+)"/.exec(error.message)?.[1] ?? "";
    switch (error.code) {
      case "42704":
        // An enum of the rollout's own: any text will do.
        return (
          /^type /.test(error.message) &&
          this.change(`create domain ${named.split(".").map(pg.escapeIdentifier).join(".")} as text`)
        );
      case "42703":
        return this.addColumn(error, read, statement);
      default:
        return this.retype(error, read, statement, reads);
    }
  }

  private async addColumn(error: pg.DatabaseError, read: Read, statement: Statement): Promise<boolean> {
    const [, name] = /column (?:\S+\.)?"?([^"\s]+)"? does not exist/.exec(error.message) ?? [];
    if (name === undefined) return false;
    for (const key of this.tablesOf(read)) {
      if (this.made.get(key)?.has(name)) continue;
      const type = this.types.typeOf(columnKey({ table: key, name }));
      const changed = await this.attempt(error, read.question, statement, [
        `alter table ${quotedTable(key)} add column ${pg.escapeIdentifier(name)} ${type}`,
      ]);
      if (!changed) continue;
      this.made.get(key)?.set(name, type);
      return true;
    }
    return false;
  }

  /** Gives a column another type, or all of its class where they are compared. */
  private async retype(
    error: pg.DatabaseError,
    read: Read,
    statement: Statement,
    reads: readonly Read[],
  ): Promise<boolean> {
    const columns = this.tablesOf(read).flatMap((key) =>
      [...(this.made.get(key) ?? [])].map(([name]) => columnKey({ table: key, name })),
    );
    const classes = new Map<string, string[]>();
    for (const key of columns) {
      const root = this.types.classOf(key);
      classes.set(root, [...(classes.get(root) ?? []), key]);
    }
    for (const members of classes.values())
      for (const type of members[0] ? this.types.othersOf(members[0]) : []) {
        if (
          !(await this.attempt(
            error,
            read.question,
            statement,
            members.map((key) => this.alter(key, type)),
            reads,
          ))
        )
          continue;
        for (const key of members) {
          const [table = "", name = ""] = JSON.parse(key) as string[];
          this.made.get(table)?.set(name, type);
          this.types.settle(key, type);
        }
        return true;
      }
    return false;
  }

  private alter(key: string, type: Type): string {
    const [table = "", name = ""] = JSON.parse(key) as string[];
    const column = pg.escapeIdentifier(name);
    // Made-up tables are empty while they are made up: nothing has to be converted.
    return `alter table ${quotedTable(table)} alter column ${column} type ${type} using null`;
  }

  /** Made-up tables that a question's queries read. */
  private tablesOf({ selects, prove }: Read): string[] {
    const items = [...selects, ...prove].flatMap((select) => selectsIn(select).flatMap((one) => one.items));
    const keys = new Set(items.flatMap(({ table }) => table ?? []));
    return [...keys].filter((key) => this.made.has(key));
  }

  /** Makes a change, and keeps it where the statement then runs, or fails later on; and no other that ran fails now. */
  private async attempt(
    error: pg.DatabaseError,
    question: Question,
    statement: Statement,
    changes: readonly string[],
    others: readonly Read[] = [],
  ): Promise<boolean> {
    await this.client.query("savepoint change");
    try {
      for (const change of changes) await this.client.query(change);
    } catch {
      await this.client.query("rollback to savepoint change");
      return false;
    }
    const after = await this.run(question, statement);
    // The same may be wrong once more further on: a column that two tables lack.
    const better = !after || Number(after.position ?? 0) > Number(error.position ?? 0);
    let broke = false;
    for (const { question: other } of better ? others : [])
      for (const { at, statement: one } of statementsOf(other))
        if (this.ran.has(at) && (await this.run(other, one))) broke = true;
    await this.client.query(better && !broke ? "release savepoint change" : "rollback to savepoint change");
    return better && !broke;
  }

  private async change(sql: string): Promise<boolean> {
    await this.client.query("savepoint change");
    try {
      await this.client.query(sql);
      await this.client.query("release savepoint change");
      return true;
    } catch {
      await this.client.query("rollback to savepoint change");
      return false;
    }
  }

  /** What the database says against a statement; undefined where it runs. */
  private async run(question: Question, { query, values }: Statement): Promise<pg.DatabaseError | undefined> {
    const now = Date.now();
    const filled = valuesAt(question, values, this.timeScale, { now, liveSince: now - 60_000, down: now });
    await this.client.query("savepoint run");
    try {
      await rowsOf(this.client, query, filled);
      return undefined;
    } catch (error) {
      return error as pg.DatabaseError;
    } finally {
      await this.client.query("rollback to savepoint run");
    }
  }
}
