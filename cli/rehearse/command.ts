import { execFile } from "node:child_process";
import { join } from "node:path";
import { UserError } from "../../src/text/problem";
import type { CheckView } from "../check/schema";
import { PROGRAM } from "../sandbox/project";
import type { StatusView } from "../status/schema";
import type { World } from "./world";

/** A report of a whole rollout is far below this. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What a command printed, and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `cutover` as people do: in a process of its own, which has the sandbox's environment, and more where it is given. */
export function runCutover(
  { sandbox, project }: Pick<World, "sandbox" | "project">,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const command = [join(PROGRAM, "cli", "cutover.mjs"), ...args, "-C", project.folder];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      command,
      { cwd: PROGRAM, env: { ...sandbox.env, ...env }, signal: sandbox.closing, maxBuffer: MAX_BYTES },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? 1, stdout, stderr }),
    );
  });
}

/** What `cutover status` says. Throws a `UserError` where it says nothing. */
export function statusOf(world: Pick<World, "sandbox" | "project">, ...more: string[]): Promise<StatusView> {
  return viewOf<StatusView>(world, "status", ...more);
}

/** What `cutover check` says of a stage's exit gates. Throws a `UserError` where it says nothing. */
export function checkOf(world: Pick<World, "sandbox" | "project">, stage: string): Promise<CheckView> {
  return viewOf<CheckView>(world, "check", "-s", stage);
}

/** What a command prints as JSON, however it ended. */
async function viewOf<View>(
  world: Pick<World, "sandbox" | "project">,
  command: string,
  ...more: string[]
): Promise<View> {
  const { stdout, stderr } = await runCutover(world, [command, "--json", ...more]);
  try {
    return JSON.parse(stdout) as View;
  } catch {
    throw new UserError(
      `cutover ${command} did not answer: ${stderr.trim() || stdout.trim() || "it said nothing"}`,
    );
  }
}
