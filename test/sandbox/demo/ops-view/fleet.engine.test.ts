import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Fleet, startFleet } from "../../../../sandbox/demo/ops-view/fleet";
import { KNOWN } from "../../../../sandbox/demo/ops-view/known-items";
import { startTraffic } from "../../../../sandbox/demo/traffic";
import { gatePlace } from "../../../../sandbox/postgres/reach";
import { openSqlSource } from "../../../../src/gates/database";
import { Reconciler } from "../../../../src/probe/reconcile/reconciler";
import { reconcileSettings } from "../../../../src/probe/reconcile/settings";
import type { Reconciliation } from "../../../../src/rollout/config/reconcile";
import { loadRollout } from "../../../../src/rollout/load";
import { stageNamed } from "../../../../src/rollout/rollout";
import { type Demo, fill, OFF, openDemo, READ, TOKENS } from "./demo";

const WRITE = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true };
const NEW_PATCH = { record_id: "r", field_key: "k", intent: "correct" };
const UNAUDITED = `select count(*)::int as n from custody_transitions t where not exists (
  select from audit_events a where (a.entity_kind, a.entity_id, a.entity_version) = (t.entity_kind, t.entity_id, t.entity_version))`;

let demo: Demo;
let fleet: Fleet;

beforeAll(async () => {
  demo = await openDemo();
  await fill(demo);
  fleet = await startFleet({ count: 2, sandbox: demo.sandbox, flags: demo.flags, tokens: TOKENS });
});
afterAll(() => demo?.close());
afterEach(() => fleet?.faults({}));

/** Server 0 or 1. */
async function call(server: number, who: keyof typeof TOKENS, method: string, path: string, body?: object) {
  const below = method === "PATCH" ? "" : `/workspaces/${KNOWN.workspace}`;
  const response = await fetch(`${fleet.urls[server]}/api/v2.5${below}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKENS[who]}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: each test asserts the shape that it looks at
  return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as any };
}

async function seen(): Promise<unknown[]> {
  return Promise.all(
    fleet.urls.map(async (url) => {
      const { data } = (await (await fetch(`${url}/api/v2.5/feature-flags`)).json()) as {
        data: { flags: unknown };
      };
      return data.flags;
    }),
  );
}

async function flip(document: object): Promise<void> {
  await demo.deploy(document);
  await vi.waitFor(async () => expect(await seen()).toEqual([document, document]), 10_000);
}

/** What stage B's own reconciliation finds at one look. */
const ITEMS = reconcileSettings(
  stageNamed(loadRollout(join(__dirname, "..", "..", "..", "..")), "stageB")?.reconcile
    ?.items as Reconciliation,
);
async function reconciled(reconciler = new Reconciler(ITEMS)) {
  const { user, password } = demo.sandbox.postgres;
  const place = { ...gatePlace(demo.sandbox.postgres), schema: "public", user, password };
  const source = openSqlSource(place);
  try {
    const read = await reconciler.round(source, performance.now() + 10_000);
    if ("failure" in read) throw new Error(read.failure);
    return read.done;
  } finally {
    await source.close();
  }
}

async function rows(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await demo.pool.query(sql, values)).rows;
}

describe("a fleet of two servers", () => {
  it("has all flags off before anything was deployed, and answers from memory", async () => {
    expect(await seen()).toEqual([OFF, OFF]);
    await flip(OFF);
    const { body } = await call(0, "admin", "GET", "/operations/queue");
    expect(body.data.counts.total).toBe(KNOWN.patches + KNOWN.rfis);
    const created = await call(0, "analyst", "POST", "/patches", NEW_PATCH);
    const path = `/patches/${created.body.data.id}`;
    // In the memory of one server: neither the other nor the database knows of it.
    expect((await call(1, "analyst", "PATCH", path, { status: "Submitted", version: 1 })).status).toBe(404);
    expect(await rows("select 1 from patches where id = $1", [created.body.data.id])).toEqual([]);
  });

  it("stage A: reads the database, and writes to memory over it", async () => {
    await flip(READ);
    const before = await call(0, "admin", "GET", "/operations/queue");
    expect(before.body.data.counts.total).toBe(KNOWN.patches + KNOWN.rfis);
    await rows("update patches set version = 5 where id = 'patch-0016'");
    const mine = (await call(1, "analyst", "GET", "/patches")).body.data;
    expect(mine.find((item: { id: string }) => item.id === "patch-0016")).toMatchObject({
      version: 5,
      status: "Draft",
    });
    // Against the version that the client read from the database, though memory has an older one.
    const moved = await call(1, "analyst", "PATCH", "/patches/patch-0016", {
      status: "Submitted",
      version: 5,
    });
    expect(moved.body.data).toMatchObject({ status: "Submitted", version: 6 });
    expect(await rows("select status, version from patches where id = 'patch-0016'")).toEqual([
      { status: "Draft", version: 5 },
    ]);
    expect(await rows("select 1 from audit_events")).toEqual([]);
  });

  it("stage B: writes to the database, seen by all servers, audited, and stale versions refused", async () => {
    await flip(WRITE);
    const { id } = (await call(0, "analyst", "POST", "/patches", NEW_PATCH)).body.data;
    const submitted = await call(1, "analyst", "PATCH", `/patches/${id}`, {
      status: "Submitted",
      version: 1,
    });
    expect(submitted.body.data).toMatchObject({ status: "Submitted", version: 2 });
    const both = [0, 1].map((server) =>
      call(server, "verifier", "PATCH", `/patches/${id}`, { status: "Verified", version: 2 }),
    );
    expect((await Promise.all(both)).map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(
      await rows("select action, entity_version as v from audit_events where entity_id = $1 order by id", [
        id,
      ]),
    ).toEqual([
      { action: "patch.created", v: 1 },
      { action: "patch.moved", v: 2 },
      { action: "patch.moved", v: 3 },
    ]);
    expect(await rows(UNAUDITED)).toEqual([{ n: 0 }]);

    const batches = await Promise.all(
      [0, 1].map((s) => call(s, "analyst", "POST", "/batches", { file: "f", revision: 1 })),
    );
    expect(new Set(batches.map(({ body }) => body.data.id)).size).toBe(1);
  });

  it("has told its clients nothing that the database does not hold, whichever server wrote it", async () => {
    expect((await rows("select 1 from acknowledged")).length).toBeGreaterThan(0);
    expect(await reconciled()).toMatchObject({
      missing: 0,
      different: 0,
      pending: KNOWN.patches + KNOWN.rfis,
    });
  });

  it("keeps the last good flags over a broken document", async () => {
    await demo.deploy({ OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: true });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await seen()).toEqual([WRITE, WRITE]);
  });

  it("shows a missing audit event in SQL and in the metric, and nothing else", async () => {
    await fleet.faults({ missingAudit: true });
    const { id } = (await call(0, "analyst", "POST", "/rfis", { question: "q", target_record_id: "r" })).body
      .data;
    await call(0, "analyst", "PATCH", `/rfis/${id}`, { custody_status: "awaiting_verifier", version: 1 });
    expect(await rows(UNAUDITED)).toEqual([{ n: 1 }]);
    expect(await reconciled()).toMatchObject({ missing: 0, different: 0 });
  });

  it("shows a write that was acknowledged and lost", async () => {
    await fleet.faults({ divergence: true }, "ops-1");
    const { id } = (await call(0, "analyst", "POST", "/patches", NEW_PATCH)).body.data;
    const reconciler = new Reconciler({ ...ITEMS, lagMs: 100 });
    await reconciled(reconciler);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await reconciled(reconciler)).toMatchObject({
      missing: 1,
      different: 0,
      samples: { missing: [id] },
    });
    expect(await rows("select version, status from acknowledged where id = $1", [id])).toEqual([
      { version: 1, status: "Draft" },
    ]);
  });

  it("shows a batch made twice", async () => {
    await fleet.faults({ duplicateBatches: true });
    await call(0, "analyst", "POST", "/batches", { file: "twice", revision: 1 });
    await call(0, "analyst", "POST", "/batches", { file: "twice", revision: 1 });
    const doubled = "select file from batches group by workspace_id, file, revision having count(*) > 1";
    expect(await rows(doubled)).toEqual([{ file: "twice" }]);
  });

  it("ignores new flags while stuck, until it is restarted at the same address", async () => {
    await fleet.faults({ stuckFlags: true }, "ops-2");
    await demo.deploy(READ);
    await vi.waitFor(async () => expect(await seen()).toEqual([READ, WRITE]), 10_000);
    await fleet.restart("ops-2");
    expect(await seen()).toEqual([READ, READ]);
  });

  it("serves the flags of its code once it is deployed with them, whatever AppConfig says", async () => {
    const sources = () =>
      Promise.all(
        fleet.urls.map(async (url) => {
          const { data } = (await (await fetch(`${url}/api/v2.5/feature-flags`)).json()) as {
            data: { source: unknown };
          };
          return data.source;
        }),
      );
    await demo.deploy(READ);
    await vi.waitFor(async () => expect(await seen()).toEqual([READ, READ]), 10_000);
    expect(await sources()).toEqual(["appconfig", "appconfig"]);
    await fleet.inCode(WRITE, "ops-2");
    expect(await seen()).toEqual([READ, WRITE]);
    expect(await sources()).toEqual(["appconfig", "code"]);
    await fleet.restart("ops-2");
    expect(await seen()).toEqual([READ, WRITE]);
    // A deployment without them: it asks AppConfig again.
    await fleet.inCode(undefined);
    await vi.waitFor(async () => expect(await seen()).toEqual([READ, READ]), 10_000);
    expect(await sources()).toEqual(["appconfig", "appconfig"]);
  });

  it("publishes each request, and no server error that was not asked for", async () => {
    await fleet.faults({ queue5xx: 1 });
    expect((await call(0, "admin", "GET", "/operations/queue")).status).toBe(500);
    await vi.waitFor(async () => expect(await demo.metric("Queue5xx", "Sum")).toBe(1), 10_000);
    expect(await demo.metric("Server5xx", "Sum")).toBe(1);
    expect(await demo.metric("QueueLatencyMs", "SampleCount")).toBe(
      await demo.metric("QueueRequests", "Sum"),
    );
  });

  it("serves traffic through all flips without a single write without read", async () => {
    await flip(OFF);
    const traffic = startTraffic({
      urls: fleet.urls,
      tokens: TOKENS,
      workspace: KNOWN.workspace,
      ratePerSecond: 40,
    });
    for (const flags of [READ, WRITE, READ, WRITE, OFF, WRITE]) {
      await flip(flags);
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    const report = await traffic.stop();
    expect(report.violations).toEqual([]);
    expect(report.flagAnswers).toBeGreaterThan(50);
    expect(report.flagChanges.length).toBeGreaterThanOrEqual(12);
    expect(report.failures).toEqual([]);
    expect(report.requests).toBeGreaterThan(100);
    // Its own items, moved on and on: what it leaves is little.
    expect((await rows("select 1 from patches where record_id like 'traffic-%'")).length).toBeLessThan(60);
    expect(await rows("select 1 from rfis where target_record_id like 'traffic-%' limit 1")).toHaveLength(1);
  });
});

describe("a server that cannot start", () => {
  it("says why, and leaves no other behind", async () => {
    const start = startFleet({
      count: 2,
      sandbox: demo.sandbox,
      flags: { ...demo.flags, profile: "" },
      tokens: TOKENS,
    });
    await expect(start).rejects.toThrow("APPCONFIG_PROFILE");
  });
});
