import { IAM } from "@aws-sdk/client-iam";
import { STS } from "@aws-sdk/client-sts";
import { CREDENTIALS } from "../../src/abort/world";
import { startTestAws } from "../../support/emulator";

/** As much of a statement as is needed to take an action out of it. */
interface Grants {
  readonly Action: readonly string[];
}

/** What a client of somebody who has taken a role is made with. */
interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** An emulator that enforces IAM's policies, reached past the front. */
export interface Enforced {
  /** What a client of the account's administrator is made with. */
  readonly at: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: typeof CREDENTIALS;
  };
  /** Somebody who has taken a new role with these statements, less some permission. */
  as(statements: readonly Grants[], without?: string): Promise<Session>;
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export async function openEnforced(): Promise<Enforced> {
  const { emulator, stop } = await startTestAws({ AUTH: "true" });
  const at = { endpoint: emulator.endpoint, region: "us-east-1", credentials: CREDENTIALS };
  return {
    at,
    async as(statements, without) {
      const iam = new IAM(at);
      const RoleName = `role-${Math.random().toString(36).slice(2)}`;
      const Statement = statements
        .map((one) => ({ ...one, Action: one.Action.filter((action) => action !== without) }))
        .filter(({ Action }) => Action.length > 0);
      const { Role } = await iam.createRole({
        RoleName,
        AssumeRolePolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
        }),
      });
      const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
      await iam.putRolePolicy({ RoleName, PolicyName: "own", PolicyDocument });
      const { Credentials } = await new STS(at).assumeRole({
        RoleArn: Role?.Arn ?? "",
        RoleSessionName: "somebody",
      });
      return {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? "",
      };
    },
    reset: emulator.reset,
    stop,
  };
}
