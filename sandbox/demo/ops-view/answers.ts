import { randomUUID } from "node:crypto";
import { PATIENCE_MS, withDatabase } from "../service/rehearsed";

/** Where the service and its database are, and who may ask it anything. */
interface Place {
  readonly url: string;
  readonly databaseUrl: string;
  readonly workspace: string;
  readonly adminToken: string;
}

/** True when an item that only the database holds shows in the app's answer. */
export function readsDatabase(place: Place): Promise<boolean> {
  return withDatabase(place, async (pool) => {
    const id = `marker-${randomUUID()}`;
    await pool.query(
      "insert into patches (id, workspace_id, author_id, status, record_id, field_key, intent) select $1, workspace_id, author_id, status, record_id, field_key, intent from patches where workspace_id = $2 limit 1",
      [id, place.workspace],
    );
    try {
      const { data } = (await call(place, "GET", "/patches")) as { data: { id: string }[] };
      return data.some((item) => item.id === id);
    } finally {
      await pool.query("delete from patches where id = $1", [id]);
    }
  });
}

/** True when an item that is posted to the app ends up in the database, where it stays. */
export function writesDatabase(place: Place): Promise<boolean> {
  return withDatabase(place, async (pool) => {
    const body = { record_id: `check-${randomUUID()}`, field_key: "due_date", intent: "correct" };
    const { data } = (await call(place, "POST", "/patches", body)) as { data: { id: string } };
    const { rowCount } = await pool.query("select 1 from patches where id = $1", [data.id]);
    return rowCount === 1;
  });
}

async function call(
  { url, workspace, adminToken }: Place,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(`${url}/api/v2.5/workspaces/${workspace}${path}`, {
    method,
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 200)}`);
  return text === "" ? undefined : JSON.parse(text);
}
