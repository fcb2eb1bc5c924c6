import { stat } from "node:fs/promises";
import { join } from "node:path";
import { beginReading } from "../gates/databaseSession";
import { sha256Of } from "../gates/dumps/folder";
import {
  type DatabaseLocale,
  FILES,
  IDENTITY_QUERY,
  identityIn,
  type Manifest,
  manifest,
  readAs,
  textOf,
} from "../gates/dumps/manifest";
import { atPlace } from "../gates/dumps/open";
import type { DumpPlace } from "../gates/dumps/place";
import type { BackupConfig } from "../rollout/config/backup";
import type { DatabaseConfig } from "../rollout/config/database";
import { UserError } from "../text/problem";
import { COUNT_MS, readContents, readSequences } from "./contents";
import { inFolder } from "./inFolder";
import { asOwner, type OwnerLogin, ownersFault } from "./login";
import { findProgram } from "./programs";
import { runOn } from "./runProgram";

/** What is dumped, and for which promotion. */
export interface ToTake {
  readonly rollout: string;
  readonly stage: string;
  readonly attempt: number;
  readonly backup: BackupConfig;
  readonly database: Pick<DatabaseConfig, "schema" | "ssl" | "ca">;
  readonly login: OwnerLogin;
  readonly region: string;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** How long a dump waits for whoever changes a table, in ms: others would queue up behind it. */
const LOCK_MS = 30_000;

/** What the database says of itself in the snapshot that is dumped. */
interface Said {
  readonly identity: string;
  readonly snapshot: string;
  readonly version: number;
  readonly lsn: string;
  readonly at: Date;
  readonly roles: string[];
  readonly locale: DatabaseLocale;
}

const SAID = `select (${IDENTITY_QUERY}) as identity, pg_export_snapshot() as snapshot,
  current_setting('server_version_num')::int / 10000 as version, now() as at,
  case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end::text as lsn,
  array(select rolname::text from pg_roles where rolname !~ '^pg_') as roles,
  (select jsonb_build_object('encoding', pg_encoding_to_char(d.encoding), 'collate', d.datcollate, 'ctype', d.datctype,
      'provider', coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'),
      'name', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'))
     from pg_catalog.pg_database d where d.datname = current_database()) as locale`;

/**
 * Dumps the database, and counts it in the very snapshot that is dumped, so that what comes back can be compared exactly.
 * The dump is there before its manifest: what is looked at meanwhile agrees, or is refused. Throws a `UserError` where it
 * cannot be dumped; then what was there before is there still.
 */
export function takeBackup(asked: ToTake): Promise<Manifest> {
  return inFolder((folder) => taken(asked, join(folder, "dump")));
}

function taken(asked: ToTake, file: string): Promise<Manifest> {
  return atPlace(asked.backup.dumps, { region: asked.region }, async (place) => {
    // First: hours of dumping are in vain where its place is not there, or may not be read.
    const last = await lastOf(place, asked);
    const dumped = await dumpedTo(asked, file);
    return keep(asked, place, { ...dumped, last, file });
  });
}

interface Dumped {
  readonly said: Said;
  /** The major version of the program. */
  readonly program: number;
  readonly contents: Manifest["contents"];
}

async function dumpedTo(asked: ToTake, file: string): Promise<Dumped> {
  const { database, login, backup, env = process.env } = asked;
  try {
    return await asOwner(login, database, async (client) => {
      await beginReading(client, { schema: database.schema, timeoutMs: COUNT_MS });
      const said = (await client.query<Said>(SAID)).rows[0] as Said;
      const program = await findProgram("pg_dump", said.version, env);
      const sequences = await readSequences(client);
      const [counted] = await together(
        readContents(client, backup.queries),
        dump(asked, program.path, said.snapshot, file),
      );
      return { said, program: program.version, contents: { ...counted, sequences } };
    });
  } catch (error) {
    throw ownersFault(error);
  }
}

/** Both to their end, so that neither goes on behind a refusal; then the first that failed. */
async function together<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

async function dump(
  { login, database }: ToTake,
  path: string,
  snapshot: string,
  file: string,
): Promise<void> {
  const wrong = await runOn({ login, transport: database }, path, [
    // To a file: only so it says at its beginning where each table's data begins.
    "--format=custom",
    `--snapshot=${snapshot}`,
    `--lock-wait-timeout=${LOCK_MS}`,
    `--file=${file}`,
  ]);
  if (wrong === undefined) return;
  throw new UserError("The database could not be dumped:", {
    where: "pg_dump",
    what: wrong,
    remedy: "Mend that, and run this again",
  });
}

interface Taken extends Dumped {
  readonly last: Manifest["last"];
  readonly file: string;
}

async function keep(asked: ToTake, place: DumpPlace, taken: Taken): Promise<Manifest> {
  const { rollout, stage, attempt } = asked;
  const { said, program, contents, last, file } = taken;
  const of = identityIn(said.identity);
  if (!of)
    throw new UserError("The database does not say which server it is on, so its dump would be anybody's.");
  const name = FILES.dump(rollout, stage, attempt);
  const [{ size }, sha256] = await Promise.all([stat(file), sha256Of(file)]);
  const seal = await place.put(name, file, sha256);
  const written: Manifest = {
    cutover: 1,
    kind: "backup",
    ...{ rollout, stage, attempt, of },
    takenAt: said.at.toISOString(),
    lsn: said.lsn,
    server: said.version,
    program,
    roles: said.roles,
    locale: said.locale,
    dump: { file: name, bytes: size, sha256, seal },
    ...(last ? { last } : {}),
    contents,
  };
  const text = textOf(written);
  await place.write(FILES.manifest(rollout, stage, attempt), text);
  await place.write(FILES.latest(rollout), text);
  return written;
}

/** The last promotion's: one that is taken once more for the same is held against the one before, as the first was. */
async function lastOf(place: DumpPlace, { rollout, stage, attempt }: ToTake): Promise<Manifest["last"]> {
  const latest = readAs(manifest, await place.text(FILES.latest(rollout)));
  if (!latest) return undefined;
  if (latest.stage === stage && latest.attempt === attempt) return latest.last;
  const { file, bytes } = latest.dump;
  return { file, bytes, takenAt: latest.takenAt };
}
