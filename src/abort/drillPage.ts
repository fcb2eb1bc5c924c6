import { field, subjectOf } from "../channels/plain";
import { codeDigest } from "../flags/acknowledged";
import { ofStage, type Place } from "../text/command";
import type { Alarm } from "./alarm";
import type { DrillOutcome } from "./deployDrill";
import { type Message, placeOf, sayingSeen, shown } from "./pages";
import type { AbortConfig } from "./switchConfig";

const HEADLINE: Readonly<Record<DrillOutcome["kind"], string>> = {
  deployed: "Drill, nothing is wrong",
  repeated: "Drill, nothing is wrong",
  refused: "Drill refused, nothing is wrong",
  failed: "DRILL FAILED",
};

/**
 * What on-call reads of a drill: in the first words, that nothing is wrong. One that was refused or failed has no code: the
 * person who asked for it reads why, and it shows nothing of whether an alarm reaches anybody.
 */
export function drillPage(
  config: Pick<AbortConfig, "rollout" | "region" | "stage" | "attempt">,
  alarm: Alarm,
  outcome: DrillOutcome,
  code?: string,
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
    field("Next", next(placeOf(config), stage, outcome, code)),
  ].join("\n");
  return {
    subject: subjectOf(`${HEADLINE[outcome.kind]}: ${rollout} ${stage}`),
    text,
    attributes: {
      kind: outcome.kind === "failed" ? "drill-failed" : "drill",
      rollout,
      stage,
      row: alarm.row,
      ...(code === undefined ? {} : { page: codeDigest(config, code) }),
    },
  };
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

function next(place: Place, stage: string, { kind }: DrillOutcome, code: string | undefined): string {
  const again = ofStage(place, "drill", stage);
  if (kind === "failed") return `An abort would fail likewise: look at the switch's log, then ${again}`;
  if (kind === "refused") return `Drill again later: ${again}`;
  return code === undefined ? "nothing to do" : sayingSeen(place, code);
}
