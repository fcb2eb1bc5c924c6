import type { Client } from "pg";
import { gateRoleOf } from "../rollout/gateLogin";
import type { Rollout } from "../rollout/rollout";
import type { Problem } from "../text/problem";

/** The role of RDS whose members log in by tokens of IAM, and by nothing else. */
const IAM_ROLE = "rds_iam";

const FOUND = `select exists (select from pg_roles where rolname = $1) as iam`;

/**
 * What stands against the gates' login, as the database's administrator sees it before anything is declared. Reads the
 * catalog alone. The provider would make the role first, and fail at what is wrong with it.
 *
 * @param client a session of the administrator's
 */
export async function loginProblems(
  rollout: Pick<Rollout, "name" | "database">,
  client: Pick<Client, "query">,
): Promise<Problem[]> {
  const { login } = rollout.database ?? {};
  if (login?.auth !== "iam") return [];
  const [found] = (await client.query<{ iam: boolean }>(FOUND, [IAM_ROLE])).rows;
  if (found?.iam) return [];
  return [
    {
      where: "database.login.auth",
      what: `is iam, and the server has no role ${IAM_ROLE}, which RDS and Aurora have: nobody would ask IAM for ${gateRoleOf(rollout)}`,
      remedy: "Write auth: password, or name a database of RDS or Aurora under database.host",
    },
  ];
}
