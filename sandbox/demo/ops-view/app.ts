import { setTimeout as sleep } from "node:timers/promises";
import { Hono, type MiddlewareHandler } from "hono";
import { faultRoutes } from "../service/faults";
import { log } from "../service/log";
import type { Env } from "./env";
import type { FaultSwitch } from "./faults";
import type { FlagState, Flags } from "./flags/document";
import { Refusal } from "./items";
import { batchRoutes } from "./routes/batches";
import { itemRoutes } from "./routes/items";
import { queueRoutes } from "./routes/queue";
import { endpointOf, observe } from "./signals/observe";
import type { Signals } from "./signals/signals";
import type { Reads, Writes } from "./stores/store";

export interface AppOptions {
  server: string;
  flags: () => FlagState;
  storesFor: (flags: Flags) => { reads: Reads; writes: Writes };
  signals: Signals;
  faults: FaultSwitch;
}

/** The service's HTTP surface. */
export function createApp({ server, flags, storesFor, signals, faults }: AppOptions): Hono<Env> {
  const app = new Hono<Env>();

  app.onError((error, c) => {
    if (error instanceof Refusal) {
      return c.json({ error: { code: error.code, message: error.message } }, error.httpStatus);
    }
    log(`${c.req.method} ${c.req.path}: ${error.message}`);
    return c.json({ error: { code: "INTERNAL", message: "The server failed. Try again." } }, 500);
  });
  app.notFound((c) => c.json({ error: { code: "NOT_FOUND", message: "There is no such endpoint." } }, 404));

  app.get("/health", (c) => c.json({ data: { status: "ok", server, version: flags().version } }));
  app.route("/_faults", faultRoutes(faults));
  // Without a token: whoever waits for servers to converge is not a user of the service.
  app.get("/api/v2.5/feature-flags", (c) => c.json({ data: { ...flags(), server } }));

  const workspace = new Hono<Env>()
    .use(observe(signals), misbehave(faults), identify(flags, storesFor))
    .route("/operations", queueRoutes(faults))
    .route("/patches", itemRoutes("patch", faults))
    .route("/rfis", itemRoutes("rfi", faults))
    .route("/batches", batchRoutes());
  app.route("/api/v2.5/workspaces/:workspace", workspace);
  return app;
}

/** The faults that strike whole requests, before any handler sees them. */
function misbehave(faults: FaultSwitch): MiddlewareHandler<Env> {
  return async (c, next) => {
    const endpoint = endpointOf(c.req.method, c.req.path);
    if (endpoint === "queue" && faults.now.latencyMs > 0) await sleep(faults.now.latencyMs);
    if (faults.strikes(`${endpoint}5xx`)) throw new Error("a fault was switched on for this endpoint");
    await next();
  };
}

/**
 * Fixes what the request is served from, and finds out who calls. Flags are read here, once: a flip in
 * the middle of a request must not give it the reads of one stage and the writes of the next.
 */
function identify(flags: () => FlagState, storesFor: AppOptions["storesFor"]): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { reads, writes } = storesFor(flags().flags);
    const token = c.req.header("authorization")?.match(/^Bearer (.+)$/)?.[1];
    if (token === undefined) throw new Refusal(401, "UNAUTHENTICATED", "A bearer token is needed.");
    const caller = await reads.identify(token, c.req.param("workspace") ?? "");
    if (!caller) throw new Refusal(403, "FORBIDDEN", "This token has no role in this workspace.");
    c.set("reads", reads);
    c.set("writes", writes);
    c.set("caller", caller);
    await next();
  };
}
