import { allOff, type Flags } from "../../../src/flags/flags";
import type { Phase } from "../../../src/gates/common";
import type { GateDefinition } from "../../../src/gates/gate";
import type { HttpGate } from "../../../src/gates/kinds/http";
import type { RequestsGate } from "../../../src/gates/kinds/requests";
import { plainNames, type Step, withoutRequest } from "../../../src/gates/kinds/requests.step";
import { fillGate } from "../../../src/rollout/config/parameters";
import { predecessorOf, type Rollout, type Stage } from "../../../src/rollout/rollout";
import { gateElsewhere, rowElsewhere } from "./elsewhereRows";

/** A gate that asks the service, with the rollout's parameters in it. */
export interface AskingRow {
  /** `stageA.SA2`, as faults and given answers name it. */
  readonly row: string;
  readonly stage: string;
  readonly id: string;
  readonly section: Phase | "abort";
  readonly definition: HttpGate | RequestsGate;
  /** True where it minds no status as long as it is one of success: what is asked of each server by itself. */
  readonly anySuccess: boolean;
  /** What it asks: a gate of one request is one step. */
  readonly steps: readonly Step[];
  /** The same for its known-bad probe: none of these may come out well. */
  readonly probe?: readonly Step[] | undefined;
  /** Names that stand where one value alone has room. */
  readonly plain: ReadonlySet<string>;
  /** Values that it asks a database for, by name. */
  readonly known: NonNullable<RequestsGate["known"]>;
  /** The stage that is live while it is asked, and its flags. */
  readonly live: string;
  readonly flags: Flags;
}

/** What a script is made from. */
export type Scripted = Pick<Rollout, "stages" | "flags" | "parameters" | "servers" | "sources">;

/** A gate that asks the service: by several requests, or by one. Each of the servers is asked one, too. */
function askingOf(gate: GateDefinition): HttpGate | RequestsGate | undefined {
  if ("steps" in gate || "request" in gate) return gate;
  if ("from" in gate || !("path" in gate)) return gateElsewhere(gate);
  const { title, path, value, expect, timeout } = gate;
  return { source: "http", title, request: { method: "GET", path }, status: 200, value, expect, timeout };
}

/** A gate that is one request, and not a list of them. */
export function isOneRequest(gate: HttpGate | RequestsGate): gate is HttpGate {
  return !("steps" in gate);
}

const SECTIONS = ["entry", "exit", "smoke"] as const;

/** Every gate of a rollout that asks the service, stage by stage. */
export function askingRows(rollout: Scripted): AskingRow[] {
  return rollout.stages.flatMap((stage) => [
    ...SECTIONS.flatMap((section) =>
      Object.entries(stage[section]).flatMap(([id, gate]) => asking(rollout, stage, section, id, gate)),
    ),
    ...Object.entries(stage.abort ?? {}).flatMap(([id, row]) =>
      rowOf(rollout, stage, "abort", id, rowElsewhere(row)),
    ),
  ]);
}

function asking(
  rollout: Scripted,
  stage: Stage,
  section: Phase,
  id: string,
  gate: GateDefinition,
): AskingRow[] {
  const definition = askingOf(fillGate(gate, rollout.parameters ?? {}));
  return rowOf(rollout, stage, section, id, definition, "path" in gate && !("from" in gate));
}

function rowOf(
  rollout: Scripted,
  stage: Stage,
  section: AskingRow["section"],
  id: string,
  definition: HttpGate | RequestsGate | undefined,
  anySuccess = false,
): AskingRow[] {
  if (!definition) return [];
  // An entry is looked at before the flip: the stage before it is live.
  const live = section === "entry" ? predecessorOf(rollout, stage) : stage;
  const steps = stepsOf(definition);
  return [
    {
      row: `${stage.name}.${id}`,
      stage: stage.name,
      id,
      section,
      definition,
      anySuccess,
      steps,
      probe: probeOf(definition, steps),
      plain: new Set(steps.flatMap(plainNames)),
      known: (!isOneRequest(definition) && definition.known) || {},
      live: live?.name ?? stage.name,
      flags: live?.flags ?? allOff(rollout.flags),
    },
  ];
}

function stepsOf(definition: HttpGate | RequestsGate): readonly Step[] {
  if (!isOneRequest(definition)) return definition.steps;
  const { request, status, value, expect, within } = definition;
  return [
    {
      ...request,
      status,
      ...(value === undefined ? {} : { value }),
      ...(expect === undefined ? {} : { expect }),
      ...(within === undefined ? {} : { within }),
    },
  ];
}

/** The known-bad request stands in the place of the last one. */
function probeOf({ prove }: HttpGate | RequestsGate, steps: readonly Step[]): readonly Step[] | undefined {
  if (prove === undefined) return undefined;
  return steps.map((one, index) =>
    index === steps.length - 1 ? { ...withoutRequest(one), ...prove.request } : one,
  );
}
