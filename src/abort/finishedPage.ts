import { type Finish, showFinish } from "../rollout/finished";
import { addressed, reopen, reopenAll } from "../text/command";
import type { Alarm } from "./message";
import { field, type Message, placeOf, subject } from "./pages";
import type { AbortConfig } from "./switchConfig";

/** What on-call reads where an alarm rings after the finish, and before an `up` has taken it away: the flags stay. */
export function finishedPage(
  config: Pick<AbortConfig, "rollout" | "region" | "stage" | "attempt">,
  alarm: Alarm,
  finish: Finish,
): Message {
  const { rollout, stage, attempt } = config;
  const place = placeOf(config);
  const text = [
    `${rollout} ${stage} ${alarm.row}: ${alarm.title}`,
    "",
    field("Rollout", rollout),
    field("Stage", `${stage}, attempt ${attempt}`),
    field("Row", alarm.row),
    field("Observed", alarm.reason),
    field("Limit", alarm.limit),
    field("Since", alarm.at),
    field("Done", `nothing: the flags stay, since the rollout is ${showFinish(finish)}`),
    field("Runbook", addressed(alarm.runbook ?? "no line for this row", place)),
    field("Next", `Mend what is up. To bring the flags down, which ends the finish: ${reopen(place, stage)}`),
    field("", `All the way down: ${reopenAll(place)}`),
  ].join("\n");
  return { subject: subject(`ALARM, finished, flags stay: ${rollout} ${stage} ${alarm.row}`), text };
}
