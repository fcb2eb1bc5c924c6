import { askServer, type ServerReport } from "../abort/drillServers";
import { isFlagValue } from "../flags/flags";
import { pollingOf } from "../flags/servers";
import { serverUrls, tell } from "../gates/askServers";
import { type SourceSaid, sourceSaid } from "../gates/flagSource";
import type { MeasureSettings } from "../measuring/places";
import type { Asked } from "../measuring/protocol";
import { serverName } from "../text/address";

/**
 * Asks every server of the rollout from within its network: what it has of flags and drills, or where its flags come
 * from. Of what a server answers beside that, nothing is handed on. Throws where the servers cannot be listed.
 */
export async function askServers(
  { about }: Extract<Asked, { kind: "servers" }>,
  { region, places: { servers } }: MeasureSettings,
): Promise<(ServerReport | SourceSaid)[]> {
  if (!servers) throw new Error("the rollout declares no servers");
  // Those that an abort restarts take no part in a drill.
  const listed = about === "drill" ? pollingOf(servers) : servers;
  const urls = await serverUrls(listed, region);
  return Promise.all(
    urls.map(async (url) =>
      about === "source"
        ? sourceSaid(serverName(url), await tell(url, servers), servers)
        : onlyFlags(await askServer(url, servers)),
    ),
  );
}

function onlyFlags({ server, flags, token, error }: ServerReport): ServerReport {
  const told = Object.entries(flags ?? {}).filter(([, value]) => isFlagValue(value));
  return {
    server,
    ...(flags === undefined ? {} : { flags: Object.fromEntries(told) }),
    ...(typeof token === "string" ? { token } : {}),
    ...(error === undefined ? {} : { error }),
  };
}
