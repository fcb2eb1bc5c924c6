import { type Env, Hono } from "hono";
import { type FaultSwitch, faultRoutes } from "./faults";
import type { FlagState } from "./flags";
import { log } from "./log";
import { Refusal } from "./refusal";

/** What a service's HTTP surface is made of. */
export interface AppOptions<Faults extends object> {
  server: string;
  report: () => FlagState<unknown>;
  faults: FaultSwitch<Faults>;
}

/**
 * What all services answer alike: refusals, failures, their faults and their flags.
 *
 * @param failed hears of each request that the server failed to answer
 */
export function serviceApp<E extends Env, Faults extends object>(
  { server, report, faults }: AppOptions<Faults>,
  flagsAt: string,
  failed: () => void = () => {},
): Hono<E> {
  const app = new Hono<E>();
  let writes = 0;
  const started = new Date().toISOString();
  app.use(async (c, next) => {
    if (c.req.method !== "GET" && c.req.method !== "HEAD" && !c.req.path.startsWith("/_")) writes += 1;
    await next();
  });
  // How many requests there were that may change something, whatever came of them: looking must add none.
  app.get("/_writes", (c) => c.json({ data: { writes } }));
  app.onError((error, c) => {
    if (error instanceof Refusal) {
      return c.json({ error: { code: error.code, message: error.message } }, error.httpStatus);
    }
    failed();
    log(`${c.req.method} ${c.req.path}: ${error.message}`);
    return c.json({ error: { code: "INTERNAL", message: "The server failed. Try again." } }, 500);
  });
  app.notFound((c) => c.json({ error: { code: "NOT_FOUND", message: "There is no such endpoint." } }, 404));
  app.route("/_faults", faultRoutes(faults));
  // Without a token: whoever waits for servers to converge is not a user of the service.
  app.get(flagsAt, (c) => c.json({ data: { source: "appconfig", ...report(), server, started } }));
  return app;
}
