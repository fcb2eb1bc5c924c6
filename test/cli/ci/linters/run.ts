import { type ExecFileException, execFile } from "node:child_process";

interface Ran {
  readonly code: number | string;
  readonly out: string;
}

/** Runs a program to its end. `code` is a word, such as ENOENT, where it could not even begin. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<Ran> {
  return new Promise((done) => {
    execFile(
      command,
      args,
      { cwd, env, timeout: 300_000 },
      (error: ExecFileException | null, stdout, stderr) =>
        done({ code: error ? (error.code ?? 1) : 0, out: `${stdout}${stderr}` }),
    );
  });
}
