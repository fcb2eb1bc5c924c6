import { statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { problemsOf } from "../../../src/rollout/config/problems";
import { loadOwn } from "../../../src/rollout/ownModule";
import type { Rollout } from "../../../src/rollout/rollout";
import { type Problem, UserError } from "../../../src/text/problem";
import type { OwnWorld } from "./ownWorld";

/** The file beside the stack files that replaces pieces of what a rehearsal makes up. */
export const OWN_FILE = "rehearsal.ts";

type Seed = Exclude<NonNullable<OwnWorld["seed"]>[number], string>;
type StartClients = NonNullable<OwnWorld["clients"]>;
type OwnCheck = NonNullable<OwnWorld["checks"]>[string][string];

const code = <F>(expected: string) =>
  z.custom<F>((value) => typeof value === "function", { error: expected });

const request = z.strictObject({
  method: z.string().default("POST"),
  path: z.string().startsWith("/"),
  body: z.unknown().optional(),
});

const change = z.strictObject({
  stack: z.string().min(1),
  path: z.array(z.union([z.string().min(1), z.int()])).min(1),
  value: z.unknown(),
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
  /** Values of the stack files, as long as it lasts. */
  config: z.array(change).default([]),
});

const step = z.strictObject({
  status: z.int().min(200).max(599).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
});

const ownWorld = z.strictObject({
  /** Run once, in this order, before anything else: SQL files, or functions. */
  seed: z
    .array(
      z.union([
        z.string().min(1),
        code<Seed>("a path of a .sql file, or a function that fills the database"),
      ]),
    )
    .optional(),
  app: z
    .strictObject({
      command: z.array(z.string().min(1)).min(1),
      env: z.record(z.string(), z.string()).default({}),
      servers: z.int().min(1).max(8).default(2),
      ready: z.string().startsWith("/").optional(),
      /** The namespaces of the metrics that it publishes itself: none of these are made up. */
      publishes: z.array(z.string().min(1)).default([]),
    })
    .optional(),
  /** Begins once every server serves, and goes on until the end. */
  clients: code<StartClients>("a function that starts clients").optional(),
  answers: z.record(z.string(), z.array(step.nullable())).optional(),
  /** By row id, or `STAGE.ROW`. */
  faults: z.record(z.string(), fault).optional(),
  tokens: z.record(z.string(), z.string().min(1)).optional(),
  /** By stage, and by what holds whenever that stage has been promoted. */
  checks: z
    .record(z.string(), z.record(z.string(), code<OwnCheck>("a function that looks at the app")))
    .optional(),
  /** How much faster than the clock time may pass at most, so that the app does within a day what a day asks of it. */
  fastest: z.number().min(1).optional(),
});

/** What is read. A test holds that it takes all that people may write. */
export type OwnInput = z.input<typeof ownWorld>;

/** An `OwnWorld` with all that it leaves out. */
export type ParsedOwnWorld = z.output<typeof ownWorld>;
export type Fault = z.output<typeof fault>;

/**
 * What a rollout's `rehearsal.ts` says; nothing where there is none. Throws a `UserError` where it cannot be read, or
 * names a stage or a row that the rollout does not have. What it answers is held against the gates elsewhere.
 */
export async function ownWorldOf(folder: string, rollout: Rollout): Promise<ParsedOwnWorld> {
  const exported = await loadOwn(folder, "rehearsal");
  if (exported === undefined) return {};
  const given = exported.default;
  const read = ownWorld.safeParse(given);
  const locate = (path: readonly (string | number)[]) => `${OWN_FILE} ${path.join(".") || "default"}`;
  const wrong = read.success
    ? [...strangers(read.data, rollout), ...lost(read.data, folder)].map(
        ({ at, what }): Problem => ({
          where: `${OWN_FILE} ${at}`,
          what,
          remedy: "Correct it, or take it out: what is left out is made up",
        }),
      )
    : problemsOf(read.error, given, ownWorld, locate);
  if (read.success && wrong.length === 0) return read.data;
  throw new UserError(`${OWN_FILE} is not as a rehearsal reads it:`, wrong);
}

/**
 * What a rehearsal of every row takes of it: with an app of one's own, one cause turns several rows at once, and none
 * could be seen by itself. So the app is made up, and what belongs to it is left out: faults of config alone stay.
 */
export function rowsWorldOf(own: ParsedOwnWorld): ParsedOwnWorld {
  if (!own.app) return own;
  const { answers, tokens, faults = {} } = own;
  const ofConfig = Object.entries(faults).filter(
    ([, { requests, sql, config }]) => config.length > 0 && requests.length + sql.length === 0,
  );
  return {
    ...(answers && { answers }),
    ...(tokens && { tokens }),
    ...(ofConfig.length > 0 && { faults: Object.fromEntries(ofConfig) }),
  };
}

/** Files that are named and not there. A program without a path is looked for where it is started. */
function lost({ seed = [], app }: ParsedOwnWorld, folder: string) {
  const isFile = (name: string) =>
    statSync(resolve(folder, name), { throwIfNoEntry: false })?.isFile() === true;
  const named = [
    ...seed.flatMap((one, index) => (typeof one === "string" ? [{ at: `seed.${index}`, name: one }] : [])),
    ...(app?.command[0]?.includes("/") ? [{ at: "app.command.0", name: app.command[0] }] : []),
  ];
  return named
    .filter(({ name }) => !isFile(name))
    .map(({ at, name }) => ({ at, what: `names ${resolve(folder, name)}, and no such file is there` }));
}

/** A name that nothing bears is a validation error: what it should bring about never would. */
function strangers({ checks = {}, faults = {} }: ParsedOwnWorld, rollout: Rollout) {
  const names = rollout.stages.map(({ name }) => name);
  const rows = rollout.stages.flatMap(({ name, entry, smoke, exit, abort, messages }) =>
    Object.keys({ ...entry, ...smoke, ...exit, ...abort, ...messages }).flatMap((id) => [
      `${name}.${id}`,
      id,
    ]),
  );
  return [
    ...Object.keys(checks)
      .filter((stage) => !names.includes(stage))
      .map((stage) => ({ at: `checks.${stage}`, what: `is no stage; there are ${names.join(", ")}` })),
    ...Object.keys(faults)
      .filter((row) => !rows.includes(row))
      .map((row) => ({ at: `faults.${row}`, what: "is no row of the rollout" })),
    ...Object.entries(faults).flatMap(([row, { config }]) =>
      config
        .filter(({ stack }) => !names.includes(stack))
        .map(({ stack }) => ({
          at: `faults.${row}.config`,
          what: `names ${stack}, which is no stage; there are ${names.join(", ")}`,
        })),
    ),
  ];
}
