import { Hono } from "hono";
import { z } from "zod";
import { readBody } from "../../service/refusal";
import type { Env } from "../env";

const Submission = z.object({ file: z.string().min(1).max(500), revision: z.int().positive() });

/** Batches: 201 with a new one, 200 with the first one where the file and revision are known already. */
export function batchRoutes(): Hono<Env> {
  return new Hono<Env>().post("/", async (c) => {
    const { file, revision } = await readBody(c, Submission);
    const { batch, created } = await c.get("writes").submitBatch(c.get("caller"), file, revision);
    const data = {
      id: batch.id,
      workspace_id: batch.workspaceId,
      file: batch.file,
      revision: batch.revision,
      submitted_by: batch.submittedBy,
    };
    return c.json({ data }, created ? 201 : 200);
  });
}
