import { Signer } from "@aws-sdk/rds-signer";
import { reasonOf } from "../text/problem";
import { callerHere } from "./clients";

/** For which login of which server a token is made. */
export interface TokenFor {
  /** The server's own endpoint: a token that is made for another name of it is refused. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The region of the database, which need not be the rollout's. */
  readonly region: string;
}

/** No token could be made: whoever calls has no credentials, or they have expired. */
export class TokenError extends Error {
  override readonly name = "TokenError";
}

/**
 * A token of IAM database authentication, which takes the place of a password for 15 minutes. It is signed here, as
 * whoever this process calls AWS as: no call is made, so it needs no way to AWS, and nobody says here whether it will be
 * taken. Throws a `TokenError` where there is nothing to sign with.
 *
 * Source: Amazon RDS user guide, "IAM database authentication for MariaDB, MySQL, and PostgreSQL".
 */
export async function databaseToken({ host, port, user, region }: TokenFor): Promise<string> {
  const { credentials } = callerHere();
  const signer = new Signer({
    hostname: host,
    port,
    username: user,
    region,
    ...(credentials === undefined ? {} : { credentials }),
  });
  try {
    return await signer.getAuthToken();
  } catch (error) {
    throw new TokenError(
      `no token of IAM can be made for the login ${user}: ${reasonOf(error)}. See that AWS credentials are set here, and have not expired`,
    );
  }
}
