import * as pulumi from "@pulumi/pulumi";

/**
 * An error that the engine prints in its own words. Its stack is the message alone: Node 20 takes half a minute to
 * colour a stack with frames of @pulumi/pulumi's own source maps in it, and nobody would see it.
 */
export function runError(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  error.stack = message;
  return error;
}
