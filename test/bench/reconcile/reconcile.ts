import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { EVERY_MS } from "../../../src/probe/cadence";
import { reconcileSettings } from "../../../src/probe/reconcile/settings";
import { reconciliation } from "../../../src/rollout/config/reconcile";
import { startTestServer, type TestServer } from "../../support/postgres";
import { type Figure, seconds } from "../figure";
import { serverCpuMs } from "../serverCpu";
import { ProbeProcess } from "./probeProcess";

/** Rows of each source. `ROWS=1000000` makes them fewer. */
const ROWS = Number(process.env.ROWS ?? 10_000_000);
/** What a function would have, in MB. */
const MEMORY_MB = Number(process.env.MEMORY_MB ?? 256);
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
 * a thousand changes a minute, by the rows that they read, and by the processor time that they cost server and probe. The
 * probe is its function's file in a Node of its own.
 */
export async function benchReconcile(say: (line: string) => void): Promise<Figure[]> {
  const server = await startTestServer();
  const writer = new pg.Client({ ...server.connection });
  await writer.connect();
  let probe: ProbeProcess | undefined;
  try {
    await fill(writer, say);
    probe = await ProbeProcess.start(server, MEMORY_MB, reconcileSettings(items));
    const first = await firstWalk(server, probe, say);
    return [first, await laterRounds(server, writer, probe, say)];
  } finally {
    await probe?.stop();
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

const mb = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;

async function firstWalk(
  server: TestServer,
  probe: ProbeProcess,
  say: (line: string) => void,
): Promise<Figure> {
  const [cpu, started] = [await serverCpuMs(server.connection), performance.now()];
  let own = 0;
  const again = async () => {
    const round = await probe.round();
    own += round.cpuMs;
    return round;
  };
  const begun = await again();
  let rounds = 1;
  let last = begun;
  for (; last.found.passes === 0; rounds++) last = await again();
  const took = performance.now() - started;
  const used = ((await serverCpuMs(server.connection)) ?? 0) - (cpu ?? 0);
  say(
    `walked in ${rounds} rounds and ${seconds(took)}, ${seconds(used)} of the server's processor and ${seconds(own)} of the probe's`,
  );
  await sleep(6_000);
  const { found, memory } = await probe.round();
  const { missing, extra, different, pending } = found;
  say(`found ${missing} missing, ${extra} extra, ${different} different, ${pending} younger than the lag`);
  const right = [missing, extra, different, pending].join() === "3,3,3,0" && last.found.matched === ROWS - 9;
  const { atRest } = probe;
  return {
    what: `first walk through 2 × ${ROWS / 1_000_000} million rows with nine planted differences, by a function of ${MEMORY_MB} MB`,
    shown: `${mb(memory.most)} at most (its file alone ${mb(atRest.most)}, after one round ${mb(begun.memory.most)}), ${seconds(took)}; ${right ? "all nine and no other" : "NOT the nine"} found`,
    limit: `${mb(MOST_MEMORY)}, all nine`,
    ok: memory.most <= MOST_MEMORY && right,
  };
}

/** Rows that were read of both sources, by an index or without, ever. */
async function rowsRead(client: pg.Client): Promise<number> {
  const { rows } = await client.query(
    `select (select sum(seq_tup_read) from pg_stat_user_tables) +
            (select sum(idx_tup_read) from pg_stat_user_indexes) as read`,
  );
  return Number(rows[0]?.read);
}

async function laterRounds(
  server: TestServer,
  writer: pg.Client,
  probe: ProbeProcess,
  say: (line: string) => void,
): Promise<Figure> {
  const each = Math.round((CHANGES_PER_MINUTE * EVERY_MS) / 60_000);
  let [own, ofServer, written] = [0, 0, 0];
  const read: number[] = [];
  for (let turn = 0; turn < LATER_ROUNDS; turn++) {
    const started = performance.now();
    // What was walked before is written to, all over the keys. The writer's own session lasts, so its time is left out.
    for (const table of ["old_items", "new_items"])
      await writer.query(
        `update ${table} set version = version + 1, updated_at = now() where id = any (
           select 10 + (n * 7919::bigint * ${turn + 1}) % ${ROWS - 20} from generate_series(1, ${each}) n)`,
      );
    await writer.query("select pg_stat_force_next_flush()");
    const before = { cpu: await serverCpuMs(server.connection), read: await rowsRead(writer) };
    const { found, cpuMs } = await probe.round();
    written += found.written;
    own += cpuMs;
    // By then its sessions have ended, and told what they read.
    ofServer += ((await serverCpuMs(server.connection)) ?? 0) - (before.cpu ?? 0);
    read.push((await rowsRead(writer)) - before.read);
    if (found.pending > 0) throw new Error("a difference was invented");
    await sleep(Math.max(0, EVERY_MS - (performance.now() - started)));
  }
  const share = (ms: number) => `${((ms * 100) / (LATER_ROUNDS * EVERY_MS)).toFixed(2)} %`;
  const ms = (value: number) => `${Math.round(value / LATER_ROUNDS)} ms`;
  const count = (rows: number) => Math.round(rows).toLocaleString("en");
  say(`${written} rows seen to change; rows read in each round: ${read.map(count).join("; ")}`);
  return {
    what: `rounds at ${CHANGES_PER_MINUTE} changes a minute, the sweep with it`,
    shown: `${share(own + ofServer)} of one core: probe ${share(own)} (${ms(own)} a round), database ${share(ofServer)} (${ms(ofServer)}); ${count(read.reduce((sum, one) => sum + one, 0) / LATER_ROUNDS)} rows read a round, ${count(Math.min(...read))} in one without the sweep`,
    limit: `${MOST_SHARE * 100} % of one core`,
    ok: own + ofServer <= MOST_SHARE * LATER_ROUNDS * EVERY_MS,
  };
}
