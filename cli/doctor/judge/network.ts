import { PHASES } from "../../../src/gates/common";
import { kindOf } from "../../../src/gates/gate";
import type { Rollout } from "../../../src/rollout/rollout";
import type { Locate } from "../../../src/text/problem";
import { type Finding, finder } from "../finding";
import type { Host, Reached } from "../look/network";

const { ok, fault } = finder("Network");

/** The hosts that this machine has to reach, each once. Pure. */
export function hostsOf(
  rollout: Rollout,
  aws: readonly string[],
  /** Where the provider reaches the database, where that is not as gates do. */
  administrator: { readonly host?: string | undefined; readonly port?: string | undefined },
  locate: Locate,
): Host[] {
  const first = rollout.stages[0].name;
  const at = (...path: (string | number)[]) => locate(first, ["cutover:rollout", ...path]);
  const { database } = rollout;
  // What a function in the VPC looks at, this machine need not reach.
  const { service, sources, servers } = rollout.measure ? {} : rollout;
  const found: Host[] = [
    ...aws.map((url) => ofUrl(url, "AWS")),
    ...(database && !rollout.measure
      ? [
          {
            host: database.host,
            port: database.port,
            tls: false,
            whose: "database",
            where: at("database", "host"),
          },
        ]
      : []),
    ...(database && administrator.host !== undefined
      ? [
          {
            host: administrator.host,
            port: Number(administrator.port ?? database.port),
            tls: false,
            whose: "database, as its administrator",
            where: `postgresql:host of ${first}`,
          },
        ]
      : []),
    ...(service ? [ofUrl(service.url, "service", at("service", "url"))] : []),
    ...Object.entries(sources ?? {}).map(([name, { url }]) => ofUrl(url, name, at("sources", name, "url"))),
    ...elsewhereOf(rollout, locate),
    ...(servers?.urls ?? []).map((url, index) => ofUrl(url, "server", at("servers", "urls", index))),
  ];
  return [
    ...new Map(found.map((one) => [`${one.host}:${one.port}`, one] as const).reverse()).values(),
  ].reverse();
}

/** Services that gates ask beside the rollout's own. */
function elsewhereOf({ stages }: Rollout, locate: Locate): Host[] {
  return stages.flatMap((stage) =>
    PHASES.flatMap((section) =>
      Object.entries(stage[section]).flatMap(([id, gate]) =>
        (kindOf(gate).elsewhere?.(gate) ?? []).map((url) =>
          ofUrl(url, `asked by ${id}`, locate(stage.name, ["cutover:stage", section, id])),
        ),
      ),
    ),
  );
}

function ofUrl(url: string, whose: string, where?: string): Host {
  const { hostname, port, protocol } = new URL(url);
  const tls = protocol === "https:";
  return { host: hostname, port: Number(port || (tls ? 443 : 80)), tls, whose, where };
}

/** What it means that a connection came no further, and what to do. */
const BROKE = {
  dns: ["DNS does not know it", "Correct its name, or let this machine ask the DNS that knows it"],
  tcp: [
    "no connection",
    "Let this machine reach it: security group, routes, its port; and see to it that it listens",
  ],
  tls: ["connected, and TLS fails", "Mend its certificate, or name its authority in NODE_EXTRA_CA_CERTS"],
} as const;

export function judgeNetwork(reached: readonly (readonly [Host, Reached])[]): Finding[] {
  return reached.map(([{ host, port, tls, whose, where }, how]) => {
    const name = `${whose} ${host}:${port}`;
    if (how.kind === "reached") return ok(name, tls ? "reached, with TLS" : "reached");
    const [what, remedy] = BROKE[how.kind];
    return fault(name, `${what} (${how.why})`, remedy, { where });
  });
}
