import { clientPrograms as installed } from "../../sandbox/postgres/programs";
import { PROGRAMS_FOLDER } from "../../src/backups/programs";

/** An environment that leads to PostgreSQL's client programs of the version that sandboxes run on. */
export async function clientPrograms(): Promise<NodeJS.ProcessEnv> {
  return { ...process.env, [PROGRAMS_FOLDER]: await installed() };
}
