import { databaseUrl } from "../../sandbox/appEnv";
import { clientPrograms } from "../../sandbox/postgres/programs";
import { PROGRAMS_FOLDER } from "../../src/backups/programs";
import { UserError } from "../../src/text/problem";
import { DATABASE_OWNER_URL } from "../../src/text/shell";
import { runCutover } from "./command";
import { doStep, type Stage } from "./steps";
import type { World } from "./world";

/** Takes backups of a stage and proves them, with the commands that people type, each once and in this order. */
export async function backupStep(act: Stage, stage: string, commands: readonly string[]): Promise<void> {
  const { world } = act;
  for (const command of new Set(commands))
    await doStep(act, `${stage}: cutover ${command}`, async () => {
      const env = await backupEnv(world);
      const { code, stdout, stderr } = await runCutover(world, [command, "-s", stage], env);
      if (code !== 0)
        throw new UserError(stderr.trim() || stdout.trim() || `cutover ${command} said nothing`);
    });
}

/** What commands about backups take from the environment: the owner's login, and PostgreSQL's programs. */
export async function backupEnv({ sandbox }: Pick<World, "sandbox">): Promise<Record<string, string>> {
  return {
    [DATABASE_OWNER_URL]: databaseUrl(sandbox.postgres),
    [PROGRAMS_FOLDER]: await clientPrograms(),
  };
}
