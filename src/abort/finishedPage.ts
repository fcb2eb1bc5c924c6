import { field, subjectOf } from "../channels/plain";
import { type Finish, showFinish } from "../rollout/finished";
import { reopen, reopenAll } from "../text/command";
import type { Alarm } from "./alarm";
import { type Message, ofAlarm, pageText, placeOf, sayingSeen } from "./pages";
import type { AbortConfig } from "./switchConfig";

/** What on-call reads where an alarm rings after the finish, and before an `up` has taken it away: the flags stay. */
export function finishedPage(
  config: Pick<AbortConfig, "rollout" | "region" | "stage" | "attempt">,
  alarm: Alarm,
  finish: Finish,
  code?: string,
): Message {
  const { rollout, stage } = config;
  const place = placeOf(config);
  const text = pageText(
    config,
    alarm,
    [field("Done", `nothing: the flags stay, since the rollout is ${showFinish(finish)}`)],
    [
      `Mend what is up. To bring the flags down, which ends the finish: ${reopen(place, stage)}`,
      `All the way down: ${reopenAll(place)}`,
      ...(code === undefined ? [] : [sayingSeen(place, code)]),
    ],
  );
  return {
    subject: subjectOf(`ALARM, finished, flags stay: ${rollout} ${stage} ${alarm.row}`),
    text,
    attributes: ofAlarm("finished", config, alarm),
  };
}
