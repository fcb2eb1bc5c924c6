import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ImportsFunction, QUERY_IDS } from "../../../src/imports/queries/query";
import { indexDdl } from "../../../src/imports/suggestIndex";
import { startTestServer, type TestServer } from "../../support/postgres";
import { declareFunctions, mapping, TABLE } from "./fixtures/imports";

/** What the queries read of a history of which the window is a small part. */

const ROWS = 200_000;
/** The window: the last of a hundred days. */
const IN_WINDOW = ROWS / 100;
const ALL = [...QUERY_IDS, "ended"] as const;
type Id = (typeof ALL)[number];
/** How many days' imports each reads: of those that ended in the window, some began in the three days before. */
const daysOf = (id: Id) => (id === "ended" ? 4 : 1);

let server: TestServer;
let queries: readonly ImportsFunction[];

beforeAll(async () => {
  server = await startTestServer();
  await server.admin.query(TABLE);
  await server.admin.query(
    `insert into import_jobs
     select i::text, case when i % 50 = 0 then 'failed' else 'completed' end, 'error ' || i, s.at, s.at + interval '5 s', 'v1'
       from generate_series(1, ${ROWS}) i, lateral (select now() - (${ROWS} - i) * interval '100 days' / ${ROWS} as at) s`,
  );
  await server.admin.query("vacuum analyze import_jobs");
  queries = await declareFunctions(server.admin, mapping());
});
afterAll(() => server?.stop());

interface Node {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Node[];
}

/** The nodes that read the table, as the body of a function is planned over the last day. */
async function reads(id: Id): Promise<Node[]> {
  const { body, args } = queries.find((query) => query.id === id) as ImportsFunction;
  const client = await server.admin.connect();
  try {
    await client.query(`prepare asked(${args.map(({ type }) => type).join(", ")}) as ${body}`);
    const values = ["now() - interval '1 day'", "now()", id === "Q2" ? "interval '2 hours'" : "20"];
    const { rows } = await client.query(
      `explain (analyze, format json) execute asked(${values.slice(0, args.length).join(", ")})`,
    );
    const all = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(all)];
    return all(rows[0]["QUERY PLAN"][0].Plan).filter(
      (node) => node["Relation Name"] === "import_jobs" || node["Index Name"] !== undefined,
    );
  } finally {
    await client.query("deallocate all");
    client.release();
  }
}

/** Whole scans of the table by the functions themselves, as the server counts them. */
async function scans(work: (client: pg.PoolClient) => Promise<unknown>): Promise<number> {
  const client = await server.admin.connect();
  const count = async () => {
    await client.query("select pg_stat_force_next_flush()");
    await client.query("select pg_stat_clear_snapshot()");
    const { rows } = await client.query(
      "select seq_scan::int as n from pg_stat_user_tables where relname = 'import_jobs'",
    );
    return rows[0].n as number;
  };
  try {
    const before = await count();
    await work(client);
    return (await count()) - before;
  } finally {
    client.release();
  }
}

const call = (id: Id) => {
  const { name } = queries.find((query) => query.id === id) as ImportsFunction;
  return `select * from cutover.${name}(now() - interval '1 day', now()${id === "Q2" ? ", '2 hours'" : ""})`;
};

describe("without an index", () => {
  it.each(ALL)("%s reads the whole table, as this test would notice", async (id) => {
    expect((await reads(id)).map((node) => node["Node Type"])).toContain("Seq Scan");
    expect(await scans((client) => client.query(call(id)))).toBeGreaterThan(0);
  });
});

describe("with the suggested index", () => {
  beforeAll(async () => {
    await server.admin.query(indexDdl(mapping(), "public"));
    await server.admin.query("analyze import_jobs");
  });

  it.each(ALL)("%s reads the window alone, and the days before it where it has to", async (id) => {
    const nodes = await reads(id);
    expect(nodes.length).toBeGreaterThan(0);
    for (const node of nodes) {
      expect(node["Node Type"]).toMatch(/Index|Bitmap/);
      const touched = (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"];
      expect(touched, node["Node Type"]).toBeLessThanOrEqual(daysOf(id) * IN_WINDOW + 1);
    }
  });

  it.each(ALL)("%s, called as gates call it, scans no table", async (id) => {
    expect(await scans((client) => client.query(call(id)))).toBe(0);
  });

  it.each(ALL)("%s stays so with a plan for whatever window comes", async (id) => {
    const asked = await scans(async (client) => {
      await client.query("set plan_cache_mode = force_generic_plan");
      await client.query(call(id));
      await client.query("reset plan_cache_mode");
    });
    expect(asked).toBe(0);
  });
});
