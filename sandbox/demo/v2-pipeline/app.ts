import { type Context, Hono } from "hono";
import type { Pool } from "pg";
import { z } from "zod";
import { faultRoutes } from "../service/faults";
import { log } from "../service/log";
import type { FaultSwitch } from "./faults";
import type { FlagState } from "./flags";
import { type Pipeline, pipelineFor } from "./routing";
import type { Signals } from "./signals";
import { accept, type Retirement, statusOf } from "./store";

export interface AppOptions {
  server: string;
  pool: Pool;
  flags: () => FlagState;
  retirement: () => Retirement | undefined;
  signals: Signals;
  faults: FaultSwitch;
}

const Import = z.object({ user: z.string().min(1).max(200), file: z.string().min(1).max(500) });
const Complaint = z.object({ user: z.string().min(1).max(200), about: z.string().min(1).max(500) });

/** The service's HTTP surface. */
export function createApp(options: AppOptions): Hono {
  const { server, pool, flags, signals, faults } = options;
  const app = new Hono();

  app.onError((error, c) => {
    signals.count("Server5xx");
    log(`${c.req.method} ${c.req.path}: ${error.message}`);
    return c.json({ error: { code: "INTERNAL", message: "The server failed. Try again." } }, 500);
  });
  app.notFound((c) => c.json({ error: { code: "NOT_FOUND", message: "There is no such endpoint." } }, 404));

  app.get("/health", (c) =>
    c.json({ status: "ok", processors_available: !faults.now.processorsDown, server }),
  );
  app.route("/_faults", faultRoutes(faults));
  // Without a token: whoever waits for servers to converge is not a user of the service.
  app.get("/feature-flags", (c) => c.json({ data: { ...flags(), server } }));

  app.post("/process", async (c) => {
    const body = await read(c, Import);
    if (!body) return badRequest(c);
    const { V2_ROLLOUT_PERCENT: percent } = flags().flags;
    const pipeline = pipelineFor(body.user, percent);
    return importOn(c, options, { ...body, pipeline, percent });
  });
  app.get("/imports/:id", async (c) => {
    const id = z.uuid().safeParse(c.req.param("id"));
    const status = id.success ? await statusOf(pool, id.data) : undefined;
    if (!status) return c.json({ error: { code: "NOT_FOUND", message: "There is no such import." } }, 404);
    return c.json({ data: status });
  });
  app.post("/complaints", async (c) => {
    if (!(await read(c, Complaint))) return badRequest(c);
    signals.count("Complaints");
    return c.json({ data: { noted: true } }, 201);
  });
  processFull(app, options);
  return app;
}

/** v1's own endpoint, for callers who never heard of v2. Looking at it (GET) imports nothing and counts as no call. */
function processFull(app: Hono, options: AppOptions): void {
  const { flags, retirement, signals, faults } = options;
  app.use("/process-full", async (c, next) => {
    const { V1_DEPRECATED, V1_REMOVED } = flags().flags;
    if (V1_REMOVED && !faults.now.v1Lives) {
      if (c.req.method === "POST") signals.count("V1GoneRequests");
      return c.json({ error: { code: "GONE", message: "v1 has ended. Use /process." } }, 410);
    }
    await next();
    const dates = retirement();
    if (!V1_DEPRECATED || !dates || faults.now.withoutHeaders) return;
    // RFC 9745: seconds as a structured date. RFC 8594: an HTTP-date.
    c.header("Deprecation", `@${Math.floor(dates.deprecatedAt.getTime() / 1_000)}`);
    c.header("Sunset", dates.sunsetAt.toUTCString());
  });
  app.get("/process-full", (c) => c.json({ data: { pipeline: "v1", next: "/process" } }));
  app.post("/process-full", async (c) => {
    const body = await read(c, Import);
    if (!body) return badRequest(c);
    const { V2_ROLLOUT_PERCENT: percent } = flags().flags;
    return importOn(c, options, { ...body, pipeline: "v1", percent });
  });
}

async function importOn(
  c: Context,
  { pool, signals }: AppOptions,
  { user, file, pipeline, percent }: z.output<typeof Import> & { pipeline: Pipeline; percent: number },
): Promise<Response> {
  signals.count("ImportRequests");
  if (pipeline === "v1") signals.count("V1Requests");
  const id = await accept(pool, user, file, pipeline);
  // With the percentage that decided, so that a client can tell a move back to v1 from a lowered percentage.
  return c.json({ data: { id, pipeline, percent } }, 202);
}

async function read<T>(c: Context, schema: z.ZodType<T>): Promise<T | undefined> {
  const input: unknown = await c.req.json().catch(() => undefined);
  return schema.safeParse(input).data;
}

function badRequest(c: Context): Response {
  const message = "The body must be JSON with the fields of this endpoint.";
  return c.json({ error: { code: "BAD_REQUEST", message } }, 400);
}
