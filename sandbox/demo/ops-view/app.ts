import { Hono, type MiddlewareHandler } from "hono";
import { type AppOptions as Common, serviceApp } from "../service/app";
import { Refusal } from "../service/refusal";
import type { Env } from "./env";
import type { FaultSwitch, Faults } from "./faults";
import type { FlagsNow, OpsViewFlags } from "./flags/document";
import { batchRoutes } from "./routes/batches";
import { itemRoutes, listRoutes } from "./routes/items";
import { queueRoutes } from "./routes/queue";
import { endpointOf, observe } from "./signals/observe";
import type { Signals } from "./signals/signals";
import type { Reads, Writes } from "./stores/store";

export interface AppOptions extends Omit<Common<Faults>, "report"> {
  flags: OpsViewFlags;
  storesFor: (now: FlagsNow) => { reads: Reads; writes: Writes };
  signals: Signals;
}

/** The service's HTTP surface. */
export function createApp(options: AppOptions): Hono<Env> {
  const { server, flags, storesFor, signals, faults } = options;
  const app = serviceApp<Env, Faults>(
    { ...options, report: () => flags.report() },
    "/api/v2.5/feature-flags",
  );
  app.get("/health", (c) => c.json({ data: { status: "ok", server, version: flags.snapshot().version } }));
  const around = [observe(signals), misbehave(faults), identify(flags, storesFor)] as const;
  const workspace = new Hono<Env>()
    .use(...around)
    .route("/operations", queueRoutes(faults))
    .route("/patches", listRoutes("patch", faults))
    .route("/rfis", listRoutes("rfi", faults))
    .route("/batches", batchRoutes());
  app.route("/api/v2.5/workspaces/:workspace", workspace);
  app.route("/api/v2.5/patches", new Hono<Env>().use(...around).route("/", itemRoutes("patch", faults)));
  app.route("/api/v2.5/rfis", new Hono<Env>().use(...around).route("/", itemRoutes("rfi", faults)));
  return app;
}

/** The faults that strike whole requests, before any handler sees them. */
function misbehave(faults: FaultSwitch): MiddlewareHandler<Env> {
  return async (c, next) => {
    const endpoint = endpointOf(c.req.method, c.req.path);
    if (endpoint === "queue" && faults.now.latencyMs > 0) await c.get("stopwatch").wait(faults.now.latencyMs);
    if (faults.strikes(`${endpoint}5xx`)) throw new Error("a fault was switched on for this endpoint");
    await next();
  };
}

/**
 * Fixes what the request is served from, and finds out who calls. Flags are read here, once: a flip in
 * the middle of a request must not give it the reads of one stage and the writes of the next.
 */
function identify(flags: OpsViewFlags, storesFor: AppOptions["storesFor"]): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { reads, writes } = storesFor(flags.snapshot());
    const token = c.req.header("authorization")?.match(/^Bearer (.+)$/)?.[1];
    if (token === undefined) throw new Refusal(401, "UNAUTHENTICATED", "A bearer token is needed.");
    const caller = await reads.identify(token, c.req.param("workspace"));
    if (!caller) throw new Refusal(403, "FORBIDDEN", "This token has no role here.");
    c.set("reads", reads);
    c.set("writes", writes);
    c.set("caller", caller);
    await next();
  };
}
