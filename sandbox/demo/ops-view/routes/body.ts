import type { Context } from "hono";
import { z } from "zod";
import { Refusal } from "../items";

/** The request's JSON body, or a refusal that names every problem with it. */
export async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const input: unknown = await c.req.json().catch(() => undefined);
  const result = schema.safeParse(input);
  if (!result.success) throw new Refusal(400, "BAD_REQUEST", z.prettifyError(result.error));
  return result.data;
}
