import type { Context, Hono } from "hono";
import type { Pool } from "pg";
import { z } from "zod";
import { type AppOptions as Common, serviceApp } from "../service/app";
import { Refusal, readBody } from "../service/refusal";
import type { Faults } from "./faults";
import type { PipelineFlags } from "./flags";
import { type Pipeline, pipelineOf } from "./routing";
import type { Signals } from "./signals";
import { accept, type Retirement, statusOf } from "./store";

export interface AppOptions extends Omit<Common<Faults>, "report"> {
  flags: PipelineFlags;
  pool: Pool;
  retirement: () => Retirement | undefined;
  signals: Signals;
}

const Import = z.object({ user: z.string().min(1).max(200), file: z.string().min(1).max(500) });
const Complaint = z.object({ user: z.string().min(1).max(200), about: z.string().min(1).max(500) });
const BAD_REQUEST = "The body must be JSON with the fields of this endpoint.";

/** The service's HTTP surface. */
export function createApp(options: AppOptions): Hono {
  const { server, pool, flags, signals, faults } = options;
  const app: Hono = serviceApp({ ...options, report: () => flags.report() }, "/feature-flags", () =>
    signals.count("Server5xx"),
  );
  app.get("/health", (c) =>
    c.json({ status: "ok", processors_available: !faults.now.processorsDown, server }),
  );

  app.post("/process", async (c) => {
    const body = await readBody(c, Import, BAD_REQUEST);
    const now = flags.snapshot();
    const percent = now.percentage("V2_ROLLOUT_PERCENT");
    const pipeline = pipelineOf(now, body.user);
    if (pipeline === "v1" && isCaller(c)) signals.count("V1Requests");
    return importOn(c, options, { ...body, pipeline, percent });
  });
  app.get("/imports/:id", async (c) => {
    const id = z.uuid().safeParse(c.req.param("id"));
    const status = id.success ? await statusOf(pool, id.data) : undefined;
    if (!status) throw new Refusal(404, "NOT_FOUND", "There is no such import.");
    return c.json({ data: status });
  });
  app.post("/complaints", async (c) => {
    await readBody(c, Complaint, BAD_REQUEST);
    signals.count("Complaints");
    return c.json({ data: { noted: true } }, 201);
  });
  processFull(app, options);
  return app;
}

/** v1's own endpoint, for callers who never heard of v2: it takes POST alone, and says so with the same headers. */
function processFull(app: Hono, options: AppOptions): void {
  const { flags, retirement, signals, faults } = options;
  app.use("/process-full", async (c, next) => {
    const now = flags.snapshot();
    // Asked for whoever calls: nobody is known by a key here, and at 100 % everybody is among it.
    const deprecated = now.isOn("V1_DEPRECATED");
    const gone = now.isOn("V1_REMOVED") && !faults.now.v1Lives;
    // Whatever comes of it: who sends what v1 does not take calls it, too.
    if (c.req.method === "POST" && isCaller(c)) signals.count(gone ? "V1GoneRequests" : "V1Requests");
    if (gone) throw new Refusal(410, "GONE", "v1 has ended. Use /process.");
    await next();
    const dates = retirement();
    if (!deprecated) return;
    if (!dates || faults.now.withoutHeaders) {
      if (isCaller(c)) signals.count("V1Unannounced");
      return;
    }
    // RFC 9745: seconds as a structured date. RFC 8594: an HTTP-date.
    c.header("Deprecation", `@${Math.floor(dates.deprecatedAt.getTime() / 1_000)}`);
    c.header("Sunset", dates.sunsetAt.toUTCString());
  });
  app.post("/process-full", async (c) => {
    const body = await readBody(c, Import, BAD_REQUEST);
    const percent = flags.snapshot().percentage("V2_ROLLOUT_PERCENT");
    return importOn(c, options, { ...body, pipeline: "v1", percent });
  });
  app.all("/process-full", (c) => {
    c.header("Allow", "POST");
    return c.json({ error: { code: "METHOD_NOT_ALLOWED", message: "This endpoint takes POST." } }, 405);
  });
}

/** True of everybody but cutover, whose gates look at v1 themselves (D4, X4) and must not keep it from ending. */
function isCaller(c: Context): boolean {
  return !/^cutover(\/|$)/.test(c.req.header("user-agent") ?? "");
}

async function importOn(
  c: Context,
  { pool, signals }: AppOptions,
  { user, file, pipeline, percent }: z.output<typeof Import> & { pipeline: Pipeline; percent: number },
): Promise<Response> {
  signals.count("ImportRequests");
  const id = await accept(pool, user, file, pipeline);
  // With the percentage that decided, so that a client can tell a move back to v1 from a lowered percentage.
  return c.json({ data: { id, pipeline, percent } }, 202);
}
