import { abortsOf } from "../../src/abort/inForce";
import { changes, type FlagValue } from "../../src/flags/flags";
import { showCalendar } from "../../src/gates/calendar";
import { type Gate, kindOf } from "../../src/gates/gate";
import { given } from "../../src/gates/kinds/sql";
import { announcementsOf, recurringOf, timedOf } from "../../src/rollout/config/messages";
import type { RollbackMap, RollbackStep } from "../../src/rollout/config/rollback";
import { predecessorOf, type Rollout, type Stage, stageNamed } from "../../src/rollout/rollout";
import { abort, abortAll, addressed, cutover, type Place, quoted } from "../../src/text/command";
import { showDuration } from "../../src/text/duration";
import { block, quoted as code, table, words as text } from "../../src/text/markdown";

/** The scripts that the rollback's rows name, by file. */
export type Scripts = Readonly<Record<string, string>>;

export function whatChanges(rollout: Rollout, stage: Stage): string[] {
  const before = predecessorOf(rollout, stage);
  const list = changes(rollout.flags, before?.flags ?? {}, stage.flags);
  const rows = Object.entries(stage.flags).map(([flag, value]) => {
    const change = list.find((one) => one.flag === flag);
    const was = change ? shown(change.from) : shown(value);
    return [
      code(flag),
      was,
      change ? `**${shown(value)}**` : shown(value),
      text(rollout.flags[flag]?.title ?? ""),
    ];
  });
  const restarts = (rollout.servers?.ecs ?? []).filter(({ restart }) => restart);
  return [
    ...table(
      ["Flag", before ? `After ${text(before.name)}` : "Off", `After ${text(stage.name)}`, "What it does"],
      rows,
    ),
    "",
    "All flags change in one AppConfig deployment: together, or not at all.",
    ...(restarts.length > 0
      ? ["", `Restarted with them: ${restarts.map(({ service }) => code(service)).join(", ")}.`]
      : []),
    ...(stage.soak === undefined
      ? []
      : [
          "",
          `Before the next stage it has to be live for ${text(stage.soak)} without a break.${alternative(rollout, stage.soak)}`,
        ]),
  ];
}

/** What a business cycle is, where the rollout has a calendar; and how to soak for one instead of a length of time. */
function alternative({ calendar }: Rollout, soak: string): string {
  if (!calendar) return "";
  const cycle = text(showCalendar(calendar));
  if (soak.includes("business")) return ` A business cycle is a whole working day: ${cycle}.`;
  return ` Or for one full business cycle, which is a whole working day (${cycle}): then write ${code("soak: 1 business cycle")} here, and take ${code("atLeast")} out of the next stage's gate on the soak.`;
}

/** Rows of gates, each with how a person can look for themselves. */
export function gateSections(gates: readonly Gate[], place: Place): string[] {
  return gates.flatMap((gate) => {
    const { id, definition } = gate;
    const kind = kindOf(definition);
    const { how, run } = kind.measured(definition);
    return [
      `### ${text(id)}: ${text(definition.title)}`,
      "",
      `- Required: ${text(kind.required(gate))}`,
      `- Measured: ${how}`,
      ...(definition.remedy === undefined ? [] : [`- If not: ${text(addressed(definition.remedy, place))}`]),
      ...(run ? ["", ...run] : []),
      "",
    ];
  });
}

export function abortRows(rollout: Rollout, stage: Stage, place: Place): string[] {
  const views = abortsOf(rollout, stage);
  if (views.length === 0) return ["This stage declares no abort alarms."];
  return views.flatMap(
    ({
      row,
      stage: owner,
      title,
      fires,
      action,
      flags,
      pagedMs,
      downMs,
      remindAfter,
      incident,
      restarts,
    }) => {
      const threshold = stageNamed(rollout, owner)?.abort[row];
      const down = flags
        .map(({ flag, from, to }) => `${code(flag)} ${shown(from)} → ${shown(to)}`)
        .join(", ");
      const itself =
        action === "rollback"
          ? `on-call is paged (≤ ${showDuration(pagedMs)}) and ${down || "no flag"} goes down (≤ ${showDuration(downMs ?? pagedMs)})${restarts ? "; servers that read flags from their environment restart" : ""}`
          : `on-call is paged (≤ ${showDuration(pagedMs)}); no flag changes`;
      return [
        `### ${text(row)}: ${text(title)}`,
        "",
        ...(owner === stage.name
          ? []
          : [`- Of ${text(owner)}, and in force while ${text(stage.name)} is live`]),
        `- Fires: ${text(fires)}${threshold?.probe ? given(threshold.probe.values) : ""}`,
        `- By itself: ${itself}`,
        ...(incident ? ["- By itself: an incident is opened"] : []),
        ...(remindAfter === undefined
          ? []
          : [`- By itself: on-call is reminded after ${remindAfter}, unless they decided`]),
        `- On-call: ${threshold?.runbook === undefined ? "look at the alarm's metric, and decide" : text(addressed(threshold.runbook, place))}`,
        ...(threshold?.probe ? ["", ...block("sql", threshold.probe.query)] : []),
        "",
      ];
    },
  );
}

/** The stage's own ways back, then those from every stage. */
export function rollbackOf(rollout: Rollout, stage: Stage): RollbackMap {
  return { ...stage.rollback, ...rollout.rollback };
}

export function rollbackRows(rollout: Rollout, stage: Stage, scripts: Scripts, place: Place): string[] {
  const declared = Object.entries(rollbackOf(rollout, stage));
  const steps: [string, RollbackStep][] = declared.length > 0 ? declared : [["", UNDECLARED]];
  return steps.flatMap(([row, step]) => {
    const { title, to, sql, within, notes } = step;
    return [
      row === "" ? `### ${text(title)}` : `### ${text(row)}: ${text(title)}`,
      "",
      ...(within === undefined ? [] : [`In less than ${within}.`, ""]),
      ...(notes === undefined ? [] : [text(notes), ""]),
      ...(to === undefined ? [] : [...flagsDown(stage, to, place), ""]),
      ...(sql === undefined ? [] : [...script(sql, scripts, place), ""]),
    ];
  });
}

const UNDECLARED: RollbackStep = { title: "Flags down", to: "predecessor" };

/** AWS credentials are enough: break-glass is not held up by Pulumi. */
function flagsDown(stage: Stage, to: "predecessor" | "off", place: Place): string[] {
  return [
    "With AWS credentials alone; no Pulumi lock, state or policy is in the way, and on-call, ops and stakeholders are told:",
    "",
    ...block("sh", to === "off" ? abortAll(place) : abort(place, stage.name)),
  ];
}

function script(file: string, scripts: Scripts, place: Place): string[] {
  const content = scripts[file];
  return [
    `Only with the flags down. The script is ${code(file)}:`,
    "",
    ...block("sh", cutover(place, "in", `psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f ${quoted(file)}`)),
    ...(content === undefined ? [] : ["", ...block("sql", content)]),
  ];
}

export function messageRows({ messages }: Stage): string[] {
  const rows = [
    ...announcementsOf(messages).map(({ row, message }) => ({
      row,
      message,
      when: "right before the flags change",
    })),
    ...timedOf(messages).map(({ row, message, after }) => ({
      row,
      message,
      when: message.onlyIf
        ? `${after} after, once every exit gate holds`
        : `${after} after, if it is still live`,
    })),
    ...recurringOf(messages).map(({ row, message, every }) => ({
      row,
      message,
      when: `every ${every} while it is live`,
    })),
  ].map(({ row, message, when }) => [
    text(row),
    message.to.map((to) => text(to)).join(", "),
    when,
    `${text(message.title)}${message.text === undefined ? "" : `. ${text(message.text)}`}`,
  ]);
  const rolledBack = [
    "C5",
    "ops, stakeholders",
    "on any rollback",
    "Incident notice: why, scope, and when there is news",
  ];
  return table(["Row", "To", "When", "What"], [...rows, rolledBack]);
}

function shown(value: FlagValue): string {
  return typeof value === "number" ? `${value} %` : String(value);
}
