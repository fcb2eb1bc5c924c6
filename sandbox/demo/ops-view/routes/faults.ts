import { Hono } from "hono";
import { z } from "zod";
import { type FaultSwitch, Faults } from "../faults";
import { Refusal } from "../items";
import { log } from "../log";
import { readBody } from "./body";

/**
 * The switch that makes this server misbehave. It exists in this demo only, and the server listens on
 * loopback only; a real service has no such thing.
 */
export function faultRoutes(faults: FaultSwitch): Hono {
  return new Hono()
    .get("/", (c) => c.json({ data: faults.now }))
    .post("/", async (c) => {
      const input = await readBody(c, z.record(z.string(), z.unknown()));
      const checked = Faults.safeParse(input);
      if (!checked.success) throw new Refusal(400, "BAD_REQUEST", z.prettifyError(checked.error));
      faults.set(input);
      log(`faults ${JSON.stringify(input)}`);
      return c.json({ data: faults.now });
    })
    .delete("/", (c) => {
      faults.clear();
      log("faults cleared");
      return c.json({ data: faults.now });
    });
}
