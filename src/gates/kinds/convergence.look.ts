import { type Flags, type FlagValue, isFlagValue } from "../../flags/flags";
import type { ServersConfig } from "../../flags/servers";
import { at } from "../../text/dotted";
import { askEveryServer, type ServerSaid } from "../askServers";
import { NO_FLAGS } from "../flagSource";
import type { GateOf } from "../kind";
import type { Sources } from "../look";
import type { Seen } from "../observation";

type ServerState = Extract<Seen, { kind: "servers" }>["servers"][number];

/**
 * Asks every listed server, and every running task of the listed ECS services, which flags it has.
 *
 * @param declared the flags that count: of any others that a server tells, evidence keeps how many there are
 * @param timeoutMs how long one server may take to answer
 */
export async function observeServers(
  servers: ServersConfig | undefined,
  region: string,
  declared: readonly string[],
  timeoutMs?: number,
): Promise<Seen> {
  const said = await askEveryServer(servers, region, servers?.path ?? "", timeoutMs);
  if ("kind" in said) return said;
  return { kind: "servers", servers: said.map((one) => stateOf(one, servers?.at ?? "", declared)) };
}

function stateOf(said: ServerSaid, where: string, declared: readonly string[]): ServerState {
  if ("error" in said) return said;
  const { server, json } = said;
  const found = at(json, where);
  if (typeof found !== "object" || found === null)
    return { server, error: `${NO_FLAGS}${where || "the top"}` };
  const told = Object.entries(found).filter((entry): entry is [string, FlagValue] => isFlagValue(entry[1]));
  const flags = told.filter(([flag]) => declared.includes(flag));
  const others = told.length - flags.length;
  return { server, flags: Object.fromEntries(flags), ...(others > 0 ? { others } : {}) };
}

export const look = (
  { flags }: GateOf<unknown, { flags?: Flags | undefined }>,
  { servers, region }: Sources,
): Promise<Seen> => observeServers(servers, region, Object.keys(flags ?? {}));
