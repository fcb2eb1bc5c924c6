import { randomUUID } from "node:crypto";
import { readLoosely } from "../../src/abort/looseConfig";
import { type Message, sayingSeen } from "../../src/abort/pages";
import { regionOf } from "../../src/abort/target";
import { tellEveryone } from "../../src/abort/tellEveryone";
import { field, subjectOf } from "../../src/channels/plain";
import { ACKNOWLEDGE_WITHIN_MS, codeDigest, newCode } from "../../src/flags/acknowledged";
import { loadRollout } from "../../src/rollout/load";
import { type Rollout, requireStage, type Stage } from "../../src/rollout/rollout";
import { existingArns } from "../../src/rollout/topics";
import type { Place } from "../../src/text/command";
import { showDuration } from "../../src/text/duration";
import { carryEntry } from "../carried";
import { EXIT, type Exit } from "../exit";
import { placeHere } from "../locate";

export interface PageOptions {
  readonly stage: string;
  /** The folder with the stack files. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
}

/** Sends on-call a page with a code, and nothing else. Returns the exit code: 0 when it was sent. */
export async function pageCommand(options: PageOptions): Promise<Exit> {
  const { folder, env = process.env, print = console.log } = options;
  const rollout = loadRollout(folder);
  const stage = requireStage(rollout, options.stage);
  const region = regionOf(env, readLoosely(folder));
  const code = newCode();
  const of = { rollout: rollout.name, stage: stage.name };
  const deployment = await carryEntry(
    region,
    {
      ...{ cutover: 1, ...of, attempt: stage.attempt, id: randomUUID() },
      ...{ kind: "page", digest: codeDigest(of, code) },
    },
    `On-call is not paged for ${stage.name}:`,
  );
  const place = { ...placeHere(rollout.name, folder), region };
  const [untold] = await tellEveryone(
    region,
    { name: rollout.name, existing: existingArns(rollout) },
    pageOf(place, rollout, stage, code),
    ["onCall"],
  );
  if (untold !== undefined) {
    print(`${rollout.name}: on-call could NOT be paged: ${untold}. Mend it, then run the same command again`);
    return EXIT.failed;
  }
  print(
    `${rollout.name}: on-call was paged, recorded as deployment ${deployment}. No flag changed. Whoever reads it has ${showDuration(ACKNOWLEDGE_WITHIN_MS)} to acknowledge it, by the command in the page`,
  );
  return EXIT.ok;
}

function pageOf(place: Place, rollout: Rollout, stage: Stage, code: string): Message {
  const text = [
    `${rollout.name} ${stage.name}: a test page. Nothing is wrong, and no flag changes.`,
    "",
    field("Rollout", rollout.name),
    field("Stage", `${stage.name}, attempt ${stage.attempt}`),
    field("Next", sayingSeen(place, code)),
  ].join("\n");
  return {
    subject: subjectOf(`Test page, nothing is wrong: ${rollout.name} ${stage.name}`),
    text,
    attributes: {
      ...{ kind: "page", rollout: rollout.name, stage: stage.name },
      page: codeDigest({ rollout: rollout.name, stage: stage.name }, code),
    },
  };
}
