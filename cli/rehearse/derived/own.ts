import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { reasonOf, UserError } from "../../../src/text/problem";

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
  status: z.int().min(100).max(599).optional(),
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
  answers: z.record(z.string(), z.array(step)).optional(),
  faults: z.record(z.string(), fault).optional(),
  tokens: z.record(z.string(), z.string().min(1)).optional(),
});

/** A piece of the world that the rollout brings itself. Everything that is left out is made up. */
export type OwnWorld = z.input<typeof ownWorld>;
export type ParsedOwnWorld = z.output<typeof ownWorld>;
export type Fault = z.output<typeof fault>;

/** For `rehearsal.ts`: `export default rehearsal({ … })`, so that an editor knows what may be said. */
export function rehearsal(world: OwnWorld): OwnWorld {
  return world;
}

/** What a rollout's `rehearsal.ts` says; nothing where there is none. Throws a `UserError` where it cannot be read. */
export async function loadOwn(folder: string): Promise<ParsedOwnWorld> {
  const file = join(folder, OWN_FILE);
  if (!existsSync(file)) return {};
  let given: unknown;
  try {
    given = unwrapped(await import(pathToFileURL(file).href));
  } catch (error) {
    throw new UserError(`${OWN_FILE} cannot be loaded: ${reasonOf(error)}`);
  }
  const read = ownWorld.safeParse(given);
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

/** The default export, whichever module system the file was loaded by. */
function unwrapped(module: { default?: unknown }): unknown {
  const { default: first } = module;
  return typeof first === "object" && first !== null && "default" in first ? first.default : first;
}
