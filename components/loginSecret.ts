import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { secretText } from "../src/probe/login";

/** Whose login it is. */
export interface LoginSecretArgs {
  /** The secret's name in the account. */
  name: string;
  description: string;
  login: pulumi.Input<{ user: string; password: string }>;
}

/** Keeps the gate role's login in Secrets Manager, for whoever has no access to the stack's state. */
export function declareLoginSecret(
  resourceName: string,
  { name, description, login }: LoginSecretArgs,
  opts: pulumi.CustomResourceOptions,
): DeclaredSecret {
  return declareSecret(
    resourceName,
    { name, description, text: pulumi.output(login).apply(secretText) },
    opts,
  );
}

/** A secret, and what it holds now. */
export interface DeclaredSecret {
  readonly secret: aws.secretsmanager.Secret;
  readonly version: aws.secretsmanager.SecretVersion;
}

/** Keeps a text in Secrets Manager. It is secret wherever it stands. */
export function declareSecret(
  resourceName: string,
  { name, description, text }: { name: string; description: string; text: pulumi.Input<string> },
  opts: pulumi.CustomResourceOptions,
): DeclaredSecret {
  const secret = new aws.secretsmanager.Secret(
    resourceName,
    {
      name,
      description,
      // A name that is kept back for a month would stop the next `up`; what it holds is no loss.
      recoveryWindowInDays: 0,
    },
    opts,
  );
  const version = new aws.secretsmanager.SecretVersion(
    resourceName,
    { secretId: secret.id, secretString: pulumi.secret(text) },
    opts,
  );
  return { secret, version };
}
