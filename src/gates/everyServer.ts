import { z } from "zod";
import { askedByAddress, type ServersConfig } from "../flags/servers";
import { serverName } from "../text/address";
import { lacking } from "./kind";
import { type Found, inconclusive } from "./verdict";

/** Every server that has to be asked: a list cut short must not pass for the whole. */
export const listed = z.strictObject({ urls: z.array(z.string()), ecs: z.array(z.string()) });

type Listed = z.infer<typeof listed>;

/** The servers of a rollout, as evidence names them. */
export function listedIn(servers: ServersConfig): Listed {
  const services = askedByAddress(servers).map(
    ({ cluster, service, port }) => `${cluster}/${service}:${port}`,
  );
  return { urls: servers.urls.map(serverName), ecs: services };
}

/** Said where a gate asks servers, and there are none. */
export const lackingServers = (servers: ServersConfig | undefined) =>
  lacking(servers !== undefined, {
    what: "needs the servers, and the rollout declares none",
    remedy: "Add servers: to cutover:rollout",
  });

/** What is said where not every server was asked; undefined where each was. */
export function notAllAsked(
  list: Listed | undefined,
  asked: readonly { readonly server: string }[],
): Found | undefined {
  if (asked.length === 0)
    return inconclusive("no server is listed", "List the servers under servers: in cutover:rollout");
  const missing = unasked(list, asked);
  return missing.length === 0
    ? undefined
    : inconclusive(`not asked: ${missing.join(", ")}`, "Run pulumi up again, so that every server is asked");
}

/** Servers that config lists and the observation leaves out. */
function unasked(list: Listed | undefined, asked: readonly { readonly server: string }[]): readonly string[] {
  if (!list) return [];
  const missing = list.urls.filter((url) => asked.every(({ server }) => server !== url));
  // Which tasks a service has, only the observation can tell; that it has one, config does.
  const tasks = asked.length - (list.urls.length - missing.length);
  return tasks < list.ecs.length ? [...missing, ...list.ecs] : missing;
}
