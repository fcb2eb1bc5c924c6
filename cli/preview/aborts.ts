import type { AbortView } from "../../src/abort/inForce";
import { showValue } from "../../src/flags/flags";
import { showDuration } from "../../src/text/duration";
import { code, quoted, row, text } from "../../src/text/markdown";
import type { Section } from "./fit";
import type { PreviewView } from "./view";

/** What happens by itself after the flip: smoke checks, then every abort row that is in force. */
export function aborts({
  aborts: all,
  smoke,
  smokeKept,
  contracted,
  stage,
  commands,
}: PreviewView): Section | undefined {
  if (all.length === 0 && smoke.length === 0) return undefined;
  const after =
    smoke.length === 0
      ? []
      : [
          "",
          `After the flip: ${smoke.map(code).join(", ")}, within 15 minutes. One that fails ${
            smokeKept === undefined
              ? "takes the flags down again"
              : `stops the attempt and pages on-call: ${text(smokeKept, 500)}`
          }.`,
        ];
  const columns = ["row", "what is wrong", "fires when", "then", "at most"];
  const table = all.length === 0 ? [] : ["", row(columns), row(columns.map(() => "---"))];
  return {
    name: "aborts",
    head: ["", `### If ${code(stage)} goes wrong`, ...after, ...table],
    items: all.map((abort) => abortRow(abort, stage)),
    tail: [
      ...(contracted === undefined ? [] : ["", `${text(contracted, 500)}.`]),
      ...(all.length === 0 || !commands ? [] : ["", `By hand, at any time: ${quoted(commands.abort)}.`]),
    ],
  };
}

function abortRow(abort: AbortView, stage: string): string {
  const { row: id, title, fires, action, pagedMs, downMs, remindAfter, undecided } = abort;
  const does = [
    "pages on-call",
    ...(action === "page" ? [] : [lowered(abort)]),
    ...(abort.incident ? ["opens an incident"] : []),
    ...(remindAfter === undefined || undecided ? [] : [`reminds on-call after ${text(remindAfter)}`]),
    ...(undecided ? [`${lowered(abort)} where nobody decided within ${text(remindAfter ?? "")}`] : []),
    ...(action === "page" && !undecided ? ["the flags stay"] : []),
  ].join("; ");
  const fast =
    downMs === undefined
      ? `${showDuration(pagedMs)} to the page`
      : `${showDuration(downMs)} to flags off${abort.restarts ? ", or a restart of the servers" : ""}`;
  const of = abort.stage === stage ? "" : ` of ${code(abort.stage)}`;
  return row([`${code(id)}${of}`, text(title), text(fires), does, fast]);
}

/** Behind a door each row says which of the two it does there. */
function lowered({ flags, reach, behindDoor, kept }: AbortView): string {
  const changed = flags
    .map(({ flag, from, to }) => `${code(flag)} ${showValue(from)} → ${showValue(to)}`)
    .join(", ");
  const down = reach === undefined || changed === "" ? changed : `${changed} (${text(reach, 500)})`;
  const why = kept === undefined ? "" : `: ${text(kept, 500)}`;
  if (behindDoor === "freeze") return `freezes every flag where it is, and holds the rollout${why}`;
  const lowers = `lowers ${down || (kept === undefined ? "nothing: the flags are at the floor already" : "nothing")}`;
  return behindDoor === "revert" && kept !== undefined ? `${lowers} (reverts to the floor)${why}` : lowers;
}
