import { setTimeout as sleep } from "node:timers/promises";
import type { Flags } from "../flags/flags";
import type { ServersConfig } from "../flags/servers";
import { at, keysIn } from "../text/dotted";
import { reasonOf } from "../text/problem";

/** What one server says of its flags and of the last drill that reached it. */
export interface ServerReport {
  readonly server: string;
  readonly flags?: Flags | undefined;
  readonly token?: unknown;
  readonly error?: string | undefined;
}

const TIMEOUT_MS = 5_000;

/** Where in a server's answer the drill's token stands: beside the flags, unless config says otherwise. */
export function tokenPath({ at: flags, drillAt }: Pick<ServersConfig, "at" | "drillAt">): string {
  if (drillAt !== undefined) return drillAt;
  if (flags === "") return "_cutover.drill";
  return [...keysIn(flags).slice(0, -1), "drill"].join(".");
}

/** Asks one server. Never throws. */
export async function askServer(
  url: string,
  servers: Pick<ServersConfig, "path" | "at" | "drillAt">,
): Promise<ServerReport> {
  const server = new URL(url).host;
  try {
    const response = await fetch(new URL(servers.path, url), {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { accept: "application/json" },
      redirect: "manual",
    });
    if (!response.ok) return { server, error: `answered ${response.status}` };
    const answer: unknown = await response.json();
    const flags = at(answer, servers.at);
    if (typeof flags !== "object" || flags === null)
      return { server, error: `tells no flags at ${servers.at || "the top"}` };
    return { server, flags: flags as Flags, token: at(answer, tokenPath(servers)) };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { server, error: reasonOf(cause) };
  }
}

/** How long between two looks at the servers, in ms. */
const PAUSE_MS = 100;

/**
 * When the last server showed a drill's token, ms since the epoch; and what is wrong where one did not in time, or
 * showed other flags than those that are live.
 *
 * @param ask asks each of them, all at once
 */
export async function untilShown(
  ask: () => Promise<readonly ServerReport[]>,
  { token, flags }: { readonly token: string; readonly flags: Flags },
  patienceMs: number,
): Promise<{ at?: number; problems: readonly string[] }> {
  for (const ends = Date.now() + patienceMs; ; await sleep(PAUSE_MS)) {
    const told = await ask().catch((error: unknown) => reasonOf(error));
    if (typeof told === "string") {
      if (Date.now() < ends) continue;
      return { problems: [`it is not known whether servers show the drill: ${told}`] };
    }
    const late = told.filter((one) => one.token !== token);
    if (late.length === 0) return { at: Date.now(), problems: told.flatMap((one) => otherFlags(one, flags)) };
    if (Date.now() < ends) continue;
    const words = late.map(
      ({ server, error }) => `${server} (${error ?? "shows no token, or an older one"})`,
    );
    return {
      problems: [`${late.length} of ${told.length} servers do not show the drill: ${words.join(", ")}`],
    };
  }
}

function otherFlags({ server, flags = {} }: ServerReport, expected: Flags): string[] {
  const odd = Object.entries(expected).filter(([flag, value]) => flags[flag] !== value);
  if (odd.length === 0) return [];
  const has = odd.map(([flag]) => `${flag} ${flags[flag]}`).join(", ");
  return [`${server} has other flags than those that are live: ${has}`];
}
