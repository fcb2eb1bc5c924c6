import { type AbortView, abortsOf } from "../../src/abort/inForce";
import { alarmName } from "../../src/aws/names";
import { probeName } from "../../src/aws/probeNames";
import { alarmsLine, newestLine } from "../../src/aws/typed";
import { showValue } from "../../src/flags/flags";
import { psql } from "../../src/gates/byHand";
import { elsewhereByHand } from "../../src/gates/elsewhere/typed";
import { fillIn } from "../../src/gates/placeholders";
import type { AbortThreshold } from "../../src/rollout/config/abortRow";
import { firstToMend } from "../../src/rollout/config/reconcile";
import { staysDown } from "../../src/rollout/contracted";
import { downTo, type Rollout, type Stage, stageNamed } from "../../src/rollout/rollout";
import { abortAs, addressed, addressedLine, dismiss, type Place, release } from "../../src/text/command";
import { milliseconds, showDuration } from "../../src/text/duration";
import { quoted as code, shell, table, words as text } from "../../src/text/markdown";
import { command, word } from "../../src/text/shell";
import { keptBy } from "./kept";

/** What decides, and who does what then: all rows in one table, and each with what to type. */
export function abortSections(rollout: Rollout, stage: Stage, place: Place): string[] {
  const views = abortsOf(rollout, stage);
  const contracted = staysDown(rollout, stage);
  const stays = contracted === undefined ? [] : ["", `${text(contracted)}.`];
  if (views.length === 0) return ["This stage declares no abort alarms.", ...stays];
  return [
    ...table(
      ["Row", "When", "By itself", "You"],
      views.map((view) => criterion(rollout, view, place)),
    ),
    "",
    ...views.flatMap((view) => abortSection(rollout, stage, view, place)),
    `After an abort the stage ${keptBy(rollout, stage) === undefined ? "stays down" : "is not promoted again"} until ${code("attempt")} rises above ${stage.attempt} in ${code(`Pulumi.${stage.name}.yaml`)}, with new sign-offs.`,
    ...stays,
  ];
}

function rowOf(rollout: Rollout, { stage, row }: AbortView): AbortThreshold | undefined {
  return stageNamed(rollout, stage)?.abort[row];
}

const NO_LINE = "look at the alarm's metric, and decide";

function criterion(rollout: Rollout, view: AbortView, place: Place): string[] {
  const { row, title, incident } = view;
  const itself = [down(view), ...(incident ? ["an incident is opened"] : []), ...later(view)];
  return [
    text(row),
    text(title),
    itself.join("; "),
    text(addressed(rowOf(rollout, view)?.runbook ?? NO_LINE, place)),
  ];
}

function down(view: AbortView): string {
  if (view.action === "page") return `page; no flag changes${view.undecided ? " yet" : ""}`;
  return `page; ${lowered(view)}`;
}

function lowered({ flags, reach, behindDoor, kept }: AbortView): string {
  const changed =
    flags.map(({ flag, from, to }) => `${code(flag)} ${showValue(from)} → ${showValue(to)}`).join(", ") ||
    "no flag goes down";
  const down = reach === undefined || flags.length === 0 ? changed : `${changed} (${text(reach)})`;
  if (behindDoor === "freeze") return `${down}, and the rollout is held (freeze)`;
  return behindDoor === "revert" && kept !== undefined ? `${down} (revert to the floor)` : down;
}

/** What comes of a page that nobody decided about in time. */
function later(view: AbortView): string[] {
  const { remindAfter, undecided } = view;
  if (remindAfter === undefined) return [];
  return [
    undecided === "rollback"
      ? `after ${remindAfter}, unless somebody decided: ${lowered(view)}`
      : `after ${remindAfter}, unless somebody decided: on-call is reminded`,
  ];
}

const RESTARTING = "; servers that read flags from their environment restart";

function abortSection(rollout: Rollout, stage: Stage, view: AbortView, place: Place): string[] {
  const { row, stage: owner, title, fires, pagedMs, downMs, incident, restarts, kept } = view;
  const frozen = view.behindDoor === "freeze";
  const declared = rowOf(rollout, view);
  const fast = downMs === undefined ? "" : `, down ≤ ${showDuration(downMs)}`;
  const restarting = downMs !== undefined && restarts ? RESTARTING : "";
  const itself = `${down(view)} (paged ≤ ${showDuration(pagedMs)}${fast})${restarting}`;
  return [
    `### ${text(row)}: ${text(title)}`,
    "",
    ...(owner === stage.name ? [] : [`- Of ${text(owner)}, and in force while ${text(stage.name)} is live`]),
    `- Fires: ${code(fires)}`,
    `- By itself: ${itself}`,
    ...(kept === undefined ? [] : [`- Kept: ${text(kept)}. Its stop is recorded; mend what is up`]),
    ...(frozen ? ["- Held: nothing goes up before somebody has looked, and released it"] : []),
    ...(incident ? ["- By itself: an incident is opened"] : []),
    ...later(view).map(
      (one) => `- By itself: ${one}${view.undecided === "rollback" && restarts ? RESTARTING : ""}`,
    ),
    `- On-call: ${declared?.runbook === undefined ? NO_LINE : text(addressed(declared.runbook, place))}`,
    "",
    ...(declared ? shell(linesOf(rollout, view, declared, place)) : []),
    "",
  ];
}

/** The alarm, its signal, and what the row says to look at. */
function linesOf(
  { name, parameters, database, sources = {}, abortTo, stages }: Rollout,
  { row, stage, behindDoor }: AbortView,
  declared: AbortThreshold,
  place: Place,
): string[] {
  const { to, flags: only } = declared;
  const goes = downTo({ abortTo }, stageNamed({ stages }, stage) ?? {}, { to });
  const previous = goes === "previous";
  const byHand = abortAs(place, stage, { previous, to: only ? goes : to, only });
  const { probe, metric, lookAt = [] } = declared;
  const alarms = [alarmName(name, stage, row), ...(declared.alarm === undefined ? [] : [declared.alarm])];
  const signal = () => {
    if (declared.compares)
      return [
        psql(
          { query: firstToMend(declared.compares, declared.reconcile?.count), values: [] },
          { schema: database?.schema },
        ),
        // What the probe says of it itself, with keys of rows that differ.
        command(
          "aws logs tail",
          word(`/aws/lambda/${probeName(name, stage)}`),
          "--since 10m --filter-pattern reconciled",
          ...(place.region === undefined ? [] : [`--region ${word(place.region)}`]),
        ),
      ];
    if (probe && "from" in probe) return elsewhereByHand(probe, sources[probe.from]);
    if (probe) {
      const values = probe.values.map((value) => fillIn(value, parameters));
      return [psql({ ...probe, values }, { schema: database?.schema })];
    }
    if (!metric) return [];
    const { period, ...source } = metric;
    return [newestLine(source, milliseconds(period) / 1_000, place.region)];
  };
  return [
    alarmsLine(alarms, place.region),
    ...signal(),
    ...lookAt.map((line) => addressedLine(line, place)),
    // A page that waits for a decision: one line for each.
    ...(declared.remind ? [byHand, dismiss(place, stage, row)] : []),
    ...(behindDoor === "freeze" ? [release(place)] : []),
  ];
}
