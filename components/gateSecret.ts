import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { secretText } from "../probe/login";

/** Whose login it is. */
export interface GateSecretArgs {
  rollout: string;
  login: pulumi.Input<{ user: string; password: string }>;
}

/**
 * Keeps the gate role's login in Secrets Manager, for people and tools that have no access to the stack's state.
 * Returns the secret's ARN.
 */
export function declareGateSecret(
  name: string,
  { rollout, login }: GateSecretArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const secret = new aws.secretsmanager.Secret(
    name,
    {
      name: `cutover/${rollout}/gate`,
      description: `The login with which the gates of ${rollout} read the database`,
      // A name that is kept back for a month would stop the next `up`; what it holds is no loss.
      recoveryWindowInDays: 0,
    },
    opts,
  );
  new aws.secretsmanager.SecretVersion(
    name,
    { secretId: secret.id, secretString: pulumi.secret(pulumi.output(login).apply(secretText)) },
    opts,
  );
  return secret.arn;
}
