import { TokenError } from "../aws/databaseToken";
import { reasonOf } from "../text/problem";
import type { GateLogin } from "./databaseConnection";
import { certificateFailure } from "./tls";

/** What a server says that has asked IAM: RDS itself, then RDS Proxy. Both say it in English alone. */
const IAM_REFUSES = /^PAM authentication failed|IAM authentication failed/i;
/** The password is wrong: RDS and any other, then what PgBouncer says. */
const PASSWORD_REFUSED = /^(?:SASL |password )?authentication failed/i;
/** Nobody is let in who speaks in the clear: the server's own words before PostgreSQL 14 and since then, then PgBouncer's. */
const CLEAR_REFUSED = /(?:, SSL off|, no encryption)$|^SSL required$/;

/**
 * Why a login was refused, and what to do; undefined for any other failure.
 *
 * Sources: Amazon RDS user guide, "Troubleshooting for IAM DB authentication" and "Troubleshooting for RDS Proxy";
 * PostgreSQL, appendix "PostgreSQL Error Codes", class 28.
 *
 * @param login who tried; absent where it is the administrator, whose password is said by the provider's config
 */
export function loginFailure(error: unknown, login: GateLogin | undefined): string | undefined {
  const said = reasonOf(error);
  if (error instanceof TokenError) return said;
  if (CLEAR_REFUSED.test(said))
    return `the server lets in nobody who does not speak TLS (${said}): write ssl: verify-full under cutover:rollout.database, and ca beside it where its authority is a private one; for the provider's login, postgresql:sslmode`;
  if (login === undefined) return undefined;
  const { code = "" } = error as { code?: string };
  const byIam = "iam" in login;
  if (IAM_REFUSES.test(said))
    return byIam
      ? `IAM does not let ${login.user} in (${said}): whoever calls needs rds-db:connect for this login of this database, its host has to be the database's own endpoint in ${login.iam.region}, and this machine's clock has to be right, since a token opens connections for 15 minutes`
      : `the server asks IAM for ${login.user}, and takes no password (${said}): write login: { auth: iam } under cutover:rollout.database, or revoke rds_iam from the login`;
  if (code !== "28P01" && !(code === "08P01" && PASSWORD_REFUSED.test(said))) return undefined;
  return byIam
    ? `the server asks ${login.user} for a password, and not IAM for a token (${said}): enable IAM database authentication on the database, and see that the login is granted rds_iam`
    : `the server does not take the password of ${login.user} that this rollout keeps (${said}): somebody has set another, as any login may its own. As the administrator, set it back by alter role to what the first stage's stack has in its output gateLogin, and find out who knew it`;
}

/** Waits for a connection; where the server is not believed, or does not let in, throws an error that says what to do. */
export async function believing<T>(connecting: Promise<T>, login?: GateLogin): Promise<T> {
  return connecting.catch((error: unknown) => {
    const { code = "" } = error as { code?: string };
    const why = certificateFailure(code, reasonOf(error)) ?? loginFailure(error, login);
    throw why === undefined ? error : new Error(why, { cause: error });
  });
}
