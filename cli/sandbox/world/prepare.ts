import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import type { Sandbox } from "../../../sandbox";
import { databaseUrl } from "../../../sandbox/appEnv";
import { openPool } from "../../../sandbox/postgres/reach";
import { type Signals, signalsOf } from "../../../sandbox/standin/madeUp";
import { type Script, scriptOf } from "../../../sandbox/standin/service/script";
import type { Rollout } from "../../../src/rollout/rollout";
import { reasonOf, UserError } from "../../../src/text/problem";
import { tokenKeys, tokensIn } from "../secrets";
import { OWN_FILE, type ParsedOwnWorld } from "./own";
import type { Prepared } from "./ownWorld";

/** What is known, and done, before any stack of a rollout is there. */
export interface Ready extends Prepared {
  readonly signals: Signals;
  /** What the made-up app answers; absent where the app is somebody else's. */
  readonly answers: Script | undefined;
  /** Bearer tokens by the key of the stacks' config. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The sandbox's database, as its owner. */
  readonly pool: pg.Pool;
}

/** What a rollout brings itself. */
interface Bringing {
  readonly own: ParsedOwnWorld;
  /** The folder of its stack files. */
  readonly source: string;
  /** Whether gates ask an app of its own, and not one that is made up. */
  readonly ownApp: boolean;
}

/**
 * Finds what a rollout's world has to say, and fills its database with what the rollout brings itself. Throws a
 * `UserError` with all that can neither be made up nor was brought.
 *
 * @param opened gets what ends each thing that was opened
 */
export async function prepare(
  { postgres }: Pick<Sandbox, "postgres">,
  rollout: Rollout,
  { own, source, ownApp }: Bringing,
  opened: (() => Promise<unknown>)[],
): Promise<Ready> {
  const signals = signalsOf(rollout);
  const clock = { now: Date.now(), timeScale: 1 };
  const answers = ownApp ? undefined : scriptOf(rollout, { clock, answers: own.answers ?? {} });
  const problems = [...signals.problems, ...(answers?.problems ?? [])];
  if (problems.length > 0) throw new UserError("The world of this rollout cannot be made up:", problems);
  const secrets = tokensFor(rollout, own.tokens ?? {});
  const pool = openPool(postgres);
  opened.push(() => pool.end());
  const prepared = { databaseUrl: databaseUrl(postgres), tokens: tokensIn(secrets) };
  for (const seed of own.seed ?? []) await sow(pool, source, seed, prepared);
  return { ...prepared, signals, answers, secrets, pool };
}

/** A bearer token for each role that gates send one of, by the key of the stacks' config: a given one, or any. */
function tokensFor(rollout: Rollout, given: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(given).map(([role, token]) => [`cutover:token-${role}`, token]);
  const any = tokenKeys(rollout).map((key) => [key, randomBytes(18).toString("base64url")]);
  return Object.fromEntries([...any, ...own]);
}

/** Runs what the rollout fills the database with: a file of SQL, or a function. */
async function sow(
  pool: pg.Pool,
  folder: string,
  seed: NonNullable<ParsedOwnWorld["seed"]>[number],
  prepared: Prepared,
): Promise<void> {
  try {
    if (typeof seed === "string") await pool.query(await readFile(join(folder, seed), "utf8"));
    else await seed(prepared);
  } catch (error) {
    const name = typeof seed === "string" ? seed : "a function";
    throw new UserError(`${name}, a seed of ${OWN_FILE}, failed: ${reasonOf(error)}`);
  }
}
