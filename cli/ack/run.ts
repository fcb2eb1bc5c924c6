import { randomUUID } from "node:crypto";
import { SNSClient } from "@aws-sdk/client-sns";
import { readLoosely } from "../../src/abort/looseConfig";
import { seenKey } from "../../src/abort/seen";
import { firedAt, nameOf } from "../../src/abort/seenPage";
import { regionOf } from "../../src/abort/target";
import { callerOf } from "../../src/aws/caller";
import { withClient } from "../../src/aws/clients";
import { KeptLog } from "../../src/aws/keptLog";
import { failure } from "../../src/aws/known";
import { decisionsGroup } from "../../src/aws/names";
import { listenersOf, subscribersOf } from "../../src/aws/topics";
import {
  ACKNOWLEDGE_WITHIN_MS,
  ACKNOWLEDGED_FOR_MS,
  type CodeRead,
  codeDigest,
  type Paged,
} from "../../src/flags/acknowledged";
import { showEntry } from "../../src/flags/ledger";
import { loadRollout } from "../../src/rollout/load";
import type { Rollout } from "../../src/rollout/rollout";
import { topicArnOf } from "../../src/rollout/topics";
import { type Place, pageOnCall } from "../../src/text/command";
import { showDuration } from "../../src/text/duration";
import { type Problem, UserError } from "../../src/text/problem";
import { carryEntry } from "../carried";
import { EXIT, type Exit } from "../exit";
import { placeHere } from "../locate";
import { type FoundPage, inLedger, inLogs } from "./find";
import { type Passed, passOn } from "./pass";

export interface AckOptions {
  /** As it stands in the page, however it is spelled. */
  readonly code: string;
  /** The folder with the stack files. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
}

/** What an error begins with. */
const FAILING = "Nothing is acknowledged:";

/**
 * Records that a person saw a page, by the code that it carried: who, and when; where the page is, in the ledger or beside
 * what was decided about its row. Channels are told. Returns the exit code. Throws a `UserError` where the code is that of no page which can still be acknowledged.
 */
export async function ackCommand({
  code,
  folder,
  env = process.env,
  print = console.log,
}: AckOptions): Promise<Exit> {
  const rollout = loadRollout(folder);
  const region = regionOf(env, readLoosely(folder));
  const found = await find(rollout, region, code);
  if (found.kind === "kept") return ackKept(found.page, { rollout, region, print });
  if (found.kind !== "answers") {
    const place = { ...placeHere(rollout.name, folder), region };
    throw new UserError(FAILING, [wrong(found, rollout, place)]);
  }
  return ackInLedger(found, { rollout, region, print, code });
}

/** What keeps an acknowledgement from being recorded. */
function failing(where: string, what: string, error: unknown): UserError {
  const { why, remedy } = failure(error);
  return new UserError(
    FAILING,
    [{ where, what: `${what}: ${why}`, remedy: `${remedy}. Then type it again` }],
    {
      cause: error,
    },
  );
}

interface Acking {
  readonly rollout: Rollout;
  readonly region: string;
  readonly print: (line: string) => void;
}

/** Throws what could not be read where that may hold the page. */
async function find(
  rollout: Rollout,
  region: string,
  code: string,
): Promise<CodeRead | { readonly kind: "kept"; readonly page: FoundPage }> {
  const [ledger, logs] = await Promise.allSettled([
    inLedger(rollout, region, code),
    inLogs(rollout, region, code),
  ]);
  if (ledger.status === "fulfilled" && ledger.value.kind !== "unknown") return ledger.value;
  // An account whose AppConfig fails is one of which people are paged.
  if (logs.status === "fulfilled" && logs.value) return { kind: "kept", page: logs.value };
  if (ledger.status === "rejected") throw failing("ledger", "cannot be read", ledger.reason);
  if (logs.status === "rejected") throw failing("log groups of decisions", "cannot be read", logs.reason);
  return ledger.value;
}

/** What was paged without an entry in the ledger is acknowledged without one. */
async function ackKept(page: FoundPage, { rollout, region, print }: Acking): Promise<Exit> {
  const { stage, row, at, seen, digest } = page;
  const of = `the page of ${stage} ${row}, whose alarm fired at ${at},`;
  if (seen) {
    print(
      `${rollout.name}: ${of} was acknowledged already by ${seen.by}, at ${new Date(seen.at).toISOString()}`,
    );
    return EXIT.ok;
  }
  const by = await callerOf(region);
  const group = decisionsGroup(rollout.name, stage);
  const log = new KeptLog(region, group);
  try {
    await log.keep(seenKey(row, at, Date.now(), nameOf(by)), JSON.stringify({ seen: row, at, by }));
  } catch (error) {
    throw failing(group, "cannot be written to", error);
  } finally {
    log.close();
  }
  print(`${rollout.name}: it is recorded that ${of} was acknowledged by ${nameOf(by)}. No flag changed`);
  printPassed(
    await passOn(rollout, region, { rollout: rollout.name, stage, row, fired: at, digest }, by),
    print,
  );
  return EXIT.ok;
}

async function ackInLedger(
  { page, counts }: Extract<CodeRead, { kind: "answers" }>,
  { rollout, region, print, code }: Acking & { readonly code: string },
): Promise<Exit> {
  const of = pageOf(page);
  if (page.seen) {
    const who = page.seen.by === undefined ? "" : ` by ${page.seen.by}`;
    print(
      `${rollout.name}: ${of} was acknowledged already${who}, at ${new Date(page.seen.at).toISOString()}`,
    );
    return EXIT.ok;
  }
  const by = await callerOf(region);
  const heard = counts
    ? await listenersNow(rollout, region, by)
    : `it was typed later than ${showDuration(ACKNOWLEDGE_WITHIN_MS)} after the page`;
  // A page that was sent to learn whether it reaches a person has no other use.
  if (typeof heard === "string" && ["drill", "page"].includes(page.note.kind))
    throw new UserError(FAILING, [
      {
        where: "on-call topic",
        what: heard,
        remedy:
          "Check the credentials and the topic's subscriptions: confirm one, or take its filter policy off in SNS",
      },
    ]);
  const { stage, attempt, row } = page.note;
  const deployment = await carryEntry(
    region,
    {
      ...{ cutover: 1, rollout: rollout.name, stage, attempt, id: randomUUID() },
      ...{ kind: "acknowledge", code, by },
      ...(typeof heard === "string" ? {} : heard),
    },
    FAILING,
  );
  const counting =
    typeof heard === "string"
      ? `It does not count as a sign that a person is reached: ${heard}`
      : `It counts for ${showDuration(ACKNOWLEDGED_FOR_MS)} as a sign that a person is reached, while the same subscriptions listen`;
  print(
    `${rollout.name}: deployment ${deployment} records that ${of} was acknowledged${by === undefined ? "" : ` by ${by}`}. No flag changed. ${counting}`,
  );
  const fired = firedAt(page.note);
  const seen = { rollout: rollout.name, stage, row, fired, digest: codeDigest(page.note, code) };
  printPassed(await passOn(rollout, region, seen, by), print);
  return EXIT.ok;
}

/** It is recorded, whoever else hears of it. */
function printPassed(passed: readonly Passed[], print: (line: string) => void): void {
  const told = passed.flatMap(({ channel, problem }) => (problem === undefined ? [channel] : []));
  if (told.length > 0) print(`Passed on to ${told.join(", ")}`);
  for (const { channel, problem } of passed)
    if (problem !== undefined)
      print(
        `WARNING: ${channel} could not be told (${problem}): acknowledge it there, too, or others are woken`,
      );
}

const pageOf = ({ deployment, note }: Paged) =>
  `the page of deployment ${deployment} (${showEntry({ deployment, note, state: "complete", configurationVersion: "" })})`;

/** What listens to the on-call topic, as a digest; a string is why that shows nothing. */
async function listenersNow(
  rollout: Rollout,
  region: string,
  caller: string | undefined,
): Promise<{ readonly listeners: string } | string> {
  if (caller === undefined) return "is found by the account, and STS does not tell it";
  const arn = topicArnOf(rollout, caller, region, "onCall");
  try {
    const heard = (await withClient(SNSClient, { region }, (sns) => subscribersOf(sns, arn))) ?? [];
    return heard.some(({ confirmed, filtered }) => confirmed && !filtered)
      ? { listeners: listenersOf(arn, heard) }
      : "has no confirmed subscription without a filter policy, so that no alarm would come the way of the page";
  } catch (error) {
    return `cannot be read: ${failure(error).why}`;
  }
}

/** Why a code does not count, and what does. */
function wrong(read: Exclude<CodeRead, { kind: "answers" }>, rollout: Rollout, place: Place): Problem {
  const where = "CODE";
  const again = (stage: string) => `Send another page, and acknowledge that: ${pageOnCall(place, stage)}`;
  if (read.kind === "unknown")
    return {
      where,
      what: `is the code of no page of ${rollout.name}`,
      remedy: `Type it as it stands in the page. Where nobody has it: ${again(rollout.stages[0]?.name ?? "")}`,
    };
  const { deployment, note } = read.page;
  if (read.kind === "old")
    return {
      where,
      what: `is the code of deployment ${deployment}, and deployment ${read.newer} sent a newer page`,
      remedy: `Type the code of that one. Where nobody has it: ${again(note.stage)}`,
    };
  return {
    where,
    what: `is the code of deployment ${deployment}, which had to be acknowledged within ${showDuration(ACKNOWLEDGE_WITHIN_MS)}`,
    remedy: again(note.stage),
  };
}
