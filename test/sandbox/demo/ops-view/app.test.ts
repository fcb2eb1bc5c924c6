import type { Pool } from "pg";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createApp } from "../../../../sandbox/demo/ops-view/app";
import { FaultSwitch } from "../../../../sandbox/demo/ops-view/faults";
import { ALL_OFF, DECLARED } from "../../../../sandbox/demo/ops-view/flags/document";
import { rosterOf } from "../../../../sandbox/demo/ops-view/identity";
import { KNOWN, knownItems } from "../../../../sandbox/demo/ops-view/known-items";
import { Signals } from "../../../../sandbox/demo/ops-view/signals/signals";
import { storesFor } from "../../../../sandbox/demo/ops-view/stores/choose";
import { LocalState } from "../../../../sandbox/demo/ops-view/stores/local-state";
import { type Moment, NOWHERE, served } from "../service/served";

const TOKENS = { analyst: "t-analyst", verifier: "t-verifier", admin: "t-admin" };
const NEW_PATCH = { record_id: "r", field_key: "k", intent: "correct" };

/** A database that nobody may ask while the flags are off. */
const noDatabase = {
  query: () => Promise.reject(new Error("the database was asked")),
  connect: () => Promise.reject(new Error("the database was asked")),
} as unknown as Pool;

let app: ReturnType<typeof createApp>;
let flags: Moment<typeof DECLARED>;
let faults: FaultSwitch;
let signals: Signals;

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  flags = { flags: ALL_OFF, version: "1" };
  faults = new FaultSwitch();
  signals = new Signals(NOWHERE);
  const local = new LocalState(knownItems(KNOWN));
  const stores = storesFor(noDatabase, local, rosterOf(TOKENS, KNOWN.workspace), faults);
  app = createApp({
    server: "ops-1",
    flags: served(DECLARED, () => flags),
    storesFor: stores,
    signals,
    faults,
  });
});

/** `who` is a role, or a token. */
async function call(who: string, method: string, path: string, body?: unknown) {
  const token = TOKENS[who as keyof typeof TOKENS] ?? who;
  // One item stands by itself, whatever its workspace.
  const below = method === "PATCH" ? "" : `/workspaces/${KNOWN.workspace}`;
  const response = await app.request(`/api/v2.5${below}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: each test asserts the shape that it looks at
  return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as any };
}

function drained(): Record<string, number | number[]> {
  return Object.fromEntries(
    signals
      .drain(new Date())
      .map(({ MetricName, Value, Values }) => [MetricName as string, Value ?? Values ?? []]),
  );
}

describe("feature flags and health", () => {
  it("tells the flags without a token, with version, server and drill", async () => {
    flags = { flags: { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false }, version: "3", drill: "d-1" };
    const response = await app.request("/api/v2.5/feature-flags");
    expect(await response.json()).toEqual({
      data: {
        flags: { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false },
        version: "3",
        source: "appconfig",
        server: "ops-1",
        started: expect.stringMatching(/^\d{4}-.*Z$/),
        drill: "d-1",
        evaluated: {},
      },
    });
    expect((await app.request("/health")).status).toBe(200);
    expect((await app.request("/nowhere")).status).toBe(404);
  });
});

describe("from memory, all flags off", () => {
  it("counts the known items, by role", async () => {
    const admin = await call("admin", "GET", "/operations/queue");
    expect(admin.body.data.counts.total).toBe(KNOWN.patches + KNOWN.rfis);
    const verifier = await call("verifier", "GET", "/operations/queue");
    expect(verifier.body.data.counts.patches).not.toHaveProperty("Draft");
    const analyst = await call("analyst", "GET", "/patches");
    expect(analyst.body.data.length).toBeGreaterThan(0);
    expect(analyst.body.data.every((item: { author_id: string }) => item.author_id === "ana")).toBe(true);
  });

  it("takes a patch from draft to verified, version by version", async () => {
    const created = await call("analyst", "POST", "/patches", NEW_PATCH);
    expect(created).toMatchObject({
      status: 201,
      body: { data: { ...NEW_PATCH, status: "Draft", version: 1 } },
    });
    const path = `/patches/${created.body.data.id}`;
    const submitted = await call("analyst", "PATCH", path, { status: "Submitted", version: 1 });
    expect(submitted).toMatchObject({ status: 200, body: { data: { status: "Submitted", version: 2 } } });
    const stale = await call("verifier", "PATCH", path, { status: "Verified", version: 1 });
    expect(stale).toMatchObject({ status: 409, body: { error: { code: "STALE_VERSION" } } });
    expect((await call("verifier", "PATCH", path, { status: "Verified", version: 2 })).status).toBe(200);
    expect((await call("analyst", "DELETE", path)).status).toBe(404);
  });

  it("hands an RFI over", async () => {
    const { body } = await call("analyst", "POST", "/rfis", { question: "q", target_record_id: "r" });
    expect(body.data.custody_status).toBe("open");
    const path = `/rfis/${body.data.id}`;
    const moved = await call("analyst", "PATCH", path, { custody_status: "awaiting_verifier", version: 1 });
    expect(moved.body.data).toMatchObject({ custody_status: "awaiting_verifier", version: 2 });
    const resolve = (version: number) =>
      call("verifier", "PATCH", path, { custody_status: "resolved", version });
    expect((await resolve(1)).status).toBe(409);
    expect((await resolve(2)).body.data).toMatchObject({ custody_status: "resolved", version: 3 });
  });

  it("makes one batch of the same file and revision", async () => {
    const first = await call("analyst", "POST", "/batches", { file: "a.csv", revision: 1 });
    const again = await call("analyst", "POST", "/batches", { file: "a.csv", revision: 1 });
    const next = await call("analyst", "POST", "/batches", { file: "a.csv", revision: 2 });
    expect([first.status, again.status, next.status]).toEqual([201, 200, 201]);
    expect(again.body.data).toEqual(first.body.data);
  });
});

describe("bad requests", () => {
  it.each<[string, string, string, unknown, number]>([
    ["stranger", "GET", "/patches", undefined, 403],
    ["analyst", "POST", "/patches", undefined, 400],
    ["analyst", "POST", "/patches", { ...NEW_PATCH, record_id: "" }, 400],
    ["analyst", "POST", "/patches", [], 400],
    ["verifier", "POST", "/patches", NEW_PATCH, 403],
    ["analyst", "PATCH", "/patches/patch-0001", { status: "Submitted" }, 400],
    ["analyst", "PATCH", "/patches/patch-0001", { status: "Submitted", version: "1" }, 400],
    ["analyst", "PATCH", "/patches/no-such", { status: "Submitted", version: 1 }, 404],
    ["admin", "PATCH", "/patches/patch-0001", { status: "Nonsense", version: 1 }, 422],
    ["analyst", "POST", "/batches", { file: "a", revision: 0 }, 400],
  ])("%s %s %s %j: %i", async (who, method, path, body, status) => {
    const answer = await call(who, method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body.error.message).toEqual(expect.any(String));
  });

  it("needs a token, and one for this workspace", async () => {
    expect((await app.request(`/api/v2.5/workspaces/${KNOWN.workspace}/patches`)).status).toBe(401);
    const headers = { authorization: `Bearer ${TOKENS.admin}` };
    expect((await app.request("/api/v2.5/workspaces/other/patches", { headers })).status).toBe(403);
  });
});

describe("a flip in the middle of a request", () => {
  it("does not reach it: what a request began with serves it to its end", async () => {
    const pending = call("analyst", "POST", "/patches", NEW_PATCH);
    // The handler awaits its body before it writes; by then the flags are up.
    await Promise.resolve();
    flags = { flags: { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true }, version: "2" };
    expect((await pending).status).toBe(201);
    expect((await call("analyst", "POST", "/patches", NEW_PATCH)).status).toBe(500);
  });
});

describe("signals of what left the server", () => {
  it("are quiet while all is well", async () => {
    await call("admin", "GET", "/operations/queue");
    await call("analyst", "GET", "/patches");
    await call("analyst", "POST", "/patches", NEW_PATCH);
    expect(drained()).toMatchObject({
      QueueRequests: 1,
      ListRequests: 1,
      ReadRequests: 2,
      WriteRequests: 1,
      Queue5xx: 0,
      List5xx: 0,
      Read5xx: 0,
      Write5xx: 0,
      Server5xx: 0,
      RoleLeak: 0,
      QueueEmptyForAdmin: 0,
      StaleVersion409: [0],
    });
  });

  it.each<[object, [string, string, string, unknown?], object]>([
    [
      { queue5xx: 1 },
      ["admin", "GET", "/operations/queue"],
      { Queue5xx: 1, Read5xx: 1, Server5xx: 1, List5xx: 0 },
    ],
    [{ list5xx: 1 }, ["admin", "GET", "/rfis"], { List5xx: 1, Read5xx: 1, Server5xx: 1, Queue5xx: 0 }],
    [{ write5xx: 1 }, ["analyst", "POST", "/patches", NEW_PATCH], { Write5xx: 1, Server5xx: 1, Read5xx: 0 }],
    [{ emptyQueue: true }, ["admin", "GET", "/operations/queue"], { QueueEmptyForAdmin: 1 }],
    [{ emptyQueue: true }, ["analyst", "GET", "/operations/queue"], { QueueEmptyForAdmin: 0 }],
    [{ roleLeak: true }, ["analyst", "GET", "/patches"], { RoleLeak: 1 }],
    [{ roleLeak: true }, ["admin", "GET", "/patches"], { RoleLeak: 0 }],
    [
      { staleVersions: true },
      ["analyst", "PATCH", "/patches/patch-0001", { status: "Submitted", version: 1 }],
      { StaleVersion409: [1], Write5xx: 0 },
    ],
  ])("fault %j", async (set, request, expected) => {
    faults.set(set);
    await call(...request);
    expect(drained()).toMatchObject(expected);
  });

  it("measures latency as a client has it", async () => {
    faults.set({ latencyMs: 60 });
    await call("admin", "GET", "/operations/queue");
    const [ms] = drained().QueueLatencyMs as number[];
    expect(ms).toBeGreaterThanOrEqual(59);
  });

  it("lists an admin what a verifier sees: no drafts", async () => {
    const ids = async (role: string) => {
      const { body } = await call(role, "GET", "/patches");
      return body.data.map(({ id }: { id: string }) => id);
    };
    const all = await ids("admin");
    faults.set({ narrowAdmin: true });
    expect(await ids("admin")).toEqual(await ids("verifier"));
    expect((await ids("admin")).length).toBeLessThan(all.length);
  });

  it("skews counts, and leaves the lists alone", async () => {
    faults.set({ countSkew: 0.5 });
    const { body } = await call("admin", "GET", "/operations/queue");
    expect(body.data.counts.total).toBe((KNOWN.patches + KNOWN.rfis) / 2);
  });
});

describe("the fault switch", () => {
  const post = (body: string) =>
    app.request("/_faults", { method: "POST", body, headers: { "content-type": "application/json" } });

  it("is set, read and cleared", async () => {
    expect((await post('{"queue5xx":0.5}')).status).toBe(200);
    expect(await (await app.request("/_faults")).json()).toMatchObject({ data: { queue5xx: 0.5 } });
    await app.request("/_faults", { method: "DELETE" });
    expect(faults.now.queue5xx).toBe(0);
  });

  it.each(['{"queue5xx":2}', '{"unknown":1}', "[]", "nonsense"])("refuses %s", async (body) => {
    expect((await post(body)).status).toBe(400);
  });
});
