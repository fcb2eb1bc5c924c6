import { randomUUID } from "node:crypto";
import type { OpsViewWorld } from "./ops-view-world";
import { PATIENCE_MS } from "./pace";

/** True when an item that only the database holds shows in the app's answer. */
export async function readsDatabase(world: OpsViewWorld): Promise<boolean> {
  const id = `marker-${randomUUID()}`;
  await world.pool.query(
    "insert into patches (id, workspace_id, author_id, status, record_id, field_key, intent) select $1, workspace_id, author_id, status, record_id, field_key, intent from patches where workspace_id = $2 limit 1",
    [id, world.workspace],
  );
  try {
    const answer = await call(world, "GET", "/patches");
    const items = (answer as { data: { id: string }[] }).data;
    return items.some((item) => item.id === id);
  } finally {
    await world.pool.query("delete from patches where id = $1", [id]);
  }
}

/** True when an item that is posted to the app ends up in the database, where it stays. */
export async function writesDatabase(world: OpsViewWorld): Promise<boolean> {
  const answer = await call(world, "POST", "/patches", {
    record_id: `check-${randomUUID()}`,
    field_key: "due_date",
    intent: "correct",
  });
  const { id } = (answer as { data: { id: string } }).data;
  const { rowCount } = await world.pool.query("select 1 from patches where id = $1", [id]);
  return rowCount === 1;
}

async function call(world: OpsViewWorld, method: string, path: string, body?: object): Promise<unknown> {
  const url = `${world.fleet.urls[0]}/api/v2.5/workspaces/${world.workspace}${path}`;
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${world.tokens.admin}`, "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 200)}`);
  return text === "" ? undefined : JSON.parse(text);
}
