import type pg from "pg";
import { onOwnConnection } from "../gates/databaseClient";
import { connecting } from "../gates/databaseSession";
import { type Transport, tlsOf } from "../gates/tls";
import { reasonOf, UserError } from "../text/problem";
import { DATABASE_OWNER_URL } from "../text/shell";

/** Who reads a whole database: the gates' own login may not. Its password is never printed. */
export interface OwnerLogin {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** The owner's login, from the variable that a runbook asks for as well. Throws a `UserError` where it is none. */
export function ownerLogin(env: NodeJS.ProcessEnv): OwnerLogin {
  const login = loginIn(env[DATABASE_OWNER_URL] ?? "");
  if (!login)
    throw unread(
      "must be the database's address with the login of the tables' owner, and is none",
      "Set it, such as postgresql://owner:password@host:5432/database; what is no letter or digit in a password is written as % with its code, such as %25 for %",
    );
  return login;
}

const unread = (what: string, remedy: string) =>
  new UserError("The database cannot be read as its owner:", [{ where: DATABASE_OWNER_URL, what, remedy }]);

/**
 * What is told where the owner's database could not be read: its own words, which have no secret. It refuses the login, or
 * does not let it read all. An error that is not the database's stays as it is.
 */
export function ownersFault(error: unknown): unknown {
  if (!fromDatabase(error)) return error;
  return unread(reasonOf(error), "Let it name the server, and a login that may read every table");
}

/** Whether the server said it, or the way there. Our own errors say by themselves what is wrong. */
function fromDatabase(error: unknown): boolean {
  const { severity, code = "" } = error as Record<string, unknown>;
  if (error instanceof UserError) return false;
  return severity !== undefined || /^E[A-Z]+$|CERT|_SIGNATURE$|_CHAIN$/.test(String(code));
}

function loginIn(text: string): OwnerLogin | undefined {
  try {
    const { protocol, hostname, port, pathname, username, password: coded } = new URL(text);
    const [database, user, password = ""] = [pathname.slice(1), username, coded].map(decodeURIComponent);
    if (!/^postgres(ql)?:$/.test(protocol) || !hostname || !user || !database) return undefined;
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    return { host, port: Number(port || 5432), database, user, password };
  } catch {
    // It is no URL, or has a % without a code. Its error would quote it.
    return undefined;
  }
}

/** Works on a connection of that login, with the transport that the rollout declares, and ends it. */
export async function asOwner<T>(
  login: OwnerLogin,
  transport: Transport,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const config = { ...login, ssl: tlsOf(transport), ...connecting("cutover-backup") };
  return onOwnConnection(config, async (client) => {
    await client.connect();
    return work(client);
  });
}

/** The login for PostgreSQL's own programs, which reach it through a tunnel. Nothing else of the environment counts. */
export function environmentOf(
  { user, password, database }: Pick<OwnerLogin, "user" | "password" | "database">,
  { host, port }: { readonly host: string; readonly port: number },
): Record<string, string> {
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGSSLMODE: "disable",
    PGGSSENCMODE: "disable",
    PGAPPNAME: "cutover-backup",
    PGCONNECT_TIMEOUT: "15",
    LC_ALL: "C",
    // Debian's programs are wrappers that look for others.
    ...(process.env.PATH === undefined ? {} : { PATH: process.env.PATH }),
  };
}
