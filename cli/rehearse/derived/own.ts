import { z } from "zod";
import { loadOwn } from "../../../src/rollout/ownModule";
import { UserError } from "../../../src/text/problem";

/** The file beside the stack files that replaces pieces of what a rehearsal makes up. */
export const OWN_FILE = "rehearsal.ts";

const request = z.strictObject({
  method: z.string().default("POST"),
  path: z.string().startsWith("/"),
  body: z.unknown().optional(),
});

const fault = z.strictObject({
  /** Requests to every server, in their order: what makes the row's cause come about. */
  requests: z.array(request).default([]),
  /** The same once it is over. */
  mend: z.array(request).default([]),
  /** Statements on the rollout's database, as its owner. */
  sql: z.array(z.string().min(1)).default([]),
  /** The same once it is over. */
  mendSql: z.array(z.string().min(1)).default([]),
});

const step = z.strictObject({
  status: z.int().min(200).max(599).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
});

const ownWorld = z.strictObject({
  seed: z.array(z.string().min(1)).optional(),
  app: z
    .strictObject({
      command: z.array(z.string().min(1)).min(1),
      env: z.record(z.string(), z.string()).default({}),
      servers: z.int().min(1).max(8).default(2),
      ready: z.string().startsWith("/").optional(),
    })
    .optional(),
  answers: z.record(z.string(), z.array(step.nullable())).optional(),
  faults: z.record(z.string(), fault).optional(),
  tokens: z.record(z.string(), z.string().min(1)).optional(),
});

/** The pieces of the world that a rollout brings itself. Everything that is left out is made up. */
export type ParsedOwnWorld = z.output<typeof ownWorld>;
export type Fault = z.output<typeof fault>;

/** What a rollout's `rehearsal.ts` says; nothing where there is none. Throws a `UserError` where it cannot be read. */
export async function ownWorldOf(folder: string): Promise<ParsedOwnWorld> {
  const exported = await loadOwn(folder, "rehearsal");
  if (exported === undefined) return {};
  const read = ownWorld.safeParse(exported.default);
  if (read.success) return read.data;
  throw new UserError(
    `${OWN_FILE} is not as a rehearsal reads it:`,
    read.error.issues.map(({ path, message }) => ({
      where: `${OWN_FILE} ${path.join(".") || "default"}`,
      what: message,
      remedy: "Correct it, or take it out: what is left out is made up",
    })),
  );
}
