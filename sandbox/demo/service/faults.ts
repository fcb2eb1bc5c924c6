import { Hono } from "hono";
import { z } from "zod";
import { log } from "./log";
import { Refusal } from "./refusal";

/** How often: a share of the requests, or simply always. */
export const rate = z
  .union([z.boolean(), z.number().min(0).max(1)])
  .transform((value) => Number(value))
  .default(0);

/** Whether at all. */
export const toggle = z.boolean().default(false);

/** Names of the faults that are drawn. */
type Rates<Faults> = { [Name in keyof Faults]: Faults[Name] extends number ? Name : never }[keyof Faults];

/**
 * What one server is told to do wrong. It lives in its memory: a restart heals it. Where a deployment starts it anew,
 * `heard` hands it on: the same code does the same.
 */
export class FaultSwitch<Faults extends object> {
  private current: Faults;

  constructor(
    private readonly schema: z.ZodType<Faults>,
    initial: unknown = {},
    private readonly heard: (faults: Faults) => void = () => {},
  ) {
    this.current = schema.parse(initial);
  }

  get now(): Faults {
    return this.current;
  }

  /** Replaces all faults: what is not named is healed. Throws on a name or a value that there is not. */
  set(input: unknown): Faults {
    this.current = this.schema.parse(input);
    this.heard(this.current);
    return this.current;
  }

  clear(): void {
    this.set({});
  }

  /** Draws whether a fault with this rate strikes now. */
  strikes(fault: Rates<Faults>): boolean {
    return Math.random() < Number(this.current[fault]);
  }
}

/**
 * The switch that makes this server misbehave. It exists in the demos only, and their servers listen on loopback
 * only; a real service has no such thing.
 */
export function faultRoutes<Faults extends object>(faults: FaultSwitch<Faults>): Hono {
  return new Hono()
    .get("/", (c) => c.json({ data: faults.now }))
    .post("/", async (c) => {
      const input: unknown = await c.req.json().catch(() => undefined);
      try {
        faults.set(input);
      } catch (error) {
        const message = error instanceof z.ZodError ? z.prettifyError(error) : "The body is no JSON.";
        throw new Refusal(400, "BAD_REQUEST", message);
      }
      log(`faults ${JSON.stringify(input)}`);
      return c.json({ data: faults.now });
    })
    .delete("/", (c) => {
      faults.clear();
      log("faults cleared");
      return c.json({ data: faults.now });
    });
}
