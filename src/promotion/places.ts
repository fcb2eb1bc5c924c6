import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Rollout } from "../rollout/rollout";
import { definitionsOf } from "../rollout/strength/definitions";
import type { Base } from "../rollout/strength/judge";
import { jsonIn } from "../text/json";
import { UserError } from "../text/problem";

/**
 * Names a file with the places (`Places`) that secrets may go to, for the preview of a pull request. Anyone may open
 * one that names a host of their own, and a preview runs before anybody has read it.
 */
export const PLACES_VARIABLE = "CUTOVER_PLACES";

const database = z.object({
  host: z.string(),
  port: z.number(),
  ssl: z.string(),
  ca: z.string().optional(),
});

/** Where a rollout sends its secrets: bearer tokens to the service, a login to the database. */
const places = z.object({
  /** Scheme and server, without a path. */
  service: z.string().optional(),
  /** Named sources, whole. */
  sources: z.record(z.string(), z.unknown()).optional(),
  database: database.optional(),
});
export type Places = z.infer<typeof places>;

/** Tells a preview that it has a copy of the state alone, which holds no secret. */
export const COPY_VARIABLE = "CUTOVER_COPY";

/** Tokens that previews of a copy have of their own, in place of those that it does not hold: JSON, by role. */
export const OWN_TOKENS_VARIABLE = "PREVIEW_TOKENS";

/**
 * The tokens of a preview that has a copy of the state; undefined where it has none. Throws a `UserError` where they cannot be
 * read, which quotes nothing of them.
 *
 * @param roles those that the stack has tokens for: with one of them missing, none is sent at all
 */
export function tokensOfCopy(
  roles: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Readonly<Record<string, string>> | undefined {
  if (!env[COPY_VARIABLE]) return undefined;
  const own = ownTokens(env);
  if (!own)
    throw new UserError("The preview's own tokens cannot be read:", {
      where: OWN_TOKENS_VARIABLE,
      what: "is no JSON object with a token for each role",
      remedy: 'Write it such as {"admin": "…"}, or leave it out: gates with tokens are inconclusive then',
    });
  return roles.every((role) => Object.hasOwn(own, role)) ? own : {};
}

/** Whatever tokens are given to previews of their own; undefined where they cannot be read. */
export function ownTokens(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> | undefined {
  const text = env[OWN_TOKENS_VARIABLE]?.trim() || "{}";
  return z.record(z.string(), z.string().min(1)).safeParse(jsonIn(text)).data;
}

/** Why secrets go nowhere: a sentence each, without a full stop. Absent where they may. */
export interface Withheld {
  readonly service?: string;
  readonly sources?: string;
  readonly database?: string;
  /** Of the administrator's login, which the first stage's stack alone has. */
  readonly administrator?: string;
}

/** The places that the base of a pull request names; none where it has no such rollout, or it cannot be read. */
export function placesIn(of: Base | undefined): Places {
  if (of === undefined || "unusable" in of) return {};
  const { service, sources, database: named } = of.definitions.rest;
  const { url } = z.object({ url: z.string() }).safeParse(service).data ?? {};
  return {
    service: url && new URL(url).origin,
    sources: places.shape.sources.safeParse(sources).data,
    database: database.safeParse(named).data,
  };
}

/** What of a rollout lies elsewhere than where secrets may go. `allowed` is absent where nobody restricts them. */
export function withheldFrom(rollout: Rollout, allowed: Places | undefined): Withheld {
  if (allowed === undefined) return {};
  const now = placesIn({ definitions: definitionsOf(rollout) });
  const elsewhere = (place: keyof Places) =>
    now[place] !== undefined && JSON.stringify(now[place]) !== JSON.stringify(allowed[place]);
  return {
    ...(elsewhere("service") && {
      service: "no token is sent: the base of the pull request does not name this service",
    }),
    ...(elsewhere("sources") && {
      sources:
        "no secret is sent: the base of the pull request does not name these sources, or asks them otherwise",
    }),
    ...(elsewhere("database") && {
      database:
        "nobody logs in: the base of the pull request does not name this database, or reaches it otherwise",
    }),
  };
}

/**
 * What of a rollout asks for a secret that a copy of the state does not hold. IAM vouches for a login without one.
 *
 * @param tokens the preview's own
 */
export function withheldFromCopy(
  { service, sources, database: declared }: Rollout,
  tokens: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv = process.env,
): Withheld {
  if (!env[COPY_VARIABLE]) return {};
  const why = "previews have a copy of the state without its secrets";
  return {
    ...(service && Object.keys(tokens).length === 0 && { service: `no token is sent: ${why}` }),
    ...(sources && Object.keys(tokens).length === 0 && { sources: `no secret is sent: ${why}` }),
    ...(declared && { administrator: `nobody logs in: ${why}` }),
    ...(declared && declared.login?.auth !== "iam" && { database: `nobody logs in: ${why}` }),
  };
}

/** The places that this run is restricted to; undefined where it is not. */
export function readPlaces(env: NodeJS.ProcessEnv = process.env): Places | undefined {
  const file = env[PLACES_VARIABLE];
  return file ? places.parse(JSON.parse(readFileSync(file, "utf8"))) : undefined;
}
