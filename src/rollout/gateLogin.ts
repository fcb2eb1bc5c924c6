import type { IamLogin } from "../gates/databaseConnection";
import type { DatabaseConfig } from "./config/database";

const PREFIX = "cutover_gate_";

/** The role that a rollout's gates measure as. A server's roles are shared by its databases, so it tells the rollout. */
export function gateRoleOf({ name }: { readonly name: string }): string {
  return `${PREFIX}${name.replaceAll("-", "_").toLowerCase()}`;
}

/** SQL, for `like`: the gate roles of all rollouts that name none. */
export const GATE_ROLES = `${PREFIX.replaceAll("_", "\\_")}%`;

/** Amazon's names of databases say where they are. Source: Amazon RDS user guide, "Finding the connection information". */
const AMAZON_HOST = /\.([a-z]{2}(?:-[a-z]+)+-\d)\.rds\.amazonaws\.com(?:\.cn)?$/i;

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
  const named = AMAZON_HOST.exec(database.host)?.[1]?.toLowerCase();
  return { user: gateRoleOf(rollout), iam: { region: named ?? region } };
}
