import { setTimeout as sleep } from "node:timers/promises";
import { failed } from "../aws/failure";
import type { LogLines } from "../aws/logLines";
import { type Flags, showFlags } from "../flags/flags";
import type { Seen } from "../gates/observation";
import type { AfterAbort } from "../rollout/config/afterAbort";
import { quoted } from "../text/command";
import { counted } from "../text/counted";
import { milliseconds, showDuration } from "../text/duration";
import { reasonOf } from "../text/problem";
import type { ServerReport } from "./drillServers";
import type { AbortOutcome } from "./request";

/** What is followed once the flags are down. */
export interface Following {
  /** The flags that servers have to report. */
  readonly flags: Flags;
  readonly after: AfterAbort | undefined;
  readonly region: string;
}

/** The world that is looked at. Every part may be out of reach: the flags are down whatever becomes of this. */
export interface FollowWorld {
  /** What each server says, all asked at once; none where the rollout lists none. Throws where they cannot be asked. */
  servers(): Promise<readonly ServerReport[]>;
  /** What the query for work in flight yields. */
  count(): Promise<Seen>;
  /** What sources that stages compare do not agree about; none where none are. Throws where they cannot be asked. */
  differences(): Promise<readonly Differing[]>;
  /** The lines of the app's log that match since the servers were waited for. Throws where it cannot be read. */
  logged(logs: NonNullable<AfterAbort["logs"]>): Promise<LogLines>;
  print(line: string): void;
  /** Between two looks, in ms. */
  readonly pause: number;
  /** Monotonic, in ms. */
  now(): number;
}

/** Two sources of the same thing, once the flags are down. */
export interface Differing {
  readonly title: string;
  /** How many rows differ. */
  readonly seen: Seen;
  /** The line that names them, to be typed. */
  readonly line: string;
}

/** Servers poll every 45 s at most, or are restarted. */
const SERVERS_MS = 120_000;
/** A database that fails over answers again before this many looks are over. */
const FAILURES = 5;
/** A line at least so often while nothing changes, so that it does not look stuck. */
const SIGN_OF_LIFE_MS = 30_000;

/**
 * What there is to follow of an abort. `nothing` where an irreversible stage kept all flags as they were; `servers` where
 * it kept some: what is declared to come after an abort comes of all of them down.
 */
export function followable({ before, after, kept }: AbortOutcome): "all" | "servers" | "nothing" {
  if (kept === undefined) return "all";
  const flags = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...flags].every((flag) => before?.[flag] === after?.[flag]) ? "nothing" : "servers";
}

/** What could be confirmed. */
export interface Followed {
  readonly servers: "agreed" | "open" | "unknown";
  readonly logs: "confirmed" | "silent" | "unknown";
  readonly inFlight: "none" | "left" | "unknown";
}

/**
 * Follows an abort to its end: until every server reports the lowered flags, then until the app's log confirms it, then
 * until work that had begun is finished, each with a limit; then says what to look at first. Never throws: what cannot be known is said.
 */
export async function follow(what: Following, world: FollowWorld): Promise<Followed> {
  const servers = await untilServers(what.flags, world);
  const logs = await untilLogged(what, world);
  const inFlight = await untilFinished(what, world);
  await sayDifferences(world);
  const lookAt = what.after?.lookAt ?? [];
  if (lookAt.length > 0) world.print("To look at first:");
  for (const line of lookAt) world.print(`  ${line}`);
  return { servers, logs, inFlight };
}

async function untilServers(flags: Flags, world: FollowWorld): Promise<Followed["servers"]> {
  const { print, pause, now } = world;
  const line = changing(print, now);
  let failures = 0;
  for (const ends = now() + SERVERS_MS; ; await sleep(pause)) {
    const told = await world.servers().catch((error: unknown) => reasonOf(error));
    if (typeof told === "string") {
      if (++failures < FAILURES && now() + pause <= ends) continue;
      print(`Servers: unknown, they cannot be asked (${told})`);
      return "unknown";
    }
    failures = 0;
    if (told.length === 0) {
      print("Servers: unknown, the rollout lists none");
      return "unknown";
    }
    const late = told.filter((one) => !agrees(one, flags));
    if (late.length === 0) {
      print(`Servers: all ${told.length} report ${showFlags(flags)}`);
      return "agreed";
    }
    const words = late.map(({ server, error }) => `${server} (${error ?? "has the flags of before"})`);
    if (now() + pause > ends) {
      print(
        `WARNING: after ${showDuration(SERVERS_MS)}, ${late.length} of ${told.length} servers do not report the flags: ${words.join(", ")}. Restart them`,
      );
      return "open";
    }
    line(
      `Servers: ${told.length - late.length} of ${told.length} report the flags; waiting for ${words.join(", ")}`,
    );
  }
}

function agrees({ flags, error }: ServerReport, expected: Flags): boolean {
  return error === undefined && Object.entries(expected).every(([flag, value]) => flags?.[flag] === value);
}

async function untilLogged({ after, region }: Following, world: FollowWorld): Promise<Followed["logs"]> {
  const { print, pause, now } = world;
  const { logs } = after ?? {};
  const tail = (group: string, pattern: string) =>
    `By hand: aws logs tail ${group} --since 10m --filter-pattern ${pattern} --region ${region}`;
  if (!logs) {
    print(`Logs: not read, afterAbort.logs declares none. ${tail("GROUP", "PATTERN")}`);
    return "unknown";
  }
  const { group, pattern, limit } = logs;
  const byHand = tail(quoted(group), quoted(pattern));
  const line = changing(print, now);
  const ends = now() + milliseconds(limit);
  for (let failures = 0; ; await sleep(pause)) {
    const seen = await world.logged(logs).catch((error: unknown) => reasonOf(error));
    failures = typeof seen === "string" ? failures + 1 : 0;
    if (typeof seen === "object" && seen.count > 0) {
      const since = seen.first === undefined ? "" : `, the first at ${new Date(seen.first).toISOString()}`;
      print(
        `Logs: ${counted(seen.count, "line")} of ${group} ${seen.count === 1 ? "confirms" : "confirm"} it (${pattern})${since}`,
      );
      return "confirmed";
    }
    const over = now() + pause > ends;
    if (typeof seen === "string" && (failures >= FAILURES || over)) {
      print(`Logs: unknown, ${group} cannot be read (${seen}). ${byHand}`);
      return "unknown";
    }
    if (typeof seen === "object" && over) {
      print(`WARNING: after ${limit} no line of ${group} matches ${pattern}. ${byHand}`);
      return "silent";
    }
    if (typeof seen === "object")
      line(`Logs: no line of ${group} matches ${pattern} yet, waiting up to ${limit} in all`);
  }
}

async function untilFinished({ after }: Following, world: FollowWorld): Promise<Followed["inFlight"]> {
  if (!after?.inFlight) return "unknown";
  const { title, limit } = after.inFlight;
  const { print, pause, now } = world;
  const line = changing(print, now);
  const ends = now() + milliseconds(limit);
  for (let failures = 0; ; await sleep(pause)) {
    const seen = await world.count().catch((error: unknown): Seen => failed("unreachable", reasonOf(error)));
    const left = leftOf(seen);
    failures = typeof left === "number" ? 0 : failures + 1;
    if (left === 0) {
      print(`In flight: no ${title} any more`);
      return "none";
    }
    const over = now() + pause > ends;
    if (typeof left === "string" && (failures >= FAILURES || over)) {
      print(`In flight: unknown, the database does not say (${left}). Look at ${title} by hand`);
      return "unknown";
    }
    if (typeof left === "number" && over) {
      print(`WARNING: after ${limit} there are still ${left} ${title}. Look at them by hand`);
      return "left";
    }
    if (typeof left === "number") line(`In flight: ${left} ${title}, waiting up to ${limit} in all`);
  }
}

/** What is left to people: nothing that an abort does puts two sources right. */
async function sayDifferences({ differences, print }: FollowWorld): Promise<void> {
  const found = await differences().catch((error: unknown) => reasonOf(error));
  if (typeof found === "string") {
    print(`Reconcile: unknown, the database cannot be asked (${found})`);
    return;
  }
  for (const { title, seen, line } of found) {
    const differ = leftOf(seen);
    if (differ === 0) print(`Reconcile: nothing differs in ${title}`);
    else if (typeof differ === "number")
      print(
        `WARNING: ${differ < MOST_NAMED ? "" : "at least "}${counted(differ, "row")} to reconcile by hand in ${title}: ${line}`,
      );
    else print(`Reconcile: unknown in ${title}, the database does not say (${differ}). By hand: ${line}`);
  }
}

/** As many rows as the line names at most. */
const MOST_NAMED = 100;

/** A number, or why there is none. */
function leftOf(seen: Seen): number | string {
  if (seen.kind === "failure") return seen.message;
  const value = seen.kind === "value" ? seen.value : undefined;
  return typeof value === "number" && value >= 0 ? value : "the query yields no number";
}

/** Prints a line when it is another one than before, and now and then although it is not. */
function changing(print: (line: string) => void, now: () => number): (line: string) => void {
  let [last, at] = ["", Number.NEGATIVE_INFINITY];
  return (line) => {
    if (line === last && now() - at < SIGN_OF_LIFE_MS) return;
    [last, at] = [line, now()];
    print(line);
  };
}
