import { createHash, randomUUID } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import type { FaultSwitch } from "../faults";
import { hashToken } from "../identity";
import { assertMovable, type Caller, type Item, KINDS, type Kind, type Role, type Scope } from "../items";
import type { LocalState } from "./local-state";
import { sum } from "./memory";
import type { Batch, Reads, Writes } from "./store";

/** Every table's way to say what a caller may see; the parameters are those of `scopeParameters`. */
const IN_SCOPE = "workspace_id = $1 and ($2::text is null or author_id = $2)";

/** The columns of a batch, by its own names. */
const BATCH = `id, workspace_id as "workspaceId", file, revision, submitted_by as "submittedBy"`;

/** Reads from PostgreSQL. */
export function databaseReads(pool: Pool): Reads {
  async function countsOf(kind: Kind, scope: Scope): Promise<Record<string, number>> {
    const { table, statusField } = KINDS[kind];
    const { rows } = await pool.query<{ status: string; count: number }>(
      `select ${statusField} as status, count(*)::int as count from ${table}
       where ${IN_SCOPE} and ($3 or ${statusField} <> 'Draft') group by 1`,
      [scope.workspaceId, scope.authorId ?? null, scope.drafts],
    );
    return Object.fromEntries(rows.map((row) => [row.status, row.count]));
  }

  return {
    async identify(token, workspaceId) {
      const { rows } = await pool.query<{ user_id: string; role: Role; workspace_id: string }>(
        `select user_id, role, workspace_id from user_workspace_roles
         where token_sha256 = $1 and ($2::text is null or workspace_id = $2)`,
        [hashToken(token), workspaceId ?? null],
      );
      return rows[0] && { userId: rows[0].user_id, role: rows[0].role, workspaceId: rows[0].workspace_id };
    },
    async counts(scope) {
      const [patches, rfis] = await Promise.all([countsOf("patch", scope), countsOf("rfi", scope)]);
      return { total: sum(patches) + sum(rfis), patches, rfis };
    },
    async list(kind, scope) {
      const { rows } = await pool.query(
        `select ${columnsOf(kind)} from ${KINDS[kind].table}
         where ${IN_SCOPE} and ($3 or ${KINDS[kind].statusField} <> 'Draft') order by id`,
        [scope.workspaceId, scope.authorId ?? null, scope.drafts],
      );
      return rows.map((row) => toItem(kind, row));
    },
  };
}

/** One item, as the database holds it. */
export async function findInDatabase(
  db: Pool | PoolClient,
  kind: Kind,
  id: string,
  lock: "" | "for update" = "",
): Promise<Item | undefined> {
  const { rows } = await db.query(
    `select ${columnsOf(kind)} from ${KINDS[kind].table} where id = $1 ${lock}`,
    [id],
  );
  return rows[0] && toItem(kind, rows[0]);
}

/**
 * Writes to PostgreSQL, each with its audit event in the same transaction. What a client is told is noted after the
 * commit, and before it is told: `acknowledged` can be held against the tables (XB3, F4).
 */
export function databaseWrites(pool: Pool, local: LocalState, faults: FaultSwitch): Writes {
  /** Commits, or (fault `divergence`) answers as if it had. */
  async function transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    try {
      await client.query("begin");
      const result = await work(client);
      await client.query(faults.now.divergence ? "rollback" : "commit");
      client.release();
      return result;
    } catch (error) {
      // A connection that cannot even roll back is not put back into the pool.
      const broken = await client.query("rollback").then(
        () => false,
        () => true,
      );
      client.release(broken);
      throw error;
    }
  }

  async function acknowledge(item: Item): Promise<void> {
    local.put(item);
    // Two servers that change one item may come here in either order: the newer version stays.
    await pool.query(
      `insert into acknowledged (id, version, status) values ($1, $2, $3)
       on conflict (id) do update set version = excluded.version, status = excluded.status, told_at = now()
       where acknowledged.version < excluded.version`,
      [item.id, item.version, item.status],
    );
  }

  return {
    async create(kind, caller, fields) {
      const { table, fields: names } = KINDS[kind];
      const item = await transaction(async (client) => {
        const { rows } = await client.query(
          `insert into ${table} (id, workspace_id, author_id, ${names.join(", ")})
           values ($1, $2, $3, ${names.map((_, index) => `$${index + 4}`).join(", ")})
           returning ${columnsOf(kind)}`,
          [randomUUID(), caller.workspaceId, caller.userId, ...names.map((name) => fields[name])],
        );
        const created = toItem(kind, rows[0]);
        await audit(client, caller, "created", created);
        return created;
      });
      await acknowledge(item);
      return item;
    },

    async move(kind, caller, id, to, version) {
      const { table, statusField } = KINDS[kind];
      const item = await transaction(async (client) => {
        assertMovable(caller, await findInDatabase(client, kind, id, "for update"), to, version);
        const { rows } = await client.query(
          `update ${table} set ${statusField} = $2, version = version + 1, updated_at = now()
           where id = $1 returning ${columnsOf(kind)}`,
          [id, to],
        );
        const moved = toItem(kind, rows[0]);
        if (!faults.now.missingAudit) await audit(client, caller, "moved", moved);
        return moved;
      });
      await acknowledge(item);
      return item;
    },

    async submitBatch(caller, file, revision) {
      const salt = faults.now.duplicateBatches ? randomUUID() : "";
      const key = createHash("sha256")
        .update(JSON.stringify([caller.workspaceId, file, revision, salt]))
        .digest("hex");
      return transaction(async (client) => {
        const inserted = await client.query<Batch>(
          `insert into batches (id, workspace_id, file, revision, dedupe_key, submitted_by)
           values ($1, $2, $3, $4, $5, $6) on conflict (dedupe_key) do nothing returning ${BATCH}`,
          [randomUUID(), caller.workspaceId, file, revision, key, caller.userId],
        );
        if (inserted.rows[0]) return { batch: inserted.rows[0], created: true };
        const first = await client.query<Batch>(`select ${BATCH} from batches where dedupe_key = $1`, [key]);
        return { batch: first.rows[0] as Batch, created: false };
      });
    },
  };
}

async function audit(client: PoolClient, caller: Caller, what: string, item: Item): Promise<void> {
  await client.query(
    `insert into audit_events (workspace_id, actor_id, action, entity_kind, entity_id, entity_version, timestamp_iso)
     values ($1, $2, $3, $4, $5, $6, now())`,
    [item.workspaceId, caller.userId, `${item.kind}.${what}`, item.kind, item.id, item.version],
  );
}

function columnsOf(kind: Kind): string {
  const { fields, statusField } = KINDS[kind];
  return ["id", "workspace_id", "author_id", "version", "updated_at", statusField, ...fields].join(", ");
}

function toItem(kind: Kind, row: Record<string, unknown>): Item {
  const { fields, statusField } = KINDS[kind];
  return {
    kind,
    id: String(row.id),
    workspaceId: String(row.workspace_id),
    authorId: String(row.author_id),
    fields: Object.fromEntries(fields.map((name) => [name, String(row[name])])),
    status: String(row[statusField]),
    version: Number(row.version),
    updatedAt: (row.updated_at as Date).toISOString(),
  };
}
