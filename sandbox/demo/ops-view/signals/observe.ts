import type { Context, MiddlewareHandler } from "hono";
import { Stopwatch } from "../../service/stopwatch";
import type { Env } from "../env";
import type { Signals } from "./signals";

export type Endpoint = "queue" | "list" | "write";

/** The kind of endpoint a request is for, as SPEC's rows tell them apart. */
export function endpointOf(method: string, path: string): Endpoint {
  if (method !== "GET") return "write";
  return path.endsWith("/operations/queue") ? "queue" : "list";
}

/**
 * Turns what leaves the server into signals. It stands outside of the handlers and of the faults, and
 * judges finished answers alone, so that a handler that goes wrong cannot also hide it.
 */
export function observe(signals: Signals): MiddlewareHandler<Env> {
  return async (c, next) => {
    const stopwatch = new Stopwatch();
    c.set("stopwatch", stopwatch);
    await next();
    const ms = Math.round(stopwatch.read());
    const failed = c.res.status >= 500;
    const endpoint = endpointOf(c.req.method, c.req.path);

    if (failed) signals.count("Server5xx");
    if (endpoint === "write") {
      signals.count("WriteRequests");
      if (failed) signals.count("Write5xx");
      signals.observe("StaleVersion409", (await isStaleVersion(c)) ? 1 : 0);
      return;
    }
    signals.count("ReadRequests");
    if (failed) signals.count("Read5xx");
    if (endpoint === "queue") {
      signals.count("QueueRequests");
      signals.observe("QueueLatencyMs", ms);
      if (failed) signals.count("Queue5xx");
      if (await isEmptyForAdmin(c)) signals.count("QueueEmptyForAdmin");
    } else {
      signals.count("ListRequests");
      if (failed) signals.count("List5xx");
      if (await isLeak(c)) signals.count("RoleLeak");
    }
  };
}

async function isStaleVersion(c: Context<Env>): Promise<boolean> {
  return c.res.status === 409 && (await body(c)).error?.code === "STALE_VERSION";
}

async function isEmptyForAdmin(c: Context<Env>): Promise<boolean> {
  return c.res.status === 200 && c.get("caller")?.role === "admin" && totalOf((await body(c)).data) === 0;
}

async function isLeak(c: Context<Env>): Promise<boolean> {
  const caller = c.get("caller");
  if (c.res.status !== 200 || caller?.role !== "analyst") return false;
  const { data } = await body(c);
  return Array.isArray(data) && data.some((item) => item.author_id !== caller.userId);
}

interface Body {
  error?: { code?: string };
  data?: { counts?: { total?: number } } | { author_id?: string }[];
}

const totalOf = (data: Body["data"]) => (data && "counts" in data ? data.counts?.total : undefined);

async function body(c: Context<Env>): Promise<Body> {
  return (await c.res.clone().json()) as Body;
}
