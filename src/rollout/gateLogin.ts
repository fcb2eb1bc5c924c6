import { regionOfHost } from "../aws/databaseHost";
import type { IamLogin } from "../gates/databaseConnection";
import type { DatabaseConfig } from "./config/database";

const PREFIX = "cutover_gate_";

/** What of a rollout says who its gates log in as. */
export interface LogsIn {
  readonly name: string;
  readonly database?: Pick<DatabaseConfig, "login"> | undefined;
}

/**
 * The role that a rollout's gates measure as, as PostgreSQL keeps its name: the one that config gives, or else one that
 * tells the rollout, since a server's roles are shared by all of its databases.
 */
export function gateRoleOf({ name, database }: LogsIn): string {
  return database?.login?.name ?? `${PREFIX}${name.replaceAll("-", "_").toLowerCase()}`;
}

/** SQL, for `like`: the gate roles of all rollouts that name none. */
export const GATE_ROLES = `${PREFIX.replaceAll("_", "\\_")}%`;

/**
 * The gates' login where IAM vouches for it; undefined where it has a password.
 *
 * @param region the rollout's, which is the database's where its host names none
 */
export function iamLoginOf(
  rollout: { readonly name: string; readonly database?: Pick<DatabaseConfig, "login" | "host"> | undefined },
  region: string,
): IamLogin | undefined {
  const { database } = rollout;
  if (database?.login?.auth !== "iam") return undefined;
  return { user: gateRoleOf(rollout), iam: { region: regionOfHost(database.host) ?? region } };
}
