import { ofStage } from "../text/command";
import type { DrillOutcome } from "./drill";
import type { Alarm } from "./message";
import { field, type Message, placeOf, shown, subject } from "./pages";
import type { AbortConfig } from "./switchConfig";

const HEADLINE: Readonly<Record<DrillOutcome["kind"], string>> = {
  deployed: "Drill, nothing is wrong",
  repeated: "Drill, nothing is wrong",
  refused: "Drill refused, nothing is wrong",
  failed: "DRILL FAILED",
};

/** What on-call reads of a drill: in the first words, that nothing is wrong. */
export function drillPage(
  config: Pick<AbortConfig, "rollout" | "region" | "stage" | "attempt">,
  alarm: Alarm,
  outcome: DrillOutcome,
): Message {
  const { rollout, stage, attempt } = config;
  const text = [
    `${rollout} ${stage}: a drill of the alarm path. No flag changes.`,
    "",
    field("Rollout", rollout),
    field("Stage", `${stage}, attempt ${attempt}`),
    field("Row", alarm.row),
    field("Observed", alarm.reason),
    field("Since", alarm.at),
    ...deeds(outcome),
    field("Next", next(ofStage(placeOf(config), "drill", stage), outcome)),
  ].join("\n");
  return { subject: subject(`${HEADLINE[outcome.kind]}: ${rollout} ${stage}`), text };
}

function deeds(outcome: DrillOutcome): string[] {
  switch (outcome.kind) {
    case "deployed":
      return [
        field("Done", `deployed ${outcome.deployment}, the same flags, in ${outcome.ms} ms`),
        field("Flags", shown(outcome.flags)),
      ];
    case "repeated":
      return [
        field("Done", `nothing more: deployment ${outcome.deployment} is this drill's`),
        field("Flags", shown(outcome.flags)),
      ];
    case "refused":
      return [field("Done", `nothing: ${outcome.why}`)];
    case "failed":
      return [field("Done", `FAILED: ${outcome.why}`)];
  }
}

function next(again: string, { kind }: DrillOutcome): string {
  if (kind === "failed") return `An abort would fail likewise: look at the switch's log, then ${again}`;
  return kind === "refused" ? `Drill again later: ${again}` : "nothing to do";
}
