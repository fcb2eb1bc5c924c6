import { readFileSync } from "node:fs";
import pg from "pg";
import type { PostgresConnection } from "../../sandbox";

/** Clock ticks of Linux's /proc, which no setting changes. */
const TICK_MS = 10;

/** Processor time of all sessions of the server that have ended, in ms. Undefined where the system does not tell. */
export async function serverCpuMs(connection: PostgresConnection): Promise<number | undefined> {
  const client = new pg.Client({ ...connection });
  await client.connect();
  const { rows } = await client.query("select pg_backend_pid() as pid");
  try {
    const parent = statOf(Number(rows[0]?.pid))[1];
    // Fields 16 and 17 of proc(5): of its children that have ended.
    const [childUser, childSystem] = statOf(Number(parent)).slice(13, 15);
    return (Number(childUser) + Number(childSystem)) * TICK_MS;
  } catch {
    return undefined;
  } finally {
    await client.end();
  }
}

/** The fields of /proc/PID/stat behind the name: state, parent's pid and so on. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}
