import type { Context } from "hono";
import { z } from "zod";

/** A request that a service refuses, with the answer to give. */
export class Refusal extends Error {
  constructor(
    readonly httpStatus: 400 | 401 | 403 | 404 | 409 | 410 | 422,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The request's JSON body, or a refusal; without other words, it names every problem with it. */
export async function readBody<T>(c: Context, schema: z.ZodType<T>, words?: string): Promise<T> {
  const input: unknown = await c.req.json().catch(() => undefined);
  const result = schema.safeParse(input);
  if (!result.success) throw new Refusal(400, "BAD_REQUEST", words ?? z.prettifyError(result.error));
  return result.data;
}
