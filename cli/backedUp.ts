import type { BackupConfig } from "../src/rollout/config/backup";
import type { DatabaseConfig } from "../src/rollout/config/database";
import type { Rollout } from "../src/rollout/rollout";
import { type Problem, UserError } from "../src/text/problem";

/** The database of a rollout, and where its dumps lie. Throws a `UserError` where config does not say. */
export function backedUp({ backup, database, name }: Rollout): {
  readonly backup: BackupConfig;
  readonly database: DatabaseConfig;
} {
  if (backup && database) return { backup, database };
  const lacks = (what: string, remedy: string): Problem => ({ where: "cutover:rollout", what, remedy });
  throw new UserError(`${name} takes no backups:`, [
    ...(backup ? [] : [lacks("does not say where dumps lie", "Add backup: { dumps: s3://… }")]),
    ...(database ? [] : [lacks("declares no database", "Add database:")]),
  ]);
}
