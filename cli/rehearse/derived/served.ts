import { observeServers } from "../../../src/gates/kinds/convergence.look";
import type { Rollout } from "../../../src/rollout/rollout";
import { statusOf } from "../command";
import { PATIENCE_MS } from "../pace";
import type { ServedFlags, World } from "../world";

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

/** Which servers do not tell their flags as the rollout says that they do, and why, a sentence each. */
export async function untold(
  { flags, servers }: Pick<Rollout, "flags" | "servers">,
  urls: readonly string[],
  world: Pick<World, "sandbox">,
): Promise<string[]> {
  if (!servers) return [];
  const seen = await asked({ flags, servers }, urls, world);
  return seen.flatMap(({ server, error }) =>
    error === undefined ? [] : [`${server} does not tell its flags at ${servers.path}: ${error}`],
  );
}

async function asked(
  { flags, servers }: Pick<Rollout, "flags"> & { readonly servers: NonNullable<Rollout["servers"]> },
  urls: readonly string[],
  { sandbox }: Pick<World, "sandbox">,
) {
  const here = { ...servers, urls: [...urls], ecs: [] };
  const seen = await observeServers(here, sandbox.aws.region, Object.keys(flags), PATIENCE_MS);
  return seen.kind === "servers" ? seen.servers : [];
}
