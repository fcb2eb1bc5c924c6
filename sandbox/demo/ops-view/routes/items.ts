import { Hono } from "hono";
import { z } from "zod";
import { Refusal, readBody } from "../../service/refusal";
import type { Env } from "../env";
import type { FaultSwitch, Faults } from "../faults";
import { KINDS, type Kind, type Role, scopeOf, staleVersion, toWire } from "../items";

const text = z.string().min(1).max(2_000);

/** A workspace's `/patches` and `/rfis`: the same two requests over different fields. */
export function listRoutes(kind: Kind, faults: FaultSwitch): Hono<Env> {
  const NewItem = z.object(Object.fromEntries(KINDS[kind].fields.map((name) => [name, text])));
  return new Hono<Env>()
    .get("/", async (c) => {
      const caller = c.get("caller");
      const scope = scopeOf({ ...caller, role: listedAs(caller.role, faults.now) });
      const items = await c.get("reads").list(kind, scope);
      return c.json({ data: items.map(toWire) });
    })
    .post("/", async (c) => {
      if (c.get("caller").role === "verifier") {
        throw new Refusal(403, "FORBIDDEN", `A verifier does not author a ${kind}.`);
      }
      const item = await c.get("writes").create(kind, c.get("caller"), await readBody(c, NewItem));
      return c.json({ data: toWire(item) }, 201);
    });
}

/** Whose items a role is listed. */
function listedAs(role: Role, { roleLeak, narrowAdmin }: Faults): Role {
  if (narrowAdmin && role === "admin") return "verifier";
  return roleLeak ? "admin" : role;
}

/** One patch or RFI, wherever it belongs: moved with the version that it was read at. */
export function itemRoutes(kind: Kind, faults: FaultSwitch): Hono<Env> {
  const { statusField } = KINDS[kind];
  const Move = z.object({ [statusField]: text, version: z.int().positive() });
  return new Hono<Env>().patch("/:id", async (c) => {
    const move = await readBody(c, Move);
    const sent = Number(move.version);
    if (faults.strikes("staleVersions")) throw staleVersion(undefined, sent);
    const to = String(move[statusField]);
    const item = await c.get("writes").move(kind, c.get("caller"), c.req.param("id"), to, sent);
    return c.json({ data: toWire(item) });
  });
}
