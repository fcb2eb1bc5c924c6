import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../../../support/postgres";
import { type Asked, asking, holdsLaws, open } from "./support";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

/** Queries of many shapes, each set of which one database has to answer well at once, and each badly by itself. */
const CASES: Readonly<Record<string, readonly Asked[]>> = {
  "a plain count": [["select count(*) from orders where state = 'open'", { gte: 100 }]],
  "quoted names": [[`select count(*) from "Order Items" where "State" = 'x' and "select" > 3`, { gt: 2 }]],
  "a name with a schema": [["select count(*) from billing.invoices i where i.paid", { eq: 5 }]],
  "an inner join": [
    [
      "select count(*) from orders o join customers c on c.id = o.customer_id where c.tier = 'gold' and o.total >= 10",
      { gte: 3 },
    ],
  ],
  "an outer join that finds nothing": [
    [
      "select count(*) from orders o left join payments p on p.order_id = o.id where p.order_id is null",
      { eq: 0 },
      { samplesFrom: { query: "select count(*) from orders" }, minSamples: 20 },
    ],
  ],
  using: [["select count(*) from a join b using (id) where a.kind = 'k' and b.size < 3", { gte: 1 }]],
  "a percentage": [
    [
      "select 100.0 * count(*) filter (where status = 'failed') / nullif(count(*), 0) from jobs where finished_at > now() - interval '1 hour'",
      { lt: 5, quantity: "percent" },
    ],
  ],
  "an average": [["select avg(duration_ms) from calls where path like '/v2/%'", { lt: 250 }]],
  "a percentile": [
    ["select percentile_cont(0.95) within group (order by duration_ms) from calls", { lte: 500 }],
  ],
  "a boolean": [["select bool_and(healthy) from nodes where region in ('eu', 'us')", { eq: true }]],
  "a column that is the answer": [
    ["select enabled from switches where name = 'shadow'", { eq: true }],
    ["select phase from migrations order by started_at desc limit 1", { eq: "done" }],
    ["select max(lag_seconds) from replicas", { lt: 10 }],
  ],
  "an age": [["select extract(epoch from now() - max(applied_at)) from heartbeats", { lt: 60 }]],
  "an age as an interval": [["select now() - max(seen_at) < interval '5 minutes' from beats", { eq: true }]],
  dates: [["select count(*) from bills where due_on = current_date and not cancelled", { gte: 1 }]],
  "a cast": [["select count(*) from facts where (measure)::int between 5 and 9", { eq: 4 }]],
  "an enum": [["select count(*) from users where role = 'admin'::user_role", { gte: 1 }]],
  "an array": [["select count(*) from posts where 'urgent' = any (tags)", { eq: 0 }]],
  "an array that holds": [["select count(*) from posts where tags @> array['seen']", { gte: 2 }]],
  JSON: [
    [
      "select count(*) from events where payload ->> 'kind' = 'moved' and (payload -> 'by' ->> 'age')::int > 30",
      { gte: 10 },
    ],
  ],
  exists: [["select exists (select 1 from locks where expires_at > now())", { eq: false }]],
  "not exists": [
    [
      "select count(*) from moves m where not exists (select 1 from audits a where a.move_id = m.id)",
      { eq: 0 },
      { samplesFrom: { query: "select count(*) from moves" }, minSamples: 10 },
    ],
  ],
  "in a sub-select": [
    ["select count(*) from orders where customer_id in (select id from customers where vip)", { gt: 1 }],
  ],
  "a CTE and a window": [
    [
      "with ranked as (select id, row_number() over (partition by account order by at desc) as nth, ok from runs) select count(*) from ranked where nth = 1 and not ok",
      { eq: 0 },
    ],
    ["select count(distinct account) from runs", { gte: 3 }],
  ],
  "the last three runs": [
    [
      "select bool_and(green) from (select green from nightly order by ran_at desc limit 3) last having count(*) = 3",
      { eq: true },
    ],
  ],
  "a ratio of two versions": [
    [
      `select (select avg(failed::int) from hits where version = 'new') / nullif((select avg(failed::int) from hits where version = 'old'), 0)`,
      { lte: 1.25 },
    ],
  ],
  "parts per million": [
    [
      "select 1000000.0 * sum(drifted) / nullif(sum(checked), 0) from drift where at > now() - interval '1 day'",
      { lte: 50 },
    ],
  ],
  union: [
    [
      "select count(*) from (select id from old_items where broken union all select id from new_items where broken) both_of_them",
      { eq: 0 },
    ],
  ],
  "group by and having": [
    [
      "select count(*) from (select file, revision from batches group by file, revision having count(*) > 1) twice",
      { eq: 0 },
    ],
  ],
  "opposite states of one table": [
    ["select count(*) from tasks where state = 'done'", { gte: 10 }],
    ["select count(*) from tasks where state = 'stuck'", { eq: 0 }],
    [
      "select count(*) from tasks where state <> 'done' and updated_at < now() - interval '1 hour'",
      { eq: 0 },
    ],
    ["select count(*) from tasks where updated_at is null", { eq: 2 }],
  ],
  "a window of the soak": [
    [
      "select count(*) from writes where at >= $1 and at < $2",
      { gt: 0 },
      { window: "soak", values: ["{from}", "{to}"] },
    ],
    [
      "select count(*) from writes where state = 'open' and at < now() - $1::interval",
      { eq: 0 },
      { values: ["{2h}"] },
    ],
  ],
  "times without a zone": [
    [
      "select count(*) from logs where at::timestamp > now() - interval '1 minute' and level = 'ERROR'",
      { eq: 0 },
    ],
  ],
  "sums of money": [["select coalesce(sum(amount), 0) from ledger", { eq: 0, quantity: "signed" }]],
  case: [["select sum(case when state = 'bad' then 1 else 0 end) from checks where batch = 7", { lt: 3 }]],
  "a UUID": [
    [
      "select count(*) from items where id = $1::uuid",
      { eq: 1 },
      { values: ["3f0c1c0e-7c5f-4b1e-9d51-0a4d6d3f5b11"] },
    ],
    ["select count(distinct id::uuid) from items", { gte: 4 }],
  ],
  "lists of values": [
    ["select count(*) from parts where kind not in ('x', 'y') and size = any ('{3,4}'::int[])", { gte: 6 }],
    ["select string_agg(distinct kind, ',' order by kind) from parts", { eq: "x,z" }],
  ],
  "the newest row of each": [
    [
      "select count(*) from (select distinct on (host) host, ok from pings order by host, at desc) p where ok is not true",
      { eq: 0 },
    ],
    ["select count(distinct host) from pings where at > now() - interval '30 seconds'", { gte: 2 }],
  ],
  "what follows each other": [
    [
      "select coalesce(max(gap), 0) from (select extract(epoch from at - lag(at) over (order by at)) as gap from ticks) g",
      { lt: 30 },
    ],
    ["select count(*) from ticks", { gte: 5 }],
  ],
  "two numbers of one row": [
    ["select count(*) from counters where written <> read_back", { eq: 0 }],
    ["select sum(written) from counters", { gt: 1000 }],
  ],
  regex: [["select count(*) from pages where url ~ '^https' and title ilike '%error%'", { eq: 0 }]],
};

describe("made-up tables", () => {
  it.each(Object.entries(CASES))("answer %s, well and badly", async (_name, gates) => {
    const opened = await open(server, asking(gates));
    try {
      expect(opened.tables.problems).toEqual([]);
      expect([...opened.tables.lasting.values()]).toEqual([]);
      for (const { id } of opened.tables.questions)
        expect([id, (await opened.tables.spoil(id)).outcome]).toEqual([id, "bad"]);
      await holdsLaws(opened);
    } finally {
      await opened.close();
    }
  });
});
