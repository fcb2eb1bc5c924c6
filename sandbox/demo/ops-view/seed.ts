import type { Pool } from "pg";
import { hashToken, type Tokens } from "./identity";
import { KINDS } from "./items";
import { ANALYSTS, KNOWN, knownItems, ROSTER } from "./known-items";

export interface SeedOptions {
  /** The bearer token of each role. Only their hashes reach the database. */
  tokens: Tokens;
  workspace?: string;
  patches?: number;
  rfis?: number;
}

/**
 * Puts the known items of the workspace into the database: the very items that every server also starts
 * with in memory. Works with and without migrations 012 and 013, and may be run again (with new tokens too).
 */
export async function seed(pool: Pool, options: SeedOptions): Promise<void> {
  const workspace = options.workspace ?? KNOWN.workspace;
  const items = knownItems({ ...KNOWN, ...options, workspace });
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query("insert into workspaces values ($1, $2) on conflict do nothing", [
      workspace,
      "Operations",
    ]);
    for (const id of [...ANALYSTS, ROSTER.verifier, ROSTER.admin]) {
      const role = id === ROSTER.verifier ? "verifier" : id === ROSTER.admin ? "admin" : "analyst";
      // One token a role: the other analysts are authors only, so that scoping has something to hide.
      const token = ROSTER[role] === id ? hashToken(options.tokens[role]) : null;
      await client.query("insert into users values ($1, $2) on conflict do nothing", [id, id]);
      await client.query(
        `insert into user_workspace_roles (workspace_id, user_id, role, token_sha256) values ($1, $2, $3, $4)
         on conflict (workspace_id, user_id) do update set token_sha256 = excluded.token_sha256`,
        [workspace, id, role, token],
      );
    }
    for (const { kind, id, workspaceId, authorId, fields, status } of items) {
      const row = { id, workspace_id: workspaceId, author_id: authorId, ...fields };
      // Without custody: migration 012 adds it, and starts every RFI as open, as the known items are.
      const columns = Object.entries(kind === "patch" ? { ...row, status } : row);
      await client.query(
        `insert into ${KINDS[kind].table} (${columns.map(([name]) => name).join(", ")})
         values (${columns.map((_, index) => `$${index + 1}`).join(", ")}) on conflict do nothing`,
        columns.map(([, value]) => value),
      );
    }
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}
