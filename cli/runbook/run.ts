import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { readLoosely } from "../../src/abort/looseConfig";
import { loadRollout } from "../../src/rollout/load";
import { type Rollout, requireStage, type Stage } from "../../src/rollout/rollout";
import { whyUnread, whyUnwritten } from "../../src/text/fileTrouble";
import { UserError } from "../../src/text/problem";
import { EXIT, type Exit } from "../exit";
import { placeOf } from "../locate";
import { rollbackOf } from "./back";
import { renderRunbook } from "./render";

export interface RunbookOptions {
  readonly stage: string;
  /** The folder with the stack files. */
  readonly folder: string;
  /** The file to write to; printed without one. */
  readonly output?: string | undefined;
  readonly print?: (text: string) => void;
}

/** Writes the runbook of one stage. Needs the stack files alone. */
export function runbookCommand(options: RunbookOptions): Exit {
  const { folder, output, print = (text) => process.stdout.write(text) } = options;
  const rollout = loadRollout(folder);
  const stage = requireStage(rollout, options.stage);
  const markdown = renderRunbook(
    rollout,
    stage,
    readScripts(folder, rollout, stage),
    placeOf(rollout.name, folder, readLoosely(folder).region),
  );
  if (output === undefined) print(markdown);
  else write(output, markdown);
  return EXIT.ok;
}

function write(file: string, markdown: string): void {
  try {
    writeFileSync(file, markdown);
  } catch (error) {
    throw new UserError(`The runbook cannot be written: ${file} ${whyUnwritten(error)}`);
  }
}

/** The scripts that the stage's rollback names. A runbook that leaves one out fails whoever needs it. */
function readScripts(folder: string, rollout: Rollout, stage: Stage): Record<string, string> {
  return Object.fromEntries(
    rollbackOf(rollout, stage).flatMap(({ row, step: { sql }, owner }): [string, string][] => {
      if (sql === undefined) return [];
      try {
        return [[sql, readFileSync(resolve(folder, sql), "utf8")]];
      } catch (error) {
        throw new UserError("The runbook cannot be written:", [
          {
            where: `Pulumi.${owner ? `${owner.name}.yaml cutover:stage` : `${rollout.stages[0].name}.yaml cutover:rollout`}.rollback.${row}.sql`,
            what: `names ${sql}, which ${whyUnread(error)}`,
            remedy: "Correct the path, which counts from the folder of the stack files",
          },
        ]);
      }
    }),
  );
}
