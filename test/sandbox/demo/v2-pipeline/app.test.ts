import type { Pool } from "pg";
import { beforeEach, describe, expect, test } from "vitest";
import { createApp } from "../../../../sandbox/demo/v2-pipeline/app";
import { FaultSwitch } from "../../../../sandbox/demo/v2-pipeline/faults";
import { ALL_OFF, DECLARED, type Flags } from "../../../../sandbox/demo/v2-pipeline/flags";
import { Signals } from "../../../../sandbox/demo/v2-pipeline/signals";
import type { Retirement } from "../../../../sandbox/demo/v2-pipeline/store";
import { httpDate, structuredDate } from "../../../../src/gates/kinds/requests.headers";
import { NOWHERE, served } from "../service/served";

let flags: Flags;
let retirement: Retirement | undefined;
let faults: FaultSwitch;
let signals: Signals;
let inserted: unknown[][];
let app: ReturnType<typeof createApp>;
let databaseIsDown: boolean;

beforeEach(() => {
  flags = ALL_OFF;
  retirement = undefined;
  faults = new FaultSwitch();
  signals = new Signals(NOWHERE);
  inserted = [];
  databaseIsDown = false;
  const query = async (_: string, values: unknown[]) => {
    if (databaseIsDown) throw new Error("down");
    inserted.push(values);
    return { rows: [] };
  };
  app = createApp({
    server: "imports-1",
    pool: { query } as unknown as Pool,
    flags: served(DECLARED, () => ({ flags, version: "1" })),
    retirement: () => retirement,
    signals,
    faults,
  });
});

async function call(method: string, path: string, body?: unknown, agent = "curl/8.5.0") {
  const json = { "content-type": "application/json" };
  const answer = await app.request(path, {
    method,
    headers: { "user-agent": agent, ...(body === undefined ? {} : json) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: each test asserts the shape that it looks at
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as any };
}

/** What was counted since the last look, zeros left out. */
function counted(): Record<string, number> {
  const data = signals.drain(new Date(0)).filter(({ Value }) => Value !== undefined && Value > 0);
  return Object.fromEntries(data.map(({ MetricName = "", Value = 0 }) => [MetricName, Value]));
}

// user-1 has the place 565 among a hundred thousand, user-2 the place 45439.
const job = (user: string) => ({ user, file: "people.csv" });

describe("writes", () => {
  const writes = async () => (await call("GET", "/_writes")).body.data.writes;

  test("are counted, whatever came of them, and looking is none", async () => {
    for (const path of ["/health", "/feature-flags", "/process-full", "/imports/none"])
      await call("GET", path);
    expect(await writes()).toBe(0);
    await call("POST", "/process", job("user-1"));
    await call("POST", "/process-full", {});
    await call("DELETE", "/nowhere");
    expect(await writes()).toBe(3);
  });
});

describe("/process", () => {
  test.each([
    [0, "user-1", "v1"],
    [0.565, "user-1", "v1"],
    [0.566, "user-1", "v2"],
    [45, "user-2", "v1"],
    [46, "user-2", "v2"],
    [100, "user-2", "v2"],
  ])("at %d %% takes %s to %s", async (percent, user, pipeline) => {
    flags = { ...ALL_OFF, V2_ROLLOUT_PERCENT: percent };
    const { status, body } = await call("POST", "/process", job(user));
    expect(status).toBe(202);
    expect(body.data).toMatchObject({ pipeline, percent });
    expect(inserted).toEqual([[body.data.id, user, "people.csv", pipeline, expect.any(String)]]);
    expect(counted()).toEqual({ ImportRequests: 1, ...(pipeline === "v1" ? { V1Requests: 1 } : {}) });
  });

  test.each([[undefined], [{}], [{ user: "ada" }], [{ user: "", file: "x" }], [[1]]])(
    "refuses %j",
    async (body) => {
      expect((await call("POST", "/process", body)).status).toBe(400);
      expect([inserted, counted()]).toEqual([[], {}]);
    },
  );

  test("answers 500 where the database is away, and counts it", async () => {
    databaseIsDown = true;
    const { status, body } = await call("POST", "/process", job("ada"));
    expect([status, body.error.code]).toEqual([500, "INTERNAL"]);
    expect(counted()).toMatchObject({ Server5xx: 1 });
  });
});

describe("/process-full", () => {
  const dates = {
    deprecatedAt: new Date("2027-01-01T00:00:00.900Z"),
    sunsetAt: new Date("2027-03-01T00:00:00Z"),
  };

  test("is v1's own, whatever the percentage", async () => {
    flags = { ...ALL_OFF, V2_ROLLOUT_PERCENT: 100 };
    const { status, body, headers } = await call("POST", "/process-full", job("user-1"));
    expect([status, body.data.pipeline]).toEqual([202, "v1"]);
    expect([headers.get("deprecation"), headers.get("sunset")]).toEqual([null, null]);
    expect(counted()).toEqual({ ImportRequests: 1, V1Requests: 1 });
  });

  test("says on every answer that it is deprecated; only a POST is a call, whatever came of it", async () => {
    flags = { V2_ROLLOUT_PERCENT: 100, V1_DEPRECATED: true, V1_REMOVED: false };
    retirement = dates;
    for (const [method, body, status] of [
      ["GET", undefined, 405],
      ["POST", job("ada"), 202],
      ["POST", {}, 400],
    ] as const) {
      const answer = await call(method, "/process-full", body);
      expect(answer.status).toBe(status);
      expect(answer.headers.get("deprecation")).toBe("@1798761600");
      expect(structuredDate("Deprecation", answer.headers.get("deprecation") ?? "")).toEqual({
        ok: true,
        at: Date.parse("2027-01-01T00:00:00Z"),
      });
      expect(httpDate("Sunset", answer.headers.get("sunset") ?? "")).toEqual({
        ok: true,
        at: dates.sunsetAt.getTime(),
      });
    }
    expect(counted()).toEqual({ ImportRequests: 1, V1Requests: 2 });
  });

  test.each<[string, Partial<Flags>, boolean, number]>([
    ["while it is not deprecated", {}, true, 400],
    ["while it announces its end", { V1_DEPRECATED: true }, true, 400],
    ["while it does not", { V1_DEPRECATED: true }, false, 400],
    ["once it is gone", { V1_DEPRECATED: true, V1_REMOVED: true }, true, 410],
  ])("counts everybody who calls it but cutover, %s", async (_, changes, announces, status) => {
    flags = { ...ALL_OFF, V2_ROLLOUT_PERCENT: 100, ...changes };
    retirement = announces ? dates : undefined;
    for (const agent of ["cutover", "cutover/2.1"])
      expect((await call("POST", "/process-full", {}, agent)).status).toBe(status);
    expect(counted()).toEqual({});
    for (const agent of ["old-client", "not-cutover", "cutoverish"])
      await call("POST", "/process-full", {}, agent);
    expect(Object.values(counted())).toContain(3);
  });

  test("an import that cutover itself sends is none of a caller's of v1", async () => {
    await call("POST", "/process-full", job("user-1"), "cutover");
    await call("POST", "/process", job("user-1"), "cutover");
    expect(counted()).toEqual({ ImportRequests: 2 });
  });

  test.each<[string, () => void]>([
    ["nobody has decided about its end", () => {}],
    [
      "the fault says so",
      () => {
        retirement = dates;
        faults.set({ withoutHeaders: true });
      },
    ],
  ])("says nothing where %s", async (_, arrange) => {
    flags = { V2_ROLLOUT_PERCENT: 100, V1_DEPRECATED: true, V1_REMOVED: false };
    arrange();
    expect((await call("GET", "/process-full")).headers.get("deprecation")).toBeNull();
    expect(counted()).toEqual({ V1Unannounced: 1 });
  });

  test("is gone once it is removed, and counts who still calls", async () => {
    flags = { V2_ROLLOUT_PERCENT: 100, V1_DEPRECATED: true, V1_REMOVED: true };
    expect((await call("GET", "/process-full")).status).toBe(410);
    expect(counted()).toEqual({});
    expect((await call("POST", "/process-full", job("ada"))).status).toBe(410);
    expect(counted()).toEqual({ V1GoneRequests: 1 });
    expect(inserted).toEqual([]);
    faults.set({ v1Lives: true });
    expect((await call("GET", "/process-full")).status).toBe(405);
  });
});

test("/health says whether processors are available", async () => {
  expect((await call("GET", "/health")).body).toMatchObject({ processors_available: true });
  faults.set({ processorsDown: true });
  expect((await call("GET", "/health")).body).toMatchObject({ processors_available: false });
});

test("/feature-flags tells the flags, their version, their source and the server", async () => {
  expect((await call("GET", "/feature-flags")).body).toEqual({
    data: {
      flags: ALL_OFF,
      source: "appconfig",
      version: "1",
      evaluated: {},
      server: "imports-1",
      started: expect.stringMatching(/^\d{4}-.*Z$/),
    },
  });
});

test("/complaints are counted", async () => {
  expect((await call("POST", "/complaints", { user: "ada", about: "my file" })).status).toBe(201);
  expect((await call("POST", "/complaints", {})).status).toBe(400);
  expect(counted()).toEqual({ Complaints: 1 });
});

test("/_faults takes what there is, and nothing else", async () => {
  expect((await call("POST", "/_faults", { v2Failures: 1 })).body.data).toMatchObject({ v2Failures: 1 });
  expect((await call("POST", "/_faults", { v3Failures: 1 })).status).toBe(400);
  expect(faults.now.v2Failures).toBe(1);
  expect((await call("DELETE", "/_faults")).body.data).toMatchObject({ v2Failures: 0 });
});
