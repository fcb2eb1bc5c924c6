import { readLoosely } from "../../src/abort/looseConfig";
import { amountsIn } from "../../src/backups/contents";
import { ownerLogin } from "../../src/backups/login";
import { takeBackup } from "../../src/backups/take";
import { showIdentity } from "../../src/gates/dumps/manifest";
import { showBytes } from "../../src/gates/dumps/show";
import { loadRollout } from "../../src/rollout/load";
import { requireStage } from "../../src/rollout/rollout";
import { counted } from "../../src/text/counted";
import { createProgress } from "../../src/text/progress";
import { backedUp } from "../backedUp";
import { EXIT } from "../exit";

export interface BackupOptions {
  readonly stage: string;
  /** The folder with the stack files. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
}

/** Dumps the database for a stage's promotion. Takes the stack files and the owner's login, no Pulumi. */
export async function backupCommand(options: BackupOptions): Promise<number> {
  const { folder, env = process.env, print = console.log } = options;
  const rollout = loadRollout(folder);
  const { name: stage, attempt } = requireStage(rollout, options.stage);
  const { backup, database } = backedUp(rollout);
  const login = ownerLogin(env);
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? readLoosely(folder).region ?? "";
  const taken = await createProgress().step(`Dumping ${login.database}`, () =>
    takeBackup({ rollout: rollout.name, stage, attempt, backup, database, login, region, env }),
  );
  const { dump, of, contents, last } = taken;
  print(`${dump.file}: ${showBytes(dump.bytes)}, of ${showIdentity(of)}, as it was at ${taken.takenAt}.`);
  const { tables, rows } = amountsIn(contents);
  print(
    `${counted(tables, "table")}, ${counted(BigInt(rows), "row")}${last ? `; the last one had ${showBytes(last.bytes)}` : ""}.`,
  );
  return EXIT.ok;
}
