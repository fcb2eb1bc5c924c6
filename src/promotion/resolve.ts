import { alarmName, snapshotName } from "../aws/names";
import type { ServersConfig } from "../flags/servers";
import { serverName } from "../gates/address";
import type { Gate, GateDefinition, HttpRequest } from "../gates/gate";
import { fillIn } from "../rollout/config/parameters";
import { predecessorOf, type Rollout, type Stage, stagesUpTo } from "../rollout/rollout";

/** The gates that a promotion of `stage` is held to: its own entry, then its predecessor's exit. */
export function gatesFor(rollout: Rollout, stage: Stage): Gate[] {
  const predecessor = predecessorOf(rollout, stage);
  const entry = resolveAll(rollout, stage, "entry", { live: predecessor, promoted: stage });
  return predecessor ? [...entry, ...exitGatesOf(rollout, predecessor)] : entry;
}

/** What must hold before `stage` may be left. */
export function exitGatesOf(rollout: Rollout, stage: Stage): Gate[] {
  return resolveAll(rollout, stage, "exit", { live: stage, promoted: stage });
}

/** What is checked once the flags of `stage` are served. */
export function smokeGatesOf(rollout: Rollout, stage: Stage): Gate[] {
  return resolveAll(rollout, stage, "smoke", { live: stage, promoted: stage });
}

/** The stages that a gate speaks of: the one that is live when it is measured, and the one it is measured for. */
interface Speaking {
  readonly live: Stage | undefined;
  readonly promoted: Stage;
}

function resolveAll(rollout: Rollout, owner: Stage, phase: Gate["phase"], about: Speaking): Gate[] {
  return Object.entries(owner[phase]).map(([id, definition]) => ({
    id,
    phase,
    stage: owner.name,
    definition: fillDefinition(definition, rollout),
    ...extrasOf(definition, rollout, about),
  }));
}

/** What a gate's verdict depends on beside its definition. */
function extrasOf(definition: GateDefinition, rollout: Rollout, { live, promoted }: Speaking): Partial<Gate> {
  switch (definition.source) {
    case "soak": {
      const soaks = [live?.soak, definition.atLeast].filter((length) => length !== undefined);
      return { soaks: [...new Set(soaks)], ...(rollout.calendar ? { calendar: rollout.calendar } : {}) };
    }
    case "alarms":
      return { alarms: alarmsInForce(rollout, live) };
    case "drill":
      return live ? { drill: { rollout: rollout.name, stage: live.name } } : {};
    case "convergence":
      return { flags: { ...live?.flags }, ...(rollout.servers ? { servers: listed(rollout.servers) } : {}) };
    case "snapshot": {
      const { instance, cluster } = promoted.snapshot ?? {};
      const of = instance ?? cluster;
      const id = snapshotName(rollout.name, promoted.name, promoted.attempt);
      return of === undefined
        ? {}
        : { snapshot: { id, kind: instance === undefined ? "cluster" : "instance", of } };
    }
    default:
      return {};
  }
}

/** Who has to agree: a list that is cut short must not pass for the whole. */
function listed({ urls, ecs, path, at }: ServersConfig): Gate["servers"] {
  return {
    urls: urls.map(serverName),
    ecs: ecs.map(({ cluster, service, port }) => `${cluster}/${service}:${port}`),
    path,
    at,
  };
}

/** Of a row that several stages have, each has an alarm: the live stage's goes by the row alone. */
function alarmsInForce(rollout: Rollout, live: Stage | undefined): Record<string, string> {
  const alarms: Record<string, string> = {};
  for (const { name, abort } of stagesUpTo(rollout, live).reverse())
    for (const row of Object.keys(abort))
      alarms[Object.hasOwn(alarms, row) ? `${row} of ${name}` : row] = alarmName(rollout.name, name, row);
  return alarms;
}

function fillDefinition(definition: GateDefinition, { parameters }: Rollout): GateDefinition {
  const fill = <T extends string | number | boolean>(value: T) => fillIn(value, parameters);
  switch (definition.source) {
    case "sql": {
      const { prove } = definition;
      return {
        ...definition,
        values: definition.values.map(fill),
        ...(prove ? { prove: { ...prove, values: prove.values.map(fill) } } : {}),
      };
    }
    case "http": {
      const request = (one: HttpRequest): HttpRequest => ({ ...one, path: String(fill(one.path)) });
      const { prove } = definition;
      return {
        ...definition,
        request: request(definition.request),
        ...(prove ? { prove: { request: request(prove.request) } } : {}),
      };
    }
    case "date":
      return { ...definition, after: String(fill(definition.after)) };
    default:
      return definition;
  }
}
