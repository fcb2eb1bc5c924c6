import type { Pool } from "pg";
import { hashToken, type Tokens } from "./identity";
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
    for (const item of items) {
      const [sql, values] =
        item.kind === "patch"
          ? [
              `insert into patches (id, workspace_id, author_id, status, record_id, field_key, intent)
               values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
              [item.status, item.fields.record_id, item.fields.field_key, item.fields.intent],
            ]
          : [
              // Without custody: migration 012 adds it, and starts every RFI as open, as the known items are.
              `insert into rfis (id, workspace_id, author_id, question, target_record_id)
               values ($1, $2, $3, $4, $5) on conflict do nothing`,
              [item.fields.question, item.fields.target_record_id],
            ];
      await client.query(sql, [item.id, item.workspaceId, item.authorId, ...values]);
    }
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}
