import { type Gate, kindOf } from "../../src/gates/gate";
import { exitGatesOf, gatesFor, smokeGatesOf } from "../../src/promotion/resolve";
import { signOffYaml } from "../../src/promotion/signOffs";
import { showRelease } from "../../src/rollout/config/release";
import { predecessorOf, type Rollout, type Stage } from "../../src/rollout/rollout";
import { ofStack, ofStage, type Place } from "../../src/text/command";
import { block, quoted as code, words as text } from "../../src/text/markdown";
import { abortRows, gateSections, messageRows, rollbackRows, type Scripts, whatChanges } from "./sections";

/**
 * The runbook of one stage for people, as Markdown: what it changes, what must hold, what happens by itself, and
 * every command to be typed, from wherever it is read. Pure: the same config makes the same bytes, so it never says anything else than what
 * is deployed.
 */
export function renderRunbook(
  rollout: Rollout,
  stage: Stage,
  scripts: Scripts,
  place: Place = { rollout: rollout.name },
): string {
  const before = predecessorOf(rollout, stage);
  const entry = gatesFor(rollout, stage);
  const own = entry.filter(({ phase }) => phase === "entry");
  const inherited = entry.filter(({ phase }) => phase === "exit");
  const smoke = smokeGatesOf(rollout, stage);
  const exit = exitGatesOf(rollout, stage);
  const title = stage.title === undefined ? "" : `: ${text(stage.title)}`;
  const lines = [
    `# Runbook of ${text(rollout.name)}, ${text(stage.name)}${title}`,
    "",
    `Written by ${code(ofStage(place, "runbook", stage.name))} from ${code(`Pulumi.${stage.name}.yaml`)}: change that file, not this one.`,
    ...(rollout.release ? [`Release ${text(showRelease(rollout.release))}.`] : []),
    `Attempt ${stage.attempt}${before ? `, after ${text(before.name)}` : ""}.`,
    "",
    "## What changes",
    "",
    ...whatChanges(rollout, stage),
    "",
    "## Before: what must hold",
    "",
    ...gatesOr(own, place, "Nothing is asked for before this stage."),
    ...(inherited.length > 0 && before
      ? [
          `And the exit gates of ${text(before.name)}: ${inherited.map(({ id }) => text(id)).join(", ")}. They are in its runbook; ${code(ofStage(place, "check", before.name))} measures them.`,
          "",
        ]
      : []),
    ...signOffs(stage, [...own, ...inherited]),
    "## Promote",
    "",
    ...block("sh", promotion(stage, place)),
    "",
    "The preview names every gate that does not pass, and the earliest time at which it could. Nothing is touched while one does not.",
    "",
    "## After: smoke checks",
    "",
    ...(smoke.length > 0
      ? [
          "They run by themselves within 15 minutes of the flip. One that fails takes the flags down again.",
          "",
          ...gateSections(smoke, place),
        ]
      : ["This stage declares none.", ""]),
    "## While it is live",
    "",
    ...gatesOr(exit, place, "Nothing is asked for before the next stage."),
    ...block("sh", `${ofStage(place, "status", stage.name)}\n${ofStage(place, "check", stage.name)}`),
    "",
    "## Abort",
    "",
    ...abortRows(rollout, stage, place),
    "",
    `After an abort the stage stays down until ${code("attempt")} rises above ${stage.attempt} in ${code(`Pulumi.${stage.name}.yaml`)}, with new sign-offs.`,
    "",
    "## Roll back by hand",
    "",
    ...rollbackRows(rollout, stage, scripts, place),
    "## Who is told",
    "",
    ...messageRows(stage),
  ];
  return `${lines
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
}

function gatesOr(gates: readonly Gate[], place: Place, otherwise: string): string[] {
  return gates.length > 0 ? gateSections(gates, place) : [otherwise, ""];
}

function promotion(stage: Stage, place: Place): string {
  const drill = Object.keys(stage.abort).length > 0 ? [ofStage(place, "drill", stage.name)] : [];
  return [ofStack(place, "preview", stage.name), ofStack(place, "up", stage.name), ...drill].join("\n");
}

/** The YAML that people's statements are pasted into. */
function signOffs(stage: Stage, gates: readonly Gate[]): string[] {
  const asked = gates.filter(({ definition }) => kindOf(definition).byPerson);
  if (asked.length === 0) return [];
  const ids = asked.map(({ id }) => id);
  const yaml = signOffYaml(stage.name, stage.attempt, ids, `${stage.predecessor ?? stage.name} went live`);
  return [
    "Statements of people, reviewed with the pull request that promotes the stage:",
    "",
    ...block("yaml", yaml.join("\n")),
    "",
  ];
}
