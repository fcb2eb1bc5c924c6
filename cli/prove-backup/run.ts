import { readLoosely } from "../../src/abort/looseConfig";
import { proveBackup } from "../../src/backups/prove";
import type { Proof } from "../../src/gates/dumps/manifest";
import { showBytes } from "../../src/gates/dumps/show";
import { loadRollout } from "../../src/rollout/load";
import { requireStage } from "../../src/rollout/rollout";
import { counted } from "../../src/text/counted";
import { showDuration } from "../../src/text/duration";
import { createProgress } from "../../src/text/progress";
import { backedUp } from "../backedUp";
import { EXIT } from "../exit";
import { placeHere } from "../locate";
import { startScratch } from "./scratch";

export interface ProveBackupOptions {
  readonly stage: string;
  /** The folder with the stack files. */
  readonly folder: string;
  /** Prints the record as JSON, and nothing else. */
  readonly json?: boolean | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
}

/** Restores the backup of a stage's promotion, compares it, and writes down what became of it. Takes no Pulumi. */
export async function proveBackupCommand(options: ProveBackupOptions): Promise<number> {
  const { folder, json = false, env = process.env, print = console.log } = options;
  const rollout = loadRollout(folder);
  const { name: stage, attempt } = requireStage(rollout, options.stage);
  const { backup, database } = backedUp(rollout);
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? readLoosely(folder).region ?? "";
  const place = placeHere(rollout.name, folder);
  const proof = await createProgress().step(`Restoring the backup of ${stage}`, () =>
    proveBackup({
      ...{ place, rollout: rollout.name, stage, attempt, backup, database, region, env },
      start: startScratch,
    }),
  );
  if (json) print(JSON.stringify(proof));
  else for (const line of shown(proof)) print(line);
  return proof.failures.length === 0 ? EXIT.ok : EXIT.failed;
}

function shown({ dump, took, compared, failures }: Proof): string[] {
  const { fetch = 0, restore, compare } = took;
  return [
    `${dump.file}: ${showBytes(dump.bytes)}, taken at ${dump.takenAt}.`,
    ...(restore === undefined
      ? []
      : [`Fetched in ${showDuration(fetch)}, restored in ${showDuration(restore)}.`]),
    ...(compared && compare !== undefined
      ? [
          `${counted(compared.tables, "table")} with ${counted(BigInt(compared.rows), "row")} and ${counted(compared.queries, "question")} compared in ${showDuration(compare)}.`,
        ]
      : []),
    ...(failures.length === 0
      ? ["It came back as it was dumped."]
      : ["It did not come back as it was dumped:", ...failures.map((failure) => `  - ${failure}`)]),
  ];
}
