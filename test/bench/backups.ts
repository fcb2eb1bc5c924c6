import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startScratch } from "../../cli/prove-backup/scratch";
import { proveBackup } from "../../src/backups/prove";
import { takeBackup } from "../../src/backups/take";
import { showBytes } from "../../src/gates/dumps/show";
import { backup } from "../../src/rollout/config/backup";
import { startTestServer } from "../support/postgres";
import { clientPrograms } from "../support/postgresPrograms";
import { type Figure, seconds } from "./figure";

/** How large the database is at least, with its indexes, in bytes. */
const SIZE = 1e9;
/** Rows of one piece, of some 300 bytes each. */
const PIECE = 200_000;
/** How many times as long as pg_restore alone a proof may take. */
const FACTOR = 3;

/** A database of 1 GB, dumped and proven: fetched, restored, and every row compared. */
export async function benchBackups(say: (line: string) => void): Promise<Figure[]> {
  const [server, env] = await Promise.all([startTestServer(), clientPrograms()]);
  const root = await mkdtemp(join(tmpdir(), "cutover-bench-"));
  try {
    const { admin, connection } = server;
    await admin.query(
      "create table events (id bigint primary key, kind int, at timestamptz, amount numeric, note text, more text)",
    );
    for (let from = 0, size = 0; size < SIZE; from += PIECE) {
      await admin.query(
        `insert into events select i, i % 40, timestamptz '2026-01-01' + i * interval '1 second', i / 7.0,
           md5(i::text), repeat(md5((i * 7)::text), 6) from generate_series($1::bigint, $2::bigint) i`,
        [from, from + PIECE - 1],
      );
      const { rows } = await admin.query("select pg_database_size(current_database())::float8 as size");
      size = rows[0].size;
      say(`${showBytes(size)} of ${showBytes(SIZE)}`);
    }
    await admin.query("create index on events (kind, at)");
    const { host, port, database, user, password, ssl } = connection;
    const asked = {
      ...{ rollout: "bench", stage: "stageB", attempt: 1, region: "eu-central-1", env },
      place: { rollout: "bench" },
      backup: backup.parse({ dumps: root, queries: { total: "select sum(amount) from events" } }),
      database: { schema: "public", ssl: "verify-full" as const, ca: ssl.ca },
      login: { host, port, database, user, password },
      start: startScratch,
    };
    const began = performance.now();
    const { dump } = await takeBackup(asked);
    const taking = performance.now() - began;
    say(`a dump of ${showBytes(dump.bytes)} in ${seconds(taking)}`);
    const started = performance.now();
    const { took, failures, compared } = await proveBackup(asked);
    const whole = performance.now() - started;
    if (failures.length > 0 || took.restore === undefined) throw new Error(failures.join("; "));
    const times = whole / took.restore;
    return [
      {
        what: "Proof of a backup of 1 GB, against pg_restore in the same run",
        shown: `${times.toFixed(2)} times: ${seconds(whole)}, of which ${seconds(took.restore)} pg_restore and ${seconds(took.compare ?? 0)} comparing ${compared?.rows} rows`,
        limit: `${FACTOR} times`,
        ok: times <= FACTOR,
      },
    ];
  } finally {
    await server.stop();
    await rm(root, { recursive: true, force: true });
  }
}
