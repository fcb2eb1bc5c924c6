import { WAIT_S } from "../../delivery/deliver";
import { carriedBy } from "../../delivery/order";
import { type DeliveryConfig, type DeliveryMap, deliveryKindOf } from "../../delivery/registry";
import { entry, type FlagSpecs, requiredFlag } from "../../flags/flags";
import { restartsOf } from "../../flags/restart";
import { milliseconds } from "../../text/duration";
import { type Problem, tellAt, tellWhere } from "../../text/problem";
import type { RolloutConfig } from "../config/stackFile";
import { whereTo } from "../deliveries";

type At = (...path: string[]) => string;

/** Deliveries that contradict each other, what they carry, or what else starts servers anew. */
export function deliveryClashes(
  { flags, servers }: Pick<RolloutConfig, "flags" | "servers">,
  delivery: DeliveryMap,
  at: At,
): Problem[] {
  return [
    ...samePlace(delivery, at),
    ...startedTwice(servers, delivery, at),
    ...requiredNowhere(flags, delivery, at),
    ...Object.entries(delivery).flatMap(([name, one]) => [
      ...unusedNames(flags, one, (...path) => at(name, ...path)),
      ...tooShort(name, one, at),
    ]),
  ];
}

/** Two that write the same variables: each says of which deployment all of them are, and starts the same servers. */
function samePlace(delivery: DeliveryMap, at: At): Problem[] {
  const all = Object.entries(delivery);
  return all.flatMap(([name, one], index): Problem[] => {
    const first = all.slice(0, index).find(([, config]) => isSamePlace(config, one));
    if (!first) return [];
    const [other, config] = first;
    const both = `${other} does (${whereTo(one)}): the two would change each other's variables, and start the same servers anew`;
    return [
      isSamePlace(config, one) === "unsure"
        ? {
            where: at(name),
            what: `may write where ${both}`,
            remedy: `Say the team of both, or name each project by its id; where it is one, let ${other} carry the flags of both, and take ${name} out`,
          }
        : {
            where: at(name),
            what: `writes where ${both}`,
            remedy: `Let ${other} carry the flags of both, and take ${name} out`,
          },
    ];
  });
}

function isSamePlace(one: DeliveryConfig, other: DeliveryConfig): boolean | "unsure" {
  if (one.kind !== other.kind || addressOf(one) !== addressOf(other)) return false;
  const { isPlaceOf, place } = deliveryKindOf(one);
  return isPlaceOf ? isPlaceOf(one, other) : place(one) === place(other);
}

/** An address however it is spelled: with its default port or the root's dot, and without. */
function addressOf(one: DeliveryConfig): string {
  if (!("url" in one)) return "";
  const { protocol, hostname, port, pathname, search } = new URL(one.url);
  return [protocol, hostname.replace(/\.$/, ""), port, pathname, search].join(" ");
}

/** What an ECS service is known by, whether its cluster is named or given by its ARN. */
const serviceOf = ({ cluster, service }: { readonly cluster: string; readonly service: string }) =>
  `${cluster.split("/").at(-1)}/${service.split("/").at(-1)}`;

/** A service that is also started at the flip would begin with the parameters of before. */
function startedTwice(servers: RolloutConfig["servers"], delivery: DeliveryMap, at: At): Problem[] {
  const restarted = restartsOf({ servers }).map(serviceOf);
  const starts = new Map<string, string>();
  return Object.entries(delivery).flatMap(([name, one]): Problem[] => {
    if (one.kind !== "ssm") return [];
    const own = one.ecs.map(serviceOf);
    const wrong = tellAt(at(name, "ecs"));
    return own.flatMap((service, index): Problem[] => {
      if (own.indexOf(service) < index) return wrong(`names ${service} twice`, "Name each service once");
      const other = starts.get(service);
      starts.set(service, other ?? name);
      if (other !== undefined)
        return wrong(
          `names ${service}, which ${other} starts anew as well: each start comes when one of the two has written, with the other's parameters of before`,
          `Let ${other} carry the flags of both, below one path, and take ${name} out`,
        );
      if (!restarted.includes(service)) return [];
      return wrong(
        `names ${service}, which servers.ecs starts anew as well (restart: true): that start comes at once, with the parameters of before`,
        "Take restart: true off it under servers.ecs: this delivery starts it once its parameters are there",
      );
    });
  });
}

/**
 * Where nobody carries what a carried flag requires, no order holds: once both come down the required one is down in
 * AppConfig within seconds, while servers of the platform go on with the other for minutes.
 */
function requiredNowhere(specs: FlagSpecs, delivery: DeliveryMap, at: At): Problem[] {
  const carried = carriedBy(specs, delivery);
  const anywhere = new Set(Object.values(carried).flat());
  return Object.entries(carried).flatMap(([name, flags]) =>
    flags.flatMap((flag) =>
      (entry(specs, flag)?.requires ?? [])
        .map(requiredFlag)
        .filter((required) => !anywhere.has(required))
        .map(
          (required): Problem => ({
            where: at(name, "flags"),
            what: `carry ${flag} without ${required}, which it requires and no delivery carries: on the way down ${required} would be off while servers there still run with ${flag}`,
            remedy: `Add ${required} here, or to the flags of the delivery whose servers read it`,
          }),
        ),
    ),
  );
}

/** A name for what is not carried is a slip, in one of the two lists. */
function unusedNames(specs: FlagSpecs, { flags, names = {} }: DeliveryConfig, at: At): Problem[] {
  if (!flags) return [];
  return Object.keys(names)
    .filter((flag) => Object.hasOwn(specs, flag) && !flags.includes(flag))
    .map((flag) => ({
      where: at("names", flag),
      what: `gives ${flag} a name, and flags leaves it out`,
      remedy: `Add ${flag} to flags, or take its name out`,
    }));
}

/** What takes its time is looked at so often: who promises less promises what nobody sees. */
function tooShort(name: string, { within }: DeliveryConfig, at: At): Problem[] {
  return tellWhere(within !== undefined && milliseconds(within) < WAIT_S * 1_000, {
    where: at(name, "within"),
    what: `is ${within}, and servers that start are looked at every ${WAIT_S} s: no delivery could be seen to come through`,
    remedy: `Say at least ${WAIT_S}s, better what was measured`,
  });
}
