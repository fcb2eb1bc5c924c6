import { beginReading } from "../gates/databaseSession";
import {
  type Contents,
  type DatabaseIdentity,
  FILES,
  IDENTITY_QUERY,
  identityIn,
  type Proof,
  sameDatabase,
  showIdentity,
  textOf,
} from "../gates/dumps/manifest";
import { atPlace } from "../gates/dumps/open";
import type { BackupConfig } from "../rollout/config/backup";
import type { DatabaseConfig } from "../rollout/config/database";
import { unlessBrokenOff } from "../text/interrupt";
import { reasonOf, UserError } from "../text/problem";
import { DATABASE_OWNER_URL } from "../text/shell";
import { amountsIn, COUNT_MS, readContents } from "./contents";
import { asOwner, type OwnerLogin, ownersFault } from "./login";
import { type Temporary, withTemporary } from "./temporary";
import type { ToRestore } from "./temporarySource";

/** Which snapshot is proven. */
export interface SnapshotToProve extends Omit<ToRestore, "instanceClass"> {
  readonly backup: BackupConfig;
  readonly database: Pick<DatabaseConfig, "schema" | "ssl" | "ca">;
  /** The owner's login to the source. A restored copy has the same logins, under another host. */
  readonly login: OwnerLogin;
}

/** What a database says of itself and of what it holds. */
interface Read {
  readonly identity: DatabaseIdentity | undefined;
  readonly version: number;
  readonly contents: Contents;
}

/** What became of it, and what it took. */
export interface SnapshotProof {
  readonly proof: Proof;
  /** What it was restored to, and for how long that was there, in ms. */
  readonly temporary: Pick<Temporary, "name" | "instanceClass"> & { readonly thereMs: number };
}

/**
 * Restores the snapshot of a promotion to a temporary database, reads all of it, holds it against its source, and writes
 * down what became of it. Throws a `UserError` where nothing could be tried: then the last record stands.
 */
export function proveSnapshot(asked: SnapshotToProve): Promise<SnapshotProof> {
  const { rollout, backup, region, login, snapshot } = asked;
  return atPlace(backup.dumps, { region }, async (place) => {
    // First: what is restored costs money, and is in vain where the record cannot be kept or the source not be read.
    await place.text(FILES.proof(rollout));
    const source = await readAll(asked, login).catch((error: unknown) => {
      throw ownersFault(error);
    });
    const { instanceClass } = backup;
    const begun = performance.now();
    const done = await withTemporary({ ...asked, instanceClass }, async (at) => {
      const { host, port, takenAt, tookMs, ...temporary } = at;
      const started = performance.now();
      asked.say?.(`${temporary.name} is there: all of it is read.`);
      const tried = await readAll(asked, { ...login, host, port }).catch((error: unknown) => reasonOf(error));
      const compare = Math.round(performance.now() - started);
      const back = typeof tried === "string" ? undefined : tried;
      const proof: Proof = {
        cutover: 1,
        kind: "proof",
        rollout,
        of: back?.identity ?? identityOf(source),
        snapshot: { id: snapshot.id, takenAt: takenAt.toISOString() },
        at: new Date().toISOString(),
        server: back?.version ?? source.version,
        took: { fetch: 0, restore: tookMs, ...(back ? { compare } : {}) },
        ...(back ? { compared: comparedIn(back.contents, source.contents) } : {}),
        failures: back ? snapshotFailures(back, source) : [`its restored copy: ${tried}`],
      };
      // Its connection ends with the copy: that is no news of the snapshot.
      await unlessBrokenOff();
      await place.write(FILES.proof(rollout), textOf(proof));
      return { proof, temporary };
    });
    return { ...done, temporary: { ...done.temporary, thereMs: Math.round(performance.now() - begun) } };
  });
}

function readAll({ database, backup }: SnapshotToProve, login: OwnerLogin): Promise<Read> {
  return asOwner(login, database, async (client) => {
    await beginReading(client, { schema: database.schema, timeoutMs: COUNT_MS });
    const { rows } = await client.query<{ identity: string; version: number }>(
      `select (${IDENTITY_QUERY}) as identity, current_setting('server_version_num')::int / 10000 as version`,
    );
    const [{ identity, version } = { identity: "", version: 0 }] = rows;
    return { identity: identityIn(identity), version, contents: await readContents(client, backup.queries) };
  });
}

function identityOf({ identity }: Read): DatabaseIdentity {
  if (identity) return identity;
  throw new UserError("The database does not say which server it is on, so its snapshot would be anybody's.");
}

/** How much was read, and how much of it is still so in the source. */
function comparedIn(back: Contents, source: Contents): NonNullable<Proof["compared"]> {
  const same = Object.entries(back.tables).filter(([name, { rows, hash }]) => {
    const now = source.tables[name];
    return now?.rows === rows && now.hash === hash;
  });
  return { ...amountsIn(back), same: same.length };
}

/**
 * Why a restored copy is no proof; nothing where it is. The source has gone on since its snapshot was taken, so rows are
 * not held against each other: every one of the copy's was read to its end, the copy is of the very server, and it has
 * each table that the source has. One that was made since is missing as one that was lost is: a copy without it is no way
 * back from where the source is now.
 */
export function snapshotFailures(
  back: Pick<Read, "identity" | "contents">,
  source: Pick<Read, "identity" | "contents">,
): string[] {
  const { identity } = source;
  if (!identity || !back.identity || !sameDatabase(identity, back.identity))
    return [
      `it is of ${back.identity ? showIdentity(back.identity) : "a server that does not say which"}, and ${DATABASE_OWNER_URL} leads to ${identity ? showIdentity(identity) : "one that does not say which"}`,
    ];
  if (Object.keys(back.contents.tables).length === 0) return ["it has no table"];
  return Object.keys(source.contents.tables)
    .filter((name) => !Object.hasOwn(back.contents.tables, name))
    .map((name) => `${name} is not in it: it was lost, or made since`);
}
