import { randomUUID } from "node:crypto";
import { SNSClient } from "@aws-sdk/client-sns";
import { carry } from "../../src/abort/carry";
import { readLoosely } from "../../src/abort/looseConfig";
import type { Message } from "../../src/abort/pages";
import { regionOf } from "../../src/abort/target";
import { tellEveryone } from "../../src/abort/tell";
import { callerOf } from "../../src/aws/caller";
import { awsClient } from "../../src/aws/clients";
import { topicOf } from "../../src/aws/names";
import { listenersOf, type Subscriber, subscribersOf } from "../../src/aws/topics";
import { field, subjectOf } from "../../src/channels/plain";
import {
  ACKNOWLEDGE_WITHIN_MS,
  ACKNOWLEDGED_FOR_MS,
  type CodeRead,
  codeDigest,
  newCode,
  readCode,
} from "../../src/flags/acknowledged";
import { AppConfigStore, appConfigClient } from "../../src/flags/appConfigStore";
import { findFlagStore } from "../../src/flags/find";
import type { Note } from "../../src/flags/ledger";
import { readLedger } from "../../src/flags/readLedger";
import { loadRollout } from "../../src/rollout/load";
import { type Rollout, requireStage, type Stage } from "../../src/rollout/rollout";
import { acknowledge, type Place, pageOnCall } from "../../src/text/command";
import { showDuration } from "../../src/text/duration";
import { type Problem, UserError } from "../../src/text/problem";
import { EXIT, type Exit } from "../exit";
import { placeHere } from "../locate";

export interface PageOptions {
  readonly stage: string;
  /** The folder with the stack files. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
}

/** A deployment under way is waited for so long: an ordinary one is over in a moment. */
const PATIENCE_MS = 60_000;

/** Sends on-call a page with a code, and nothing else. Returns the exit code: 0 when it was sent. */
export async function pageCommand(options: PageOptions): Promise<Exit> {
  const { print = console.log } = options;
  const { rollout, stage, region, place } = targetOf(options);
  const code = newCode();
  const of = { rollout: rollout.name, stage: stage.name };
  const deployment = await record(region, stage, {
    ...of,
    kind: "page",
    digest: codeDigest(of, code),
  });
  const [untold] = await tellEveryone(region, rollout.name, pageOf(place, rollout, stage, code), ["onCall"]);
  if (untold !== undefined) {
    print(`${rollout.name}: on-call could NOT be paged: ${untold}. Mend it, then run the same command again`);
    return EXIT.failed;
  }
  print(
    `${rollout.name}: on-call was paged, recorded as deployment ${deployment}. No flag changed. Whoever reads it has ${showDuration(ACKNOWLEDGE_WITHIN_MS)} to acknowledge it, by the command in the page`,
  );
  return EXIT.ok;
}

/**
 * Records that a person read a page, by the code that it carried. Returns the exit code. Throws a `UserError` where
 * the code is not that of the stage's newest page.
 */
export async function acknowledgeCommand(code: string, options: PageOptions): Promise<Exit> {
  const { print = console.log } = options;
  const { rollout, stage, region, place } = targetOf(options);
  const client = appConfigClient(region);
  let read: CodeRead;
  try {
    const ids = await findFlagStore(client, rollout.name);
    const { history } = await readLedger({ ...ids, region }, rollout.flags);
    read = readCode(history, { rollout: rollout.name, stage: stage.name, code, now: Date.now() });
  } finally {
    client.destroy();
  }
  if (read.kind !== "answers") throw refusal(stage, wrong(read, stage, place));
  const of = `the page of deployment ${read.deployment}`;
  if (read.done) {
    print(`${rollout.name}: ${of} is acknowledged already`);
    return EXIT.ok;
  }
  const by = await callerOf(region);
  const deployment = await record(region, stage, {
    rollout: rollout.name,
    stage: stage.name,
    kind: "acknowledge",
    code,
    listeners: await listenersNow(rollout, stage, region, by),
    by,
  });
  print(
    `${rollout.name}: deployment ${deployment} records that ${of} was acknowledged${by === undefined ? "" : ` by ${by}`}. It counts for ${showDuration(ACKNOWLEDGED_FOR_MS)}, while the same subscriptions listen`,
  );
  return EXIT.ok;
}

function targetOf({ folder, stage: name, env = process.env }: PageOptions) {
  const rollout = loadRollout(folder);
  const region = regionOf(env, readLoosely(folder));
  const place: Place = { ...placeHere(rollout.name, folder), region };
  return { rollout, stage: requireStage(rollout, name), region, place };
}

/** An entry in the ledger that changes no flag. Returns its number. */
async function record(
  region: string,
  stage: Stage,
  what: Omit<Note, "cutover" | "attempt" | "id">,
): Promise<number> {
  const client = appConfigClient(region);
  try {
    const ids = await findFlagStore(client, what.rollout);
    const note: Note = { cutover: 1, attempt: stage.attempt, id: randomUUID(), ...what };
    const carried = await carry(new AppConfigStore(client, ids), note, PATIENCE_MS);
    if (carried.kind === "recorded") return carried.deployment;
    throw refusal(stage, {
      where: "ledger",
      what: `takes no entry: ${carried.why}`,
      remedy: "Run the same command again",
    });
  } finally {
    client.destroy();
  }
}

async function listenersNow(
  rollout: Rollout,
  stage: Stage,
  region: string,
  caller: string | undefined,
): Promise<string> {
  const refuse = (what: string, remedy: string): never => {
    throw refusal(stage, { where: "on-call topic", what, remedy });
  };
  if (caller === undefined)
    return refuse(
      "is found by the account, and STS does not tell it",
      "Check the credentials and the network",
    );
  const arn = topicOf(caller, region, rollout.name, "onCall");
  const sns = awsClient(SNSClient, { region });
  try {
    const heard = (await subscribersOf(sns, arn)) ?? [];
    if (!heard.some(({ confirmed, filtered }: Subscriber) => confirmed && !filtered))
      return refuse(
        "has no confirmed subscription without a filter policy, so that no alarm would come the way of the page",
        "Confirm one, or take its filter policy off in SNS",
      );
    return listenersOf(arn, heard);
  } finally {
    sns.destroy();
  }
}

/** Why a code does not count, and what does. */
function wrong(read: Exclude<CodeRead, { kind: "answers" }>, stage: Stage, place: Place): Problem {
  const where = "--acknowledge";
  const again = `Send another page, and acknowledge that: ${pageOnCall(place, stage.name)}`;
  switch (read.kind) {
    case "of":
      return {
        where,
        what: `is the code of a page for ${read.stage}`,
        remedy: `Acknowledge it there: ${acknowledge(place, read.stage, "CODE")}`,
      };
    case "old":
      return {
        where,
        what: `is the code of deployment ${read.deployment}, and deployment ${read.newer} sent a newer page`,
        remedy: `Type the code of that one. Where nobody has it: ${again}`,
      };
    case "late":
      return {
        where,
        what: `is the code of deployment ${read.deployment}, which had to be acknowledged within ${showDuration(ACKNOWLEDGE_WITHIN_MS)}`,
        remedy: again,
      };
    case "unknown":
      return {
        where,
        what: `is the code of no page for ${stage.name}`,
        remedy: `Type it as it stands in the page. Where nobody has it: ${again}`,
      };
  }
}

function pageOf(place: Place, rollout: Rollout, stage: Stage, code: string): Message {
  const text = [
    `${rollout.name} ${stage.name}: a test page. Nothing is wrong, and no flag changes.`,
    "",
    field("Rollout", rollout.name),
    field("Stage", `${stage.name}, attempt ${stage.attempt}`),
    field("Next", `To say that a person read this: ${acknowledge(place, stage.name, code)}`),
  ].join("\n");
  return {
    subject: subjectOf(`Test page, nothing is wrong: ${rollout.name} ${stage.name}`),
    text,
    attributes: { kind: "page", rollout: rollout.name, stage: stage.name },
  };
}

function refusal(stage: Stage, problem: Problem): UserError {
  return new UserError(`Nothing is recorded for ${stage.name}:`, [problem]);
}
