import { describe, expect, test } from "vitest";
import type { Live } from "../../../src/delivery/carry";
import { type DeliveryWorld, deliver, type Fate, type Origin } from "../../../src/delivery/deliver";
import { deliveredIn, keepDelivered, memoryOf } from "../../../src/delivery/kept";
import { delivery, keptAs } from "../../../src/delivery/registry";
import type { FlagSpecs } from "../../../src/flags/flags";

const SPECS: FlagSpecs = {
  READ: { kind: "boolean", off: false, requires: [], writes: false },
  WRITE: { kind: "boolean", off: false, requires: ["READ"], writes: true },
};
const UP = { READ: true, WRITE: true };
const DOWN = { READ: false, WRITE: false };
const SECOND = 1_000;

const endpoint = (name: string, flags?: readonly string[], within = "45s") =>
  delivery.parse({
    kind: "webhook",
    url: `https://${name}.example.com/flags`,
    secret: `search/${name}`,
    within,
    ...(flags && { flags }),
  });

/** Endpoints that hold variables and start servers at once, and the ledger beside them. */
class World {
  now = 1_000 * SECOND;
  readonly held: Record<string, Record<string, string>> = {};
  readonly starts: Record<string, number> = {};
  readonly logged: object[] = [];
  readonly kept = new Map<string, string>();
  /** Hosts that answer nothing but an error. */
  readonly down = new Set<string>();
  /** What those say of when to come again. */
  retryAfter: string | undefined;
  /** Hosts whose servers are starting. */
  readonly starting = new Set<string>();
  readonly failures = new Map<string, number>();
  origin: Origin;

  constructor(
    readonly deliveries: Record<string, ReturnType<typeof endpoint>>,
    public live: Live,
  ) {
    this.origin = { deployment: live.deployment, at: this.now };
  }

  /** Flags go live by a deployment. */
  deploy(flags: Live["flags"], deployment: number): void {
    this.live = { flags, deployment };
    this.origin = { deployment, at: this.now };
  }

  deliver(name: string, sentAt = this.now): Promise<Fate> {
    const kept = {
      keys: async (prefix: string) => new Map([...this.kept].filter(([key]) => key.startsWith(prefix))),
      keep: async (key: string, text: string) => void this.kept.set(key, text),
    };
    const world: DeliveryWorld = {
      live: async () => this.live,
      origin: async () => this.origin,
      secret: async () => "a-secret-of-this-endpoint",
      memory: (of) => memoryOf(kept, of, () => ++this.now),
      delivered: (of) => deliveredIn(kept, of),
      keepDelivered: (of, deployment) => keepDelivered(kept, of, deployment),
      failures: this.failures,
      ask: async ({ method, url, body = "" }) => {
        const host = new URL(url).host;
        if (this.down.has(host)) return { status: 503, body: "", retryAfter: this.retryAfter };
        const variables = this.held[host] ?? {};
        this.held[host] = variables;
        if (method === "PUT") Object.assign(variables, JSON.parse(body).variables);
        if (method === "POST") this.starts[host] = (this.starts[host] ?? 0) + 1;
        const servers = this.starting.has(host) ? "starting" : "running";
        return { status: 200, body: method === "GET" ? JSON.stringify({ variables, servers }) : "" };
      },
      aws: {} as DeliveryWorld["aws"],
      pause: async (ms) => {
        this.now += ms;
      },
      log: (entry) => void this.logged.push(entry),
      now: () => this.now,
    };
    return deliver(name, { specs: SPECS, deliveries: this.deliveries }, { sentAt }, world);
  }
}

const two = () =>
  new World({ web: endpoint("web"), worker: endpoint("worker", ["WRITE"]) }, { deployment: 5, flags: UP });

async function bothUp(): Promise<World> {
  const world = two();
  expect(await world.deliver("web")).toMatchObject({ kind: "delivered" });
  expect(await world.deliver("worker")).toMatchObject({ kind: "delivered" });
  return world;
}

describe("flags that come down", () => {
  test("stay where others have what requires them, until these are down or late", async () => {
    const world = await bothUp();
    world.down.add("worker.example.com");
    world.deploy(DOWN, 6);
    expect(await world.deliver("web")).toMatchObject({ kind: "again", why: "worker comes first" });
    expect(world.held["web.example.com"]).toMatchObject({ READ: "true" });
    const sentAt = world.now;
    world.now += 46 * SECOND;
    expect(await world.deliver("web", sentAt)).toMatchObject({ kind: "delivered" });
    expect(world.logged).toContainEqual(
      expect.objectContaining({ event: "not-waited-for", first: "worker" }),
    );
  });

  test("wait from when they were to come down, and not from a call of when they went up", async () => {
    const world = await bothUp();
    const flipped = world.now;
    world.now += 60 * SECOND;
    world.deploy(DOWN, 6);
    expect(await world.deliver("web", flipped)).toMatchObject({ why: "worker comes first" });
    expect(world.held["web.example.com"]).toMatchObject({ READ: "true" });
  });

  test("do not wait for a delivery that is done, though a deployment came since that changes no flag", async () => {
    const world = await bothUp();
    world.deploy(DOWN, 6);
    expect(await world.deliver("worker")).toMatchObject({ kind: "delivered" });
    world.live = { flags: DOWN, deployment: 7 };
    expect(await world.deliver("web")).toMatchObject({ kind: "delivered", deployment: 7 });
    expect(world.logged).toEqual([]);
  });
});

test("flags go up though a hold came in between", async () => {
  const world = two();
  expect(await world.deliver("web")).toMatchObject({ kind: "delivered" });
  world.live = { flags: UP, deployment: 6 };
  expect(await world.deliver("worker")).toMatchObject({ kind: "delivered" });
});

test("a delivery that leads elsewhere starts servers there, whatever is held there", async () => {
  const world = await bothUp();
  world.held["other.example.com"] = { ...world.held["web.example.com"] };
  world.deliveries.web = endpoint("other");
  expect(keptAs("web", endpoint("other"))).not.toBe(keptAs("web", endpoint("web")));
  expect(await world.deliver("web")).toMatchObject({ kind: "delivered" });
  expect(world.starts["other.example.com"]).toBe(1);
});

test("what is remembered goes by where a delivery leads alone", () => {
  expect(keptAs("web", endpoint("web", ["READ"], "20s"))).toBe(keptAs("web", endpoint("web")));
});

test("a platform that says when to come again is asked then, within a minute, in seconds and by a date alike", async () => {
  const world = two();
  world.down.add("web.example.com");
  for (const [retryAfter, seconds] of [
    ["30", 30],
    [new Date(world.now + 45 * SECOND).toUTCString(), 45],
    ["3600", 60],
  ] as const) {
    world.retryAfter = retryAfter;
    expect(await world.deliver("web")).toMatchObject({ kind: "again", seconds });
  }
});

test("one failure late in a start is tried again as soon as one at its begin", async () => {
  const world = two();
  world.starting.add("web.example.com");
  for (let turn = 0; turn < 9; turn++)
    expect(await world.deliver("web")).toMatchObject({ seconds: 5, why: "servers start anew" });
  world.down.add("web.example.com");
  expect(await world.deliver("web")).toMatchObject({ kind: "again", seconds: 2 });
  expect(await world.deliver("web")).toMatchObject({ kind: "again", seconds: 4 });
  world.down.clear();
  expect(await world.deliver("web")).toMatchObject({ seconds: 5 });
  world.down.add("web.example.com");
  expect(await world.deliver("web")).toMatchObject({ kind: "again", seconds: 2 });
});
