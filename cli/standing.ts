import { join } from "node:path";

/** The scripts of package.json that start this program. */
const SCRIPTS = ["cutover", "rehearse"];

/**
 * Goes back to where the command was typed. npm runs a script in the folder of its package.json, whoever typed it in
 * whichever folder below; what is typed there speaks of that folder: of its stack files, and of files beside them.
 */
export function standWhereTyped(env: NodeJS.ProcessEnv = process.env): void {
  const { INIT_CWD: typed, npm_lifecycle_event: script = "", npm_package_json: file } = env;
  // Nothing that is started from here was typed there.
  delete env.INIT_CWD;
  const checkout = join(__dirname, "..");
  if (!typed || !SCRIPTS.includes(script) || file !== join(checkout, "package.json")) return;
  if (process.cwd() !== checkout) return;
  try {
    process.chdir(typed);
  } catch {
    // It is gone by now: where npm went is as good as any.
  }
}
