import { IANAZone } from "luxon";
import type { GateDefinition, Source } from "../../gates/gate";
import type { Locate, Problem } from "../../text/problem";
import { probeParameters } from "../config/probe";
import type { RolloutConfig } from "../config/stackFile";
import type { Stage } from "../rollout";
import { duplicateRows, isShared, type Rows } from "./ids";
import { messageProblems } from "./messages";
import { SECTIONS, type Section } from "./shared";
import { dateProblems, isWindowName, namedIn, parameterProblems, windowProblems } from "./values";

/** What is wrong with rows across stages: ids used twice, gates where they mean nothing, things nobody declared. */
export function rowProblems(rows: Rows): Problem[] {
  const { stages, owner, config, locate } = rows;
  const gates = stages.flatMap((stage) =>
    SECTIONS.flatMap((section) =>
      Object.entries(stage[section]).flatMap(([id, gate]) => {
        const inStage = (...path: string[]) => locate(stage.name, ["cutover:stage", section, id, ...path]);
        const inRollout = (...path: string[]) => locate(owner, ["cutover:rollout", "gates", id, ...path]);
        const shared = isShared(rows, stage.name, section, id);
        const at = shared ? inRollout : inStage;
        return gateProblems({ stage, section, gate, stages, config, at, inStage });
      }),
    ),
  );
  return [
    ...parameterProblems(owner, config, locate),
    ...calendarProblems(stages, config, locate),
    ...duplicateRows(rows),
    ...stages.flatMap((stage) => signOffProblems(stage, stages, locate)),
    ...stages.flatMap((stage) => messageProblems(stage, locate)),
    ...stages.flatMap((stage) => probeProblems(stage, config, locate)),
    // What is wrong with a shared gate itself is wrong once, however many stages ask for it.
    ...new Map(gates.map((problem) => [JSON.stringify(problem), problem])).values(),
  ];
}

/** Where each source means something. */
const ALLOWED: Readonly<Record<Source, readonly Section[]>> = {
  soak: ["entry"],
  sql: SECTIONS,
  metric: SECTIONS,
  alarms: ["entry"],
  http: SECTIONS,
  check: SECTIONS,
  convergence: SECTIONS,
  signOff: ["entry", "exit"],
  snapshot: ["entry"],
  drill: ["entry"],
  date: ["entry", "exit"],
  exit: ["entry"],
};

interface Row {
  readonly stage: Stage;
  readonly section: Section;
  readonly gate: GateDefinition;
  readonly stages: readonly Stage[];
  readonly config: RolloutConfig;
  /** Where the gate itself is written. */
  readonly at: (...path: string[]) => string;
  /** Where the stage asks for it. */
  readonly inStage: (...path: string[]) => string;
}

function gateProblems(row: Row): Problem[] {
  const { section, gate, config, at, inStage } = row;
  const allowed = ALLOWED[gate.source];
  if (!allowed.includes(section)) {
    return [
      {
        where: inStage("source"),
        what: `${gate.source} means nothing under ${section}`,
        remedy: `Move it to ${allowed.join(" or ")}`,
      },
    ];
  }
  const unknown = [...new Set(namedIn(gate))].filter((name) => !Object.hasOwn(config.parameters, name));
  return [
    ...missingProblems(row),
    ...(gate.source === "sql" ? windowProblems(gate, at) : []),
    ...(gate.source === "date" ? dateProblems(gate.after, config, at) : []),
    ...unknown.map((name) => ({
      where: at(),
      what: `names the parameter {${name}}, which is not declared`,
      remedy: "Add it to parameters: of cutover:rollout, or correct the name",
    })),
  ];
}

/** What a gate needs that the rollout, the stage or its predecessor does not declare. */
function missingProblems({ stage, gate, stages, config, at }: Row): Problem[] {
  const need = (present: boolean, what: string, remedy: string): Problem[] =>
    present ? [] : [{ where: at("source"), what, remedy }];
  const before = stages.find((other) => other.name === stage.predecessor);
  switch (gate.source) {
    case "soak":
      if (config.calendar || !gate.atLeast?.includes("business")) return [];
      return [{ where: at("atLeast"), ...NO_CALENDAR }];
    case "sql":
      return need(
        config.database !== undefined,
        "needs a database, and the rollout declares none",
        "Add database: to cutover:rollout",
      );
    case "http":
    case "check":
      return need(
        config.service !== undefined,
        "needs the service's address, and the rollout declares none",
        "Add service: { url: … } to cutover:rollout",
      );
    case "convergence":
      return need(
        config.servers !== undefined,
        "needs the servers, and the rollout declares none",
        "Add servers: to cutover:rollout",
      );
    case "snapshot":
      return need(
        stage.snapshot !== undefined,
        "needs a snapshot, and the stage declares none",
        "Add snapshot: to cutover:stage",
      );
    case "drill":
      return need(
        Object.keys(before?.abort ?? {}).length > 0,
        "needs an abort path to drill, and the predecessor declares no abort alarms",
        "Add abort: to the predecessor, or take the gate out",
      );
    case "alarms":
      return need(
        lineTo(before, stages).some(({ abort }) => Object.keys(abort).length > 0),
        "needs abort alarms, and no stage before declares one",
        "Add abort: to the predecessor, or take the gate out",
      );
    case "exit":
      return need(
        Object.keys(before?.exit ?? {}).length > 0,
        "stands for the predecessor's exit gates, and it has none",
        "Add exit: to the predecessor, or take the gate out",
      );
    default:
      return [];
  }
}

/** The stages up to `stage`: the alarms of all of them are in force while it is live. */
function lineTo(stage: Stage | undefined, stages: readonly Stage[]): Stage[] {
  const line: Stage[] = [];
  for (let one = stage; one && !line.includes(one); ) {
    line.push(one);
    const { predecessor } = one;
    one = stages.find((other) => other.name === predecessor);
  }
  return line;
}

/** What the probe of an abort row needs that the rollout does not declare. */
function probeProblems(stage: Stage, config: RolloutConfig, locate: Locate): Problem[] {
  return Object.entries(stage.abort).flatMap(([id, { probe }]): Problem[] => {
    if (!probe) return [];
    const where = locate(stage.name, ["cutover:stage", "abort", id, "probe"]);
    const unknown = probeParameters(probe).filter(
      (name) => !isWindowName(name) && !Object.hasOwn(config.parameters, name),
    );
    return [
      ...windowProblems(probe, (...path) =>
        locate(stage.name, ["cutover:stage", "abort", id, "probe", ...path]),
      ),
      ...(config.database
        ? []
        : [
            {
              where,
              what: "needs a database, and the rollout declares none",
              remedy: "Add database: to cutover:rollout",
            },
          ]),
      ...unknown.map((name) => ({
        where,
        what: `names the parameter {${name}}, which is not declared`,
        remedy: "Add it to parameters: of cutover:rollout, or correct the name",
      })),
    ];
  });
}

/** A statement that no gate asks for is a slip of the pen: the one that was meant would be missing. */
function signOffProblems(stage: Stage, stages: readonly Stage[], locate: Locate): Problem[] {
  const before = stages.find((other) => other.name === stage.predecessor);
  // Nothing is promoted out of the last stage: what its exit asks for is stated in its own config.
  const own = stages.some((other) => other.predecessor === stage.name) ? {} : stage.exit;
  const asked = Object.entries({ ...before?.exit, ...stage.entry, ...own }).flatMap(([id, gate]) =>
    gate.source === "signOff" ? [id] : [],
  );
  return Object.keys(stage.signOffs)
    .filter((id) => !asked.includes(id))
    .map((id) => ({
      where: locate(stage.name, ["cutover:stage", "signOffs", id]),
      what: "no gate of this promotion asks for it",
      remedy: asked.length > 0 ? `Gates that ask for a sign-off: ${asked.join(", ")}` : "Take it out",
    }));
}

const NO_CALENDAR = {
  what: "counts business cycles, and the rollout has no calendar",
  remedy: "Add calendar: { zone, days, open, close } to cutover:rollout",
} as const;

function calendarProblems(stages: readonly Stage[], config: RolloutConfig, locate: Locate): Problem[] {
  const owner = stages.find((stage) => stage.predecessor === undefined)?.name ?? "";
  const problems: Problem[] = [];
  const { calendar } = config;
  if (calendar && !IANAZone.isValidZone(calendar.zone)) {
    problems.push({
      where: locate(owner, ["cutover:rollout", "calendar", "zone"]),
      what: `${calendar.zone} is not a time zone`,
      remedy: "Write an IANA name such as Europe/Berlin",
    });
  }
  if (calendar && calendar.open >= calendar.close) {
    problems.push({
      where: locate(owner, ["cutover:rollout", "calendar", "close"]),
      what: `must be later than open (${calendar.open}), got ${calendar.close}`,
      remedy: "Write times of the same day",
    });
  }
  for (const stage of calendar ? [] : stages) {
    if (!stage.soak?.includes("business")) continue;
    problems.push({ where: locate(stage.name, ["cutover:stage", "soak"]), ...NO_CALENDAR });
  }
  return problems;
}
