import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadRollout } from "../../../../src/rollout/load";
import { startTestServer, type TestServer } from "../../../support/postgres";
import { open } from "./support";

const TWO_TABLES = join(__dirname, "..", "..", "..", "..", "rollouts", "examples", "two-tables");

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

test("rows are planted that differ in each way, and rest where they are", async () => {
  const opened = await open(server, loadRollout(TWO_TABLES));
  const { tables, pool } = opened;
  const rows = async () =>
    (
      await pool.query(
        "select 'old' as in, * from orders union all select 'new', * from orders_v2 order by 1 desc, id",
      )
    ).rows;
  try {
    await tables.spoil("new.abort.X1.each");
    const planted = await rows();
    expect(planted.map((row) => [row.in, row.id, row.status])).toEqual([
      ["old", "planted-1", "planted-1"],
      ["old", "planted-3", "planted-1"],
      ["new", "planted-2", "planted-1"],
      ["new", "planted-3", "planted-2"],
    ]);
    // What changed a moment ago is on its way, again and again, and never counted.
    await tables.refresh();
    expect(await rows()).toEqual(planted);
    await tables.calm();
    expect(await rows()).toEqual([]);
  } finally {
    await opened.close();
  }
});
