import type { AwsPlace } from "../../src/aws/arn";
import type { IamLogin } from "../../src/gates/databaseConnection";

/** A statement of an IAM policy that is attached to somebody. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export function allow(
  Sid: string,
  Action: readonly string[],
  Resource: readonly string[],
  Condition?: Statement["Condition"],
): Statement {
  return { Sid, Effect: "Allow", Action, Resource, ...(Condition ? { Condition } : {}) };
}

/** A policy as AWS takes it. */
export function policyOf(Statement: readonly object[]): {
  Version: "2012-10-17";
  Statement: readonly object[];
} {
  return { Version: "2012-10-17", Statement };
}

/** Who logs in by IAM, and into which database. */
export interface IamAccess {
  readonly login: IamLogin;
  /** The database's resource id; absent: any database of the account. */
  readonly resource?: string | undefined;
}

/**
 * To log in to a database by a token of IAM, as this login and no other.
 * Source: Amazon RDS user guide, "Creating and using an IAM policy for IAM database access".
 */
export function logInByIam(
  { partition, account }: Pick<AwsPlace, "partition" | "account">,
  { login: { user, iam }, resource = "*" }: IamAccess,
): Statement {
  return allow(
    "LogInByIam",
    ["rds-db:connect"],
    [`arn:${partition}:rds-db:${iam.region}:${account}:dbuser:${resource}/${user}`],
  );
}

/** A role that is handed to that service, and to no other. */
export function passedTo(service: string): Statement["Condition"] {
  return { StringEquals: { "iam:PassedToService": service } };
}
