import * as pulumi from "@pulumi/pulumi";
import { addressed, type Place } from "./command";
import { UserError } from "./problem";

/**
 * An error that the engine prints in its own words. Its stack is the message alone: Node 20 takes half a minute to
 * colour a stack with frames of @pulumi/pulumi's own source maps in it, and nobody would see it.
 */
export function runError(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  error.stack = message;
  return error;
}

/** An error in the words of a reader at `place`: a mistake of theirs has its commands written out. */
export function toldAt(place: Place, error: unknown): unknown {
  if (error instanceof UserError) error.message = addressed(error.message, place);
  return error;
}
