import { exitGatesOf, gatesFor, smokeGatesOf } from "../../src/promotion/resolve";
import { showRelease } from "../../src/rollout/config/release";
import { lastStage } from "../../src/rollout/finishing";
import { predecessorOf, type Rollout, type Stage } from "../../src/rollout/rollout";
import {
  abort,
  finish,
  leftToDo,
  ofStack,
  ofStage,
  type Place,
  reopen,
  status,
} from "../../src/text/command";
import { quoted as code, shell, words as text } from "../../src/text/markdown";
import { abortSections } from "./aborts";
import { rollbackSections, type Scripts } from "./back";
import { dataSection } from "./data";
import { doorSection } from "./doors";
import { gateSections, inPlansOrder, signOffs } from "./gates";
import { handOf } from "./hand";
import { keptBy } from "./kept";
import { messageRows, queries, readers, whatChanges } from "./sections";
import { liveSinceLine, setup } from "./setup";

/**
 * The runbook of one stage for people, as Markdown: how the flags come down, what it changes, what must hold, what
 * happens by itself, and every line to be typed, from wherever it is read. Pure: the same config makes the same bytes,
 * so it never says anything else than what is deployed.
 */
export function renderRunbook(
  rollout: Rollout,
  stage: Stage,
  scripts: Scripts,
  place: Place = { rollout: rollout.name },
): string {
  const before = predecessorOf(rollout, stage);
  const kept = keptBy(rollout, stage);
  const title = stage.title === undefined ? "" : `: ${text(stage.title)}`;
  const body = [
    ...gates(rollout, stage, place),
    "## Abort",
    "",
    ...abortSections(rollout, stage, place),
    "",
    "## Roll back by hand",
    "",
    ...rollbackSections(rollout, stage, scripts, place),
    ...dataSection(rollout, stage, place),
    "## Who is told",
    "",
    ...messageRows(stage),
    "",
    ...readers(rollout, stage),
    "",
    ...(Object.keys(stage.abort).length > 0
      ? [
          `The page of an alarm ends with a line to type, by which somebody says that they saw it; ${code(status(place))} tells whether anybody did.`,
        ]
      : []),
    ...ending(rollout, stage, place),
  ];
  const lines = [
    `# Runbook of ${text(rollout.name)}, ${text(stage.name)}${title}`,
    "",
    `Written by ${code(ofStage(place, "runbook", stage.name))} from ${code(`Pulumi.${stage.name}.yaml`)}: change that file, not this one.`,
    ...(rollout.release ? [`Release ${text(showRelease(rollout.release))}.`] : []),
    `Attempt ${stage.attempt}${before ? `, after ${text(before.name)}` : ""}.`,
    "",
    ...doorSection(rollout, stage, place),
    "## If something is wrong now",
    "",
    before
      ? `The first line ${kept === undefined ? "brings the flags of this stage down" : "stops this attempt, and is no way back"}; it needs nothing but AWS credentials. The second says what is the matter. What each alarm means stands under Abort.${kept === undefined ? "" : ` Once every server is given the flags of this stage, ${kept}`} Where the rollout is finished, which the second says first, it asks for ${code("--reopen")}.`
      : "Nothing of this rollout is up yet. This says how it stands:",
    "",
    ...shell([...(before ? [abort(place, stage.name)] : []), ofStage(place, "status", stage.name)]),
    "",
    ...setup(rollout, stage, place, body),
    "## What changes",
    "",
    ...whatChanges(rollout, stage, place),
    "",
    ...body,
  ];
  return `${lines
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
}

/** How it ends well, in the last stage's runbook; whether it did already, the status says. */
function ending(rollout: Rollout, stage: Stage, place: Place): string[] {
  if (stage.name !== lastStage(rollout).name || predecessorOf(rollout, stage) === undefined) return [];
  return [
    "",
    "## Finish",
    "",
    "Once every exit gate passes, nothing is held and no alarm rings. The flags stay; then each stage is brought up once more, and destroyed:",
    "",
    ...shell([finish(place), ...leftToDo(rollout, place)]),
    "",
    "From then on an abort is refused, unless it says that it ends the finish:",
    "",
    ...shell([reopen(place, stage.name)]),
  ];
}

/** From before the flip up to the next stage. */
function gates(rollout: Rollout, stage: Stage, place: Place): string[] {
  const before = predecessorOf(rollout, stage);
  const held = gatesFor(rollout, stage);
  const own = held.filter(({ phase }) => phase === "entry");
  const inherited = held.filter(({ phase }) => phase === "exit");
  const all = smokeGatesOf(rollout, stage);
  const { entry, smoke, exit } = inPlansOrder({ entry: own, smoke: all, exit: exitGatesOf(rollout, stage) });
  const hand = handOf(rollout, stage, place);
  const elsewhere = all.filter((gate) => !smoke.includes(gate)).map(({ id }) => text(id));
  const kept = keptBy(rollout, stage);
  const drill = Object.keys(stage.abort).length > 0 ? [ofStage(place, "drill", stage.name)] : [];
  return [
    "## Before: what must hold",
    "",
    ...(entry.length > 0 ? gateSections(entry, hand) : ["Nothing is asked for before this stage.", ""]),
    ...(inherited.length > 0 && before
      ? [
          `And the exit gates of ${text(before.name)}: ${inherited.map(({ id }) => text(id)).join(", ")}. They are in its runbook; ${code(ofStage(place, "check", before.name))} measures them.`,
          "",
        ]
      : []),
    ...signOffs(stage, [...own, ...inherited]),
    "## Promote",
    "",
    ...shell([ofStack(place, "preview", stage.name), ofStack(place, "up", stage.name), ...drill]),
    "",
    "The preview names every gate that does not pass, and the earliest time at which it could. Nothing is touched while one does not.",
    "",
    "Once the flags have changed, lines below count from this flip:",
    "",
    ...shell([liveSinceLine(place)]),
    "",
    "## After: smoke checks",
    "",
    ...(all.length > 0
      ? [
          `They run by themselves within 15 minutes of the flip. One that fails ${kept === undefined ? "takes the flags down again." : `fails the run, stops the attempt and pages on-call: ${kept}`}`,
          ...(elsewhere.length > 0
            ? [`So does ${elsewhere.join(" and ")}, which stands in its own place.`]
            : []),
          "",
          ...gateSections(smoke, hand),
        ]
      : ["This stage declares none.", ""]),
    ...queries(rollout, stage, place),
    "## While it is live",
    "",
    ...(exit.length > 0 ? gateSections(exit, hand) : ["Nothing is asked for before the next stage.", ""]),
    `${exit.length > 0 ? "All of them at once, after how the stage stands" : "How the stage stands"}:`,
    "",
    ...shell([
      ofStage(place, "status", stage.name),
      ...(exit.length > 0 ? [ofStage(place, "check", stage.name)] : []),
    ]),
    "",
  ];
}
