import { field, subjectOf } from "../channels/plain";
import type { Alarm } from "./alarm";
import { type Done, type Message, ofAlarm, scopeOf, shown } from "./pages";
import type { AbortConfig } from "./switchConfig";

/**
 * What opens an incident: what is wrong, since when, by which row, how far it reaches, what was done. Its attributes
 * let a subscription take incidents alone; two messages with the same `incident` are about the same one.
 */
export function incident(
  config: Pick<AbortConfig, "rollout" | "stage" | "attempt" | "specs">,
  alarm: Alarm,
  done: Done,
): Message {
  const { rollout, stage, attempt } = config;
  const key = `${rollout}-${stage}-${alarm.row}-${Date.parse(alarm.at)}`;
  const text = [
    `${rollout} ${stage} ${alarm.row}: ${alarm.title}`,
    "",
    field("Incident", key),
    field("What", alarm.title),
    field("Observed", alarm.reason),
    field("Limit", alarm.limit),
    field("Since", alarm.at),
    field("Row", `${alarm.row} of ${stage}, attempt ${attempt}`),
    field("Scope", scopeFor(config, done)),
    field("Runbook", alarm.runbook ?? "no line for this row"),
  ].join("\n");
  return {
    subject: subjectOf(`Incident opened: ${rollout} ${stage} ${alarm.row}`),
    text,
    attributes: { ...ofAlarm("incident", config, alarm), incident: key },
  };
}

function scopeFor({ specs }: Pick<AbortConfig, "specs">, done: Done): string {
  switch (done.kind) {
    case "lowered":
      return scopeOf(specs, done.outcome) || `the flags are at ${shown(done.outcome.after)}`;
    case "nothing":
      return done.outcome.kept === undefined
        ? `the flags were down already, at ${shown(done.outcome.after)}`
        : `NOT contained: no flag was lowered (${done.outcome.kept})`;
    case "page-only":
      return "the flags are as they were: whoever has them is affected until somebody decides";
    case "failed":
      return `NOT contained: the flags could not be lowered (${done.reason})`;
  }
}
