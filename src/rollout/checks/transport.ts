import { PHASES } from "../../gates/common";
import { sendsToken } from "../../gates/gate";
import type { Problem } from "../../text/problem";
import { isLoopback } from "../config/timeScale";
import type { Rows } from "./ids";

/** Where a secret of this run would travel in plain text: a password to a database, a bearer token to the service. */
export function transportProblems({ stages, owner, config, locate }: Rows): Problem[] {
  const { database, service } = config;
  const problems: Problem[] = [];
  if (database?.ssl === "disable" && !isHere(database.host))
    problems.push({
      where: locate(owner, ["cutover:rollout", "database", "ssl"]),
      what: `is disable, and ${database.host} is not this machine: the gate role's password would travel in plain text`,
      remedy: "Write verify-full, or require where the server's certificate has no known authority",
    });
  if (service && /^http:/i.test(service.url) && !isLoopback(service.url)) {
    const sends = stages
      .flatMap((stage) => PHASES.flatMap((section) => Object.entries(stage[section])))
      .filter(([, gate]) => sendsToken(gate))
      .map(([id]) => id);
    if (sends.length > 0)
      problems.push({
        where: locate(owner, ["cutover:rollout", "service", "url"]),
        what: `is http, and not on this machine: the bearer tokens of ${[...new Set(sends)].join(", ")} would travel in plain text`,
        remedy: "Write its https address",
      });
  }
  return problems;
}

/** True for a host that cannot leave this machine, and for the folder of a socket. */
function isHere(host: string): boolean {
  return host.startsWith("/") || isLoopback(`http://${host.includes(":") ? `[${host}]` : host}`);
}
