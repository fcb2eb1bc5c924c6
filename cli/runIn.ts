import { spawn } from "node:child_process";
import { constants } from "node:os";
import { UserError } from "../src/text/problem";
import { POLICY_PACK } from "./policyPack";

/**
 * Runs a command in a folder, as if it had been typed there, with the policy pack. Returns its exit code. Throws a
 * `UserError` where it cannot be started.
 */
export async function runIn(
  folder: string,
  [command = "", ...words]: readonly string[],
  given: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const pack = given.PULUMI_OPTION_POLICY_PACK || POLICY_PACK;
  const env = { ...given, PULUMI_OPTION_POLICY_PACK: pack };
  const child = spawn(command, words, { cwd: folder, env, stdio: "inherit" });
  // The terminal sends Ctrl-C to both: what it does is for the command to say.
  const leave = () => {};
  process.on("SIGINT", leave);
  try {
    return await new Promise<number>((done, fail) => {
      child.once("error", (error: NodeJS.ErrnoException) =>
        fail(
          new UserError(`${command} cannot be run in ${folder}:`, [
            {
              where: command,
              what: error.code === "ENOENT" ? "is not on PATH, or the folder is gone" : error.message,
              remedy: "Mend that, then run the same command again",
            },
          ]),
        ),
      );
      child.once("close", (code, signal) => done(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    process.off("SIGINT", leave);
  }
}
