import { NO_FLAGS, NO_JSON } from "../../../src/gates/flagSource";
import { observeServers } from "../../../src/gates/kinds/convergence.look";
import type { Rollout } from "../../../src/rollout/rollout";
import { statusOf } from "../command";
import { PATIENCE_MS } from "../pace";
import type { ServedFlags, Untold, World } from "../world";

/** What `cutover retire` takes for a server whose flags are code. */
const GONE = "answered 410";

/**
 * The flags of each server, as the convergence gate reads them; of a rollout that names no servers, those that are
 * deployed. A server that does not tell its flags has none; one that says that it tells none any more is left out.
 */
export async function servedFlags(
  { flags, servers }: Pick<Rollout, "flags" | "servers">,
  urls: readonly string[],
  world: Pick<World, "sandbox" | "project">,
): Promise<ServedFlags[]> {
  if (!servers) {
    const told = (await statusOf(world)).flags;
    return [told.known && told.value ? told.value.values : {}];
  }
  const seen = await asked({ flags, servers }, urls, world);
  return seen.filter(({ error }) => error !== GONE).map(({ flags: told }) => told ?? {});
}

/** How long a server may go on answering so before that is a mistake of its set-up, in ms. */
const LASTING = {
  /** It says for certain that it tells nothing there. */
  refused: 20_000,
  /** It tells none of the flags: an agent of AppConfig asks for them each 45 s by default. */
  none: 100_000,
} as const;

/** The servers that do not tell their flags as the rollout says that they do. */
export async function silentServers(
  { flags, servers }: Pick<Rollout, "flags" | "servers">,
  urls: readonly string[],
  world: Pick<World, "sandbox">,
): Promise<Untold[]> {
  if (!servers) return [];
  const seen = await asked({ flags, servers }, urls, world);
  return seen.flatMap((one) => untoldOf(one, Object.keys(flags), servers) ?? []);
}

type Seen = Awaited<ReturnType<typeof asked>>[number];

/** What one server does not tell; undefined where it tells every flag. */
function untoldOf(
  { server, error, flags = {} }: Pick<Seen, "server" | "error" | "flags">,
  declared: readonly string[],
  { path, at }: Pick<NonNullable<Rollout["servers"]>, "path" | "at">,
): Untold | undefined {
  if (error !== undefined)
    return {
      says: `${server} does not tell its flags at ${path}: ${error}`,
      ...(isLasting(error) ? { lastsMs: LASTING.refused } : {}),
    };
  const missing = declared.filter((flag) => !Object.hasOwn(flags, flag));
  if (missing.length === 0) return undefined;
  const none = missing.length === declared.length;
  return {
    says: `${server} tells at ${path}${at ? ` (${at})` : ""} nothing of ${missing.join(", ")}`,
    lastsMs: none ? LASTING.none : LASTING.refused,
  };
}

/** What was answered, and not because of a moment: no 5xx, no answer that was too late, and no connection that broke. */
function isLasting(error: string): boolean {
  const status = /^answered (\d{3})$/.exec(error)?.[1];
  return status === undefined
    ? error === NO_JSON || error.startsWith(NO_FLAGS)
    : /^[34]/.test(status) && !FOR_A_MOMENT.includes(status);
}

/** Request Timeout, Too Early, Too Many Requests. */
const FOR_A_MOMENT: readonly string[] = ["408", "425", "429"];

async function asked(
  { flags, servers }: Pick<Rollout, "flags"> & { readonly servers: NonNullable<Rollout["servers"]> },
  urls: readonly string[],
  { sandbox }: Pick<World, "sandbox">,
) {
  const here = { ...servers, urls: [...urls], ecs: [] };
  const seen = await observeServers(here, sandbox.aws.region, Object.keys(flags), PATIENCE_MS);
  return seen.kind === "servers" ? seen.servers : [];
}
