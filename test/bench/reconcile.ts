import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { gatePlace } from "../../sandbox/postgres/reach";
import { openSqlSource } from "../../src/gates/database";
import { EVERY_MS } from "../../src/probe/cadence";
import { type Reconciled, Reconciler } from "../../src/probe/reconcile/reconciler";
import { reconcileSettings } from "../../src/probe/reconcile/settings";
import { reconciliation } from "../../src/rollout/config/reconcile";
import { startTestServer, type TestServer } from "../support/postgres";
import { type Figure, seconds } from "./figure";
import { serverCpuMs } from "./serverCpu";

/** Rows of each source. `ROWS=1000000` makes them fewer. */
const ROWS = Number(process.env.ROWS ?? 10_000_000);
const MOST_MEMORY = 128 * 2 ** 20;
const CHANGES_PER_MINUTE = 1_000;
const LATER_ROUNDS = 12;
const MOST_SHARE = 0.01;

const items = reconciliation.parse({
  title: "Items, by the old path and by the new one",
  key: "id",
  changed: "updated_at",
  lag: "5s",
  first: { name: "old", query: "select id, status, version, note, updated_at from old_items" },
  second: { name: "new", query: "select id, status, version, note, updated_at from new_items" },
  // As fast as a round lets it: how long the first walk takes by default follows from its limit.
  rowsPerMinute: { first: 60_000_000 },
});

/**
 * A first walk through two tables with nine planted differences, by the memory that it takes; then rounds on the clock at
 * a thousand changes a minute, by the processor time that they cost server and client.
 */
export async function benchReconcile(say: (line: string) => void): Promise<Figure[]> {
  const server = await startTestServer();
  const writer = new pg.Client({ ...server.connection });
  await writer.connect();
  try {
    await fill(writer, say);
    const reconciler = new Reconciler(reconcileSettings(items));
    const first = await firstWalk(server, reconciler, say);
    return [first, await laterRounds(server, writer, reconciler, say)];
  } finally {
    await writer.end();
    await server.stop();
  }
}

async function fill(client: pg.Client, say: (line: string) => void): Promise<void> {
  const started = performance.now();
  for (const table of ["old_items", "new_items"]) {
    await client.query(
      `create unlogged table ${table} (id bigint, status text, version int, note text, updated_at timestamptz)`,
    );
    await client.query(
      `insert into ${table} select n, 'open', n % 7, 'item ' || n, now() - interval '1 day' - n * interval '1 ms'
         from generate_series(1, ${ROWS}) n`,
    );
    await client.query(`alter table ${table} add primary key (id)`);
    await client.query(`create index on ${table} (updated_at, id)`);
    await client.query(`vacuum analyze ${table}`);
  }
  // Planted without a word in updated_at: the walk alone finds them.
  await client.query(`delete from new_items where id in (1, ${ROWS / 2}, ${ROWS})`);
  await client.query(`delete from old_items where id in (2, ${ROWS / 4}, ${ROWS - 1})`);
  await client.query(`update new_items set status = 'lost' where id in (3, ${ROWS / 2 + 1}, ${ROWS - 2})`);
  say(`2 × ${ROWS.toLocaleString("en")} rows are there after ${seconds(performance.now() - started)}`);
}

/** As the probe does it: a connection of its own for each round. */
async function round({ connection }: TestServer, reconciler: Reconciler): Promise<Reconciled> {
  const { user, password } = connection;
  const source = openSqlSource({ ...gatePlace(connection), schema: "public", user, password });
  try {
    const read = await reconciler.round(source, performance.now() + 15_000);
    if ("failure" in read) throw new Error(read.failure);
    return read.done;
  } finally {
    await source.close();
  }
}

async function firstWalk(
  server: TestServer,
  reconciler: Reconciler,
  say: (line: string) => void,
): Promise<Figure> {
  const before = process.memoryUsage().rss;
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  const [cpu, started] = [await serverCpuMs(server.connection), performance.now()];
  let rounds = 1;
  let found = await round(server, reconciler);
  for (; found.passes === 0; rounds++) found = await round(server, reconciler);
  clearInterval(sampling);
  const took = performance.now() - started;
  const used = ((await serverCpuMs(server.connection)) ?? 0) - (cpu ?? 0);
  const mb = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
  say(`walked in ${rounds} rounds and ${seconds(took)}, ${seconds(used)} of the server's processor`);
  await sleep(6_000);
  const { missing, extra, different, pending } = await round(server, reconciler);
  say(`found ${missing} missing, ${extra} extra, ${different} different, ${pending} younger than the lag`);
  const right = [missing, extra, different, pending].join() === "3,3,3,0" && found.matched === ROWS - 9;
  return {
    what: `first walk through 2 × ${ROWS / 1_000_000} million rows with nine planted differences`,
    shown: `${mb(most - before)} more memory at most (${mb(most)} in all), ${seconds(took)}; ${right ? "all nine and no other" : "NOT the nine"} found`,
    limit: `${mb(MOST_MEMORY)}, all nine`,
    ok: most - before <= MOST_MEMORY && right,
  };
}

async function laterRounds(
  server: TestServer,
  writer: pg.Client,
  reconciler: Reconciler,
  say: (line: string) => void,
): Promise<Figure> {
  const each = Math.round((CHANGES_PER_MINUTE * EVERY_MS) / 60_000);
  let [own, ofServer, written] = [0, 0, 0];
  for (let turn = 0; turn < LATER_ROUNDS; turn++) {
    const started = performance.now();
    // What was walked before is written to, all over the keys. The writer's own session lasts, so its time is left out.
    for (const table of ["old_items", "new_items"])
      await writer.query(
        `update ${table} set version = version + 1, updated_at = now() where id = any (
           select 10 + (n * 7919::bigint * ${turn + 1}) % ${ROWS - 20} from generate_series(1, ${each}) n)`,
      );
    const [before, client] = [await serverCpuMs(server.connection), process.cpuUsage()];
    const found = await round(server, reconciler);
    const { user, system } = process.cpuUsage(client);
    written += found.written;
    own += (user + system) / 1_000;
    ofServer += ((await serverCpuMs(server.connection)) ?? 0) - (before ?? 0);
    if (found.pending > 0) throw new Error("a difference was invented");
    await sleep(Math.max(0, EVERY_MS - (performance.now() - started)));
  }
  const share = (own + ofServer) / (LATER_ROUNDS * EVERY_MS);
  const ms = (value: number) => `${Math.round(value / LATER_ROUNDS)} ms`;
  say(`${written} rows seen to change; ${ms(ofServer)} of the server and ${ms(own)} of its own a round`);
  return {
    what: `rounds of a reconciler at ${CHANGES_PER_MINUTE} changes a minute, the sweep with it`,
    shown: `${(share * 100).toFixed(2)} % of one core (mean of ${LATER_ROUNDS} rounds; server ${ms(ofServer)}, client ${ms(own)})`,
    limit: `${MOST_SHARE * 100} %`,
    ok: share <= MOST_SHARE,
  };
}
