import { Hono } from "hono";
import type { Env } from "../env";
import type { FaultSwitch } from "../faults";
import { scopeOf } from "../items";
import { sum } from "../stores/memory";
import type { Counts } from "../stores/store";

/** The operations queue: how many items the caller sees, by status. */
export function queueRoutes(faults: FaultSwitch): Hono<Env> {
  return new Hono<Env>().get("/queue", async (c) => {
    const counts = await c.get("reads").counts(scopeOf(c.get("caller")));
    const { emptyQueue, countSkew } = faults.now;
    return c.json({ data: { counts: scale(counts, emptyQueue ? 0 : countSkew) } });
  });
}

/** Exact where nothing is wrong (`factor` 1). */
function scale({ patches, rfis }: Counts, factor: number): Counts {
  const scaled = (counts: Record<string, number>): Record<string, number> =>
    Object.fromEntries(Object.entries(counts).map(([status, count]) => [status, Math.round(count * factor)]));
  const [scaledPatches, scaledRfis] = [scaled(patches), scaled(rfis)];
  return { total: sum(scaledPatches) + sum(scaledRfis), patches: scaledPatches, rfis: scaledRfis };
}
