import { IANAZone } from "luxon";
import { alarmName } from "../../aws/names";
import { NO_CALENDAR } from "../../gates/calendar";
import { NEEDS_DATABASE, PHASES, type Phase, SMOKE_LIMIT_MS } from "../../gates/common";
import { sourceErrors } from "../../gates/elsewhere/question";
import { type GateDefinition, kindOf } from "../../gates/gate";
import type { FieldError } from "../../gates/kind";
import { closedForAYear } from "../../gates/opening";
import { placeholders } from "../../gates/placeholders";
import { windowErrors } from "../../gates/window";
import { safeMilliseconds, showDuration } from "../../text/duration";
import { type Locate, type Problem, tellWhere } from "../../text/problem";
import { clipped } from "../../text/text";
import { fillGate, isWindowName, namedIn } from "../config/parameters";
import { probeParameters } from "../config/probe";
import type { RolloutConfig } from "../config/stackFile";
import { predecessorOf, type Stage, stagesUpTo } from "../rollout";
import { contractRows } from "./contracts";
import { decidingErrors } from "./decides";
import { deliveryProblems } from "./delivery";
import { doorProblems } from "./doors";
import { downProblems } from "./down";
import { duplicateRows, type Rows, sharesRow } from "./ids";
import { measureProblems } from "./measure";
import { messageProblems } from "./messages";
import { reconcileProblems } from "./reconcile";
import { topicProblems } from "./topics";
import { transportProblems } from "./transport";

/** What is wrong with rows across stages: ids used twice, gates where they mean nothing, things nobody declared. */
export function rowProblems(rows: Rows): Problem[] {
  const { stages, owner, config, locate } = rows;
  const gates = stages.flatMap((stage) =>
    PHASES.flatMap((section) =>
      Object.entries(stage[section]).flatMap((row) => gateProblems(rows, stage, section, row)),
    ),
  );
  return [
    ...parameterProblems(owner, config, locate),
    ...calendarProblems(rows),
    ...topicProblems(rows),
    ...deliveryProblems(rows),
    ...duplicateRows(rows),
    ...doorProblems(rows),
    ...contractRows(rows),
    ...downProblems(rows),
    ...transportProblems(rows),
    ...measureProblems(rows),
    ...stages.flatMap((stage) => signOffProblems(stage, stages, locate)),
    ...stages.flatMap((stage) =>
      messageProblems(stage, locate, {
        imports: config.database?.imports !== undefined,
        last: !stages.some(({ predecessor }) => predecessor === stage.name),
      }),
    ),
    ...stages.flatMap((stage) => probeProblems(stage, config, locate)),
    ...stages.flatMap((stage) => reconcileProblems(stage, config, locate)),
    ...circleProblems(rows),
    // What is wrong with a shared gate itself is wrong once, however many stages ask for it.
    ...new Map(gates.map((problem) => [JSON.stringify(problem), problem])).values(),
  ];
}

type Row = readonly [id: string, gate: GateDefinition];

function gateProblems(rows: Rows, stage: Stage, section: Phase, [id, gate]: Row): Problem[] {
  const { stages, owner, config, locate } = rows;
  const inStage: At = (...path) => locate(stage.name, ["cutover:stage", section, id, ...path]);
  const inRollout: At = (...path) => locate(owner, ["cutover:rollout", "gates", id, ...path]);
  const kind = kindOf(gate);
  if (!kind.phases.includes(section)) {
    const remedy = `Move it to ${kind.phases.join(" or ")}`;
    return [{ where: inStage("source"), what: `${gate.source} means nothing under ${section}`, remedy }];
  }
  // What a promotion may still be kept from by, previews look at, too. The last stage's exit decides about no promotion.
  const looked = section === "entry" || (section === "exit" && stage !== stages.at(-1));
  if (looked && kind.writes?.(gate)) {
    const remedy =
      "Move it to smoke, or to the exit of the last stage, or look at the same without changing anything";
    return [{ where: inStage("writes"), what: `is true, and under ${section} a gate only looks`, remedy }];
  }
  // What is live while it is measured. Smoke checks are over soon after the flip, however long the soak is.
  const live = { entry: predecessorOf({ stages }, stage), exit: stage, smoke: { ...stage, soak: undefined } };
  const line = stagesUpTo({ stages }, live[section]);
  const unknown = undeclared(new Set(namedIn(gate)), config);
  const filled = unknown.length > 0 ? undefined : fillGate(gate, config.parameters);
  const errors = kind.fieldErrors?.(gate, { rollout: config, line, promoted: stage }, filled) ?? [];
  const tooLong = section === "smoke" ? [...longWindow(gate), ...longLook(gate)] : [];
  const idle = decidingErrors(filled ?? gate).filter(
    ({ path: [at] }) => !errors.some(({ path }) => path[0] === at),
  );
  const left = filled ? unfilled(filled, config) : [];
  return located(
    [...errors, ...idle, ...tooLong, ...unknown, ...left],
    sharesRow(rows, stage.name, section, id) ? inRollout : inStage,
  );
}

/** A window is cut at the flip, and smoke checks are over soon after it: a longer one is never covered. */
function longWindow(gate: GateDefinition): FieldError[] {
  const kind = kindOf(gate);
  const window = kind.metric?.(gate)?.window ?? kind.query?.(gate).window;
  const inAll = kind.takesInAll?.(gate);
  // A soak begins at the flip.
  if (window === undefined || window === "soak") return [];
  const limit = showDuration(SMOKE_LIMIT_MS);
  return tellWhere((inAll ?? safeMilliseconds(window)) >= SMOKE_LIMIT_MS, {
    path: [inAll === undefined ? "window" : "expect"],
    what: `${inAll === undefined ? `is ${window}` : `takes ${showDuration(inAll)} in all`}, and nothing but what came after the flip counts: it could not be covered within the ${limit} that smoke checks have`,
    remedy: `Write less than ${limit}, or move the gate to exit`,
  });
}

/** What is still looked at when smoke checks are over is given up, and takes the flags down. */
function longLook(gate: GateDefinition): FieldError[] {
  const lengths = {
    within: kindOf(gate).settlesWithin?.(gate),
    timeout: "timeout" in gate ? gate.timeout : undefined,
  };
  const limit = showDuration(SMOKE_LIMIT_MS);
  return Object.entries(lengths).flatMap(([name, length]) =>
    tellWhere(length !== undefined && safeMilliseconds(length) > SMOKE_LIMIT_MS, {
      path: [name],
      what: `is ${length}, and smoke checks have ${limit} in all`,
      remedy: `Write ${limit} at most, or move the gate to exit`,
    }),
  );
}

/** A row that follows its own alarm, by itself or by way of other rows', follows nothing that happens. */
function circleProblems({ stages, config, locate }: Rows): Problem[] {
  const following = new Map(
    stages.flatMap((stage) =>
      Object.entries(stage.abort).flatMap(([row, { alarm }]) =>
        alarm === undefined
          ? []
          : [[alarmName(config.name, stage.name, row), { stage: stage.name, row, alarm }] as const],
      ),
    ),
  );
  return [...following].flatMap(([own, { stage, row, alarm }]): Problem[] => {
    const passed: string[] = [];
    for (let next: string | undefined = alarm; next !== undefined && !passed.includes(next); ) {
      passed.push(next);
      next = following.get(next)?.alarm;
    }
    const others = passed.filter((name) => name !== own);
    const how =
      others.length === 0 ? "the row's own" : `and leads back to the row's own by ${others.join(", ")}`;
    return tellWhere(passed.includes(own), {
      where: locate(stage, ["cutover:stage", "abort", row, "alarm"]),
      what: `is ${alarm}, ${how}: it would follow itself, and never fire`,
      remedy: "Name an alarm that watches something, or watch the metric itself",
    });
  });
}

/** What the probe of an abort row needs that the rollout does not declare. */
function probeProblems(stage: Stage, config: RolloutConfig, locate: Locate): Problem[] {
  return Object.entries(stage.abort).flatMap(([id, { probe, reconcile }]): Problem[] => {
    // What a reconciliation needs is told where that stands.
    if (!probe || reconcile) return [];
    if ("from" in probe)
      return located(sourceErrors(probe, config), (...path) =>
        locate(stage.name, ["cutover:stage", "abort", id, "elsewhere", ...path]),
      );
    const named = probeParameters(probe).filter((name) => !isWindowName(name));
    const lacks = config.database ? [] : [{ path: [], ...NEEDS_DATABASE }];
    return located([...windowErrors(probe), ...lacks, ...undeclared(named, config)], (...path) =>
      locate(stage.name, ["cutover:stage", "abort", id, "probe", ...path]),
    );
  });
}

function undeclared(names: Iterable<string>, { parameters }: RolloutConfig): FieldError[] {
  return [...names]
    .filter((name) => !Object.hasOwn(parameters, name))
    .map((name) => ({
      path: [],
      what: `names the parameter {${name}}, which is not declared`,
      remedy: "Add it to parameters: of cutover:rollout, or correct the name",
    }));
}

/** Words for people, in which a parameter's name stands for itself. */
const WORDS = ["title", "remedy"];

/** Parameters that a gate names where none is filled in: nothing would ever be what they are called. */
function unfilled(gate: GateDefinition, { parameters }: RolloutConfig): FieldError[] {
  const named = (value: unknown, path: string[]): FieldError[] =>
    typeof value === "string"
      ? placeholders(value)
          .filter((name) => Object.hasOwn(parameters, name))
          .map((name) => ({
            path,
            what: `names the parameter {${name}}, and none is filled in here`,
            remedy: "Write its value",
          }))
      : Object.entries(typeof value === "object" && value !== null ? value : {}).flatMap(([key, inner]) =>
          named(inner, [...path, key]),
        );
  return Object.entries(gate).flatMap(([key, value]) => (WORDS.includes(key) ? [] : named(value, [key])));
}

/** Where a row is written, or what stands below it. */
type At = (...path: string[]) => string;

function located(errors: readonly FieldError[], at: At): Problem[] {
  return errors.map(({ path, ...error }) => ({ where: at(...path), ...error }));
}

/** A parameter that is called as a window's end would be taken for it. */
function parameterProblems(owner: string, { parameters }: RolloutConfig, locate: Locate): Problem[] {
  return Object.keys(parameters)
    .filter(isWindowName)
    .map((name) => ({
      where: locate(owner, ["cutover:rollout", "parameters", name]),
      what: `cannot be called ${name}: queries name the ends of their window so`,
      remedy: "Choose another name",
    }));
}

/** A statement that no gate asks for is a validation error: the one that was meant would be missing. */
function signOffProblems(stage: Stage, stages: readonly Stage[], locate: Locate): Problem[] {
  const before = predecessorOf({ stages }, stage);
  // Nothing is promoted out of the last stage: what its exit asks for is stated in its own config.
  const own = stages.some((other) => other.predecessor === stage.name) ? {} : stage.exit;
  const asked = Object.entries({ ...before?.exit, ...stage.entry, ...own }).flatMap(([id, gate]) =>
    kindOf(gate).byPerson ? [id] : [],
  );
  return Object.keys(stage.signOffs)
    .filter((id) => !asked.includes(id))
    .map((id) => ({
      where: locate(stage.name, ["cutover:stage", "signOffs", id]),
      what: "no gate of this promotion asks for it",
      remedy: asked.length > 0 ? `Gates that ask for a sign-off: ${asked.join(", ")}` : "Take it out",
    }));
}

/** What is shorter is no working day, and stands for no day of watching. */
const WORKING_DAY_MINUTES = 6 * 60;

function minutesOf(timeOfDay: string): number {
  const [hour = 0, minute = 0] = timeOfDay.split(":").map(Number);
  return hour * 60 + minute;
}

/** A zone as IANA spells it; undefined where it is none, or in letters that are nobody's. */
function spelledZone(zone: string): string | undefined {
  if (!IANAZone.isValidZone(zone)) return undefined;
  const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions();
  if (timeZone.toLowerCase() === zone.toLowerCase()) return timeZone;
  return /(^|\/)[a-z]/.test(zone) ? undefined : zone;
}

function calendarProblems({ stages, owner, config: { calendar }, locate }: Rows): Problem[] {
  const inCalendar: At = (...path) => locate(owner, ["cutover:rollout", "calendar", ...path]);
  if (!calendar)
    return stages
      .filter(({ soak }) => soak?.includes("business"))
      .map(({ name }) => ({ where: locate(name, ["cutover:stage", "soak"]), ...NO_CALENDAR }));
  const { zone, open, close } = calendar;
  const errors: FieldError[] = [];
  const spelled = spelledZone(zone);
  if (spelled !== zone) {
    const what = `${clipped(zone, 60)} is not ${spelled === undefined ? "a time zone" : "how it is spelled, and other tools take it for UTC"}`;
    errors.push({ path: ["zone"], what, remedy: `Write ${spelled ?? "an IANA name such as Europe/Berlin"}` });
  }
  if (open >= close) {
    const what = `must be later than open (${open}), got ${close}`;
    errors.push({ path: ["close"], what, remedy: "Write times of the same day" });
  } else if (minutesOf(close) - minutesOf(open) < WORKING_DAY_MINUTES) {
    const what = `makes a working day of ${minutesOf(close) - minutesOf(open)} minutes (${open} to ${close}), and a business cycle is never shorter than ${WORKING_DAY_MINUTES / 60} h`;
    errors.push({ path: ["close"], what, remedy: "Write when the office opens and when it closes" });
  }
  const { days, holidays } = calendar;
  const closed =
    errors.length === 0 && closedForAYear({ windows: [{ days, from: open, to: close }], calendar });
  if (closed && holidays) errors.push({ path: ["holidays"], ...closed });
  return located(errors, inCalendar);
}
