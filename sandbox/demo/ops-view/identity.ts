import { createHash } from "node:crypto";
import type { Caller, Role } from "./items";
import { ROSTER } from "./known-items";

/** One bearer token for each role. */
export type Tokens = Record<Role, string>;

export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Who may call, before roles are read from the database: the tokens that the server was started with. */
export function rosterOf(tokens: Tokens, workspaceId: string): (token: string) => Caller | undefined {
  const callers = new Map<string, Caller>();
  for (const role of ["analyst", "verifier", "admin"] as const) {
    callers.set(hashToken(tokens[role]), { userId: ROSTER[role], role, workspaceId });
  }
  return (token) => callers.get(hashToken(token));
}
