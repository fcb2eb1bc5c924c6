import type pg from "pg";
import type { DatabaseConnection } from "./databaseConnection";
import { databaseFailure } from "./databaseFailure";
import { beginReading, GRACE_MS } from "./databaseSession";

/** Statements of one snapshot, read-only, as the gates' login. They throw what makes `reading` answer with a failure. */
export interface Reading {
  /** Each value as the text that the server sends, or null. */
  rows(text: string, values: readonly unknown[]): Promise<Readonly<Record<string, string | null>>[]>;
  /** The names of what a statement yields, and the numbers of their types. */
  columns(text: string): Promise<{ readonly name: string; readonly type: number }[]>;
}

/** What several statements made of one snapshot, or why they could not be asked, as `KIND: why`. */
export type Read<T> = { readonly done: T } | { readonly failure: string };

/** A few statements that have to see the same. */
export interface ReadingSource {
  /**
   * Throws what `work` itself throws, beside the database's errors.
   *
   * @param asked what the database may name in its errors without telling data
   */
  reading<T>(limits: ReadingLimits, asked: string, work: (reading: Reading) => Promise<T>): Promise<Read<T>>;
}

/** How long may be read. */
export interface ReadingLimits {
  /** Of each statement, in ms. */
  readonly timeoutMs: number;
  /** Of all of them together: until when, as `performance.now()` has it. */
  readonly deadline: number;
}

const TOO_LATE = { failure: "timeout: the run was over before there was an answer" };

/** The same by a connection of a pool. */
export async function readingOf<T>(
  pool: pg.Pool,
  connection: DatabaseConnection,
  { timeoutMs, deadline, asked }: ReadingLimits & { readonly asked: string },
  work: (reading: Reading) => Promise<T>,
): Promise<Read<T>> {
  const { user, database, schema } = connection;
  const told = [asked, user, database, schema].join("\n");
  const left = deadline - performance.now();
  if (left <= 0) return TOO_LATE;
  let client: (pg.PoolClient & Pick<pg.Client, "end">) | undefined;
  let late = false;
  // What is under way ends with its connection, also where a server does not answer at all: others have answers to tell.
  const ending = setTimeout(() => {
    late = true;
    client?.end().catch(() => {});
  }, left);
  let broken: Error | undefined;
  // What a statement threw, apart from what is thrown by whoever asks it.
  const asking = async <A>(ask: () => Promise<A>): Promise<A> => {
    try {
      return await ask();
    } catch (error) {
      broken = error instanceof Error ? error : new Error(String(error));
      throw broken;
    }
  };
  try {
    const own = (await asking(() => pool.connect())) as NonNullable<typeof client>;
    client = own;
    if (late) return TOO_LATE;
    const query = (text: string, values: readonly unknown[]) =>
      asking(() => own.query<Record<string, string | null>>(statement(text, values, timeoutMs)));
    await asking(() => beginReading(own, { schema, timeoutMs }));
    const done = await work({
      rows: async (text, values) => (await query(text, values)).rows,
      columns: async (text) =>
        (await query(text, [])).fields.map(({ name, dataTypeID: type }) => ({ name, type })),
    });
    return { done };
  } catch (error) {
    if (late) return TOO_LATE;
    if (broken === undefined) throw error;
    const { failure, message } = databaseFailure(broken, told, connection);
    return { failure: `${failure}: ${message}` };
  } finally {
    if (!broken) await client?.query("rollback").catch((error: Error) => (broken = error));
    clearTimeout(ending);
    // With a connection whose statement failed goes whatever state it was in.
    client?.release(broken);
  }
}

/** By the extended protocol, which takes one statement only. */
function statement(text: string, values: readonly unknown[], timeoutMs: number): pg.QueryConfig {
  const config = { text, values: [...values], queryMode: "extended", query_timeout: timeoutMs + GRACE_MS };
  return { ...config, types: { getTypeParser: () => (value: string) => value } } as pg.QueryConfig;
}
