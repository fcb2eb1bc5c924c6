import { showFlags } from "../../flags/flags";
import { milliseconds, showDuration } from "../../text/duration";
import type { Gate, SnapshotGate } from "../gate";
import {
  CLOCK_SKEW_MS,
  type Found,
  fail,
  inconclusive,
  type JudgeContext,
  pass,
  type SeenOf,
  showTime,
} from "../verdict";

/** Abort alarms, now and during the soak. */
export function judgeAlarms(gate: Gate, seen: SeenOf<"alarms">): Found {
  const rows = Object.keys(gate.alarms ?? {});
  // All that was seen of a row counts: of two answers, the worse one.
  const states = rows.flatMap((row): { row: string; alarm: (typeof seen.alarms)[number] | undefined }[] => {
    const own = seen.alarms.filter((alarm) => alarm.row === row);
    return own.length > 0 ? own.map((alarm) => ({ row, alarm })) : [{ row, alarm: undefined }];
  });
  const list = (some: typeof states) => some.map(({ row }) => row).join(", ");
  const firing = states.filter(({ alarm }) => alarm?.state === "ALARM");
  if (firing.length > 0) return fail(`in ALARM now: ${list(firing)}`, "Mend what the alarm is about");
  const fired = states.filter(({ alarm }) => alarm?.firedAt !== undefined);
  if (fired.length > 0) {
    const when = fired.map(({ row, alarm }) => `${row} at ${showTime(alarm?.firedAt ?? "")}`).join(", ");
    return fail(
      `fired during the soak: ${when}`,
      "Find the cause, then raise the attempt of the live stage: its soak starts anew",
    );
  }
  const silent = states.filter(({ alarm }) => alarm === undefined || alarm.state === "missing");
  if (silent.length > 0)
    return inconclusive(
      `not there: ${list(silent)}`,
      "Bring the live stage up again, so that its alarms exist",
    );
  const blind = states.filter(({ alarm }) => alarm?.state !== "OK");
  if (blind.length > 0)
    return inconclusive(`without data: ${list(blind)}`, "Find out why the app does not publish the metric");
  if (rows.length === 0)
    return inconclusive(
      "the live stage declares no abort alarm",
      "Declare abort thresholds, or take the gate out",
    );
  return pass(`all ${rows.length} quiet since ${showTime(seen.since)}`);
}

/** The flags that servers report. */
export function judgeServers(gate: Gate, seen: SeenOf<"servers">): Found {
  if (seen.servers.length === 0)
    return inconclusive("no server is listed", "List the servers under servers: in cutover:rollout");
  const expected = Object.entries(gate.flags ?? {});
  if (expected.length === 0)
    return inconclusive(
      "it is not known which flags they should report",
      "Measure again with this version of cutover",
    );
  const missing = unasked(gate.servers, seen);
  if (missing.length > 0)
    return inconclusive(
      `not asked: ${missing.join(", ")}`,
      "Run pulumi up again, so that every server is asked",
    );
  const odd = seen.servers.filter(
    ({ flags }) => !flags || expected.some(([flag, value]) => flags[flag] !== value),
  );
  if (odd.length === 0) return pass(`all ${seen.servers.length} servers`);
  const words = odd.map(
    ({ server, flags, error }) => `${server}: ${error ?? (flags ? showFlags(flags) : "no answer")}`,
  );
  return fail(
    `${odd.length} of ${seen.servers.length} do not: ${words.join("; ")}`,
    "Restart the servers that read flags from the environment, and look at the others' logs",
  );
}

/** Servers that config lists and the observation leaves out. */
function unasked(listed: Gate["servers"], { servers }: SeenOf<"servers">): string[] {
  if (!listed) return [];
  const asked = new Set(servers.map(({ server }) => server));
  const missing = listed.urls.filter((server) => !asked.has(server));
  // Which tasks a service has, only the observation can tell; that it has one, config does.
  const tasks = servers.length - (listed.urls.length - missing.length);
  return tasks < listed.ecs.length ? [...missing, ...listed.ecs] : missing;
}

/** A person's statement. */
export function judgeSignOff(seen: SeenOf<"signOff">, { now, attempt }: JudgeContext): Found {
  const at = Date.parse(seen.at);
  const said = `${seen.by}, ${showTime(seen.at)}: ${seen.statement}`;
  const again = "Ask for a new statement, made now, and put it under signOffs";
  if (seen.attempt !== attempt) return fail(`made for attempt ${seen.attempt} (${said})`, again);
  if (!(at <= now)) return fail(`dated in the future (${said})`, again);
  if (!(at >= Date.parse(seen.liveSince)))
    return fail(`made before the stage went live at ${showTime(seen.liveSince)} (${said})`, again);
  if (seen.expires !== undefined && !(Date.parse(seen.expires) > now))
    return fail(`expired at ${showTime(seen.expires)} (${said})`, again);
  if (seen.by.trim() === "" || seen.statement.trim() === "")
    return inconclusive("it does not say who states what", again);
  return pass(said);
}

/** The promotion's own snapshot. */
export function judgeSnapshot(
  gate: Gate,
  definition: SnapshotGate,
  seen: SeenOf<"snapshot">,
  { now }: JudgeContext,
): Found {
  const wanted = gate.snapshot;
  const again = "Raise the attempt, so that a new snapshot is taken";
  if (!wanted) return inconclusive("the stage declares no snapshot", "Add snapshot: to cutover:stage");
  if (seen.id !== wanted.id || seen.of !== wanted.of)
    return fail(`${seen.id} of ${seen.of} is another snapshot`, again);
  if (seen.status !== "available")
    return fail(`${seen.id} is ${seen.status}`, "Wait until it is available, then run pulumi up again");
  const age = now - Date.parse(seen.createdAt ?? "");
  if (!(age >= -CLOCK_SKEW_MS)) return inconclusive(`${seen.id}: it is not known when it was taken`, again);
  if (age > milliseconds(definition.maxAge))
    return fail(`${seen.id} was taken ${showDuration(age)} ago`, again);
  return pass(`${seen.id}, taken ${showDuration(Math.max(0, age))} ago`);
}
