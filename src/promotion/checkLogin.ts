import type { Client } from "pg";
import { gateRoleOf } from "../rollout/gateLogin";
import type { Rollout } from "../rollout/rollout";
import type { Problem } from "../text/problem";

/** The role of RDS whose members log in by tokens of IAM, and by nothing else. */
const IAM_ROLE = "rds_iam";

const FOUND = `select current_user::text as administrator,
  exists (select from pg_roles where rolname = $1) as iam,
  exists (select from pg_roles where rolname = $2) as taken`;

interface Found {
  readonly administrator: string;
  /** Whether the server knows logins that are IAM's. */
  readonly iam: boolean;
  /** Whether there is a role of the gates' name. */
  readonly taken: boolean;
}

/**
 * What stands against the gates' login, as the database's administrator sees it before anything is declared. Reads the
 * catalog alone. The provider would make the role first, and fail at what is wrong with it.
 *
 * @param client a session of the administrator's
 * @param made the roles that this stack has made; absent where that is not known
 */
export async function loginProblems(
  rollout: Pick<Rollout, "name" | "database">,
  client: Pick<Client, "query">,
  made: readonly string[] | undefined,
): Promise<Problem[]> {
  const { login } = rollout.database ?? {};
  const role = gateRoleOf(rollout);
  const [found] = (await client.query<Found>(FOUND, [IAM_ROLE, role])).rows;
  if (!found) return [];
  const where = "database.login.name";
  const problems: Problem[] = [];
  if (role === found.administrator)
    problems.push({
      where,
      what: `is the administrator's own login, ${role}: gates would measure as somebody who may change everything`,
      remedy: "Name a role that is not there yet, or take the name out",
    });
  else if (found.taken && made !== undefined && !made.includes(role))
    problems.push({
      where,
      what: `the role ${role} is there already, and this stack has not made it: it is another rollout's, whose gates would be shut out, or somebody's own`,
      remedy: "Name another one there; or drop that role, where nobody needs it",
    });
  if (login?.auth === "iam" && !found.iam)
    problems.push({
      where: "database.login.auth",
      what: `is iam, and the server has no role ${IAM_ROLE}, which RDS and Aurora have: nobody would ask IAM for ${role}`,
      remedy: "Write auth: password, or name a database of RDS or Aurora under database.host",
    });
  return problems;
}
