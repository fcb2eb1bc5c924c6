import { Hono } from "hono";
import { z } from "zod";
import { Refusal, readBody } from "../../service/refusal";
import type { Env } from "../env";
import type { FaultSwitch } from "../faults";
import { KINDS, type Kind, scopeOf, staleVersion, toWire } from "../items";

/** `/patches` and `/rfis`: the same four requests over different fields. */
export function itemRoutes(kind: Kind, faults: FaultSwitch): Hono<Env> {
  const { fields, statusField } = KINDS[kind];
  const text = z.string().min(1).max(2_000);
  const NewItem = z.object(Object.fromEntries(fields.map((name) => [name, text])));
  const version = z.int().positive();
  // A patch is moved with the version it was read at. An RFI may be: its custody already says where it was.
  const Move = z.object({ [statusField]: text, version: kind === "patch" ? version : version.optional() });

  return new Hono<Env>()
    .get("/", async (c) => {
      const caller = c.get("caller");
      const scope = scopeOf(faults.now.roleLeak ? { ...caller, role: "admin" } : caller);
      const items = await c.get("reads").list(kind, scope);
      return c.json({ data: { items: items.map(toWire) } });
    })
    .post("/", async (c) => {
      if (c.get("caller").role === "verifier") {
        throw new Refusal(403, "FORBIDDEN", `A verifier does not author a ${kind}.`);
      }
      const item = await c.get("writes").create(kind, c.get("caller"), await readBody(c, NewItem));
      return c.json({ data: toWire(item) }, 201);
    })
    .patch("/:id", async (c) => {
      const move = await readBody(c, Move);
      const sent = move.version === undefined ? undefined : Number(move.version);
      if (faults.strikes("staleVersions")) throw staleVersion(undefined, sent);
      const to = String(move[statusField]);
      const item = await c.get("writes").move(kind, c.get("caller"), c.req.param("id"), to, sent);
      return c.json({ data: toWire(item) });
    })
    .delete("/:id", async (c) => {
      await c.get("writes").remove(kind, c.get("caller"), c.req.param("id"));
      return c.body(null, 204);
    });
}
