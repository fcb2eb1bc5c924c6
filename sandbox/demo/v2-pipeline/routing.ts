import { createHash } from "node:crypto";

export type Pipeline = "v1" | "v2";

/** A user's place among a hundred: from 0 to 99, the same on every server and at every percentage. */
export function bucketOf(user: string): number {
  return createHash("sha256").update(user).digest().readUInt32BE(0) % 100;
}

/** Whoever is on v2 at one percentage is on v2 at every higher one: a rising percentage takes nobody back. */
export function pipelineFor(user: string, percent: number): Pipeline {
  return bucketOf(user) < percent ? "v2" : "v1";
}
