import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The commit of the working tree at `folder`, `-dirty` added where it has changes; `unknown` outside a checkout. */
export async function readCommit(folder: string): Promise<string> {
  try {
    const [head, status] = await Promise.all([
      run("git", ["rev-parse", "HEAD"], { cwd: folder, timeout: 5_000 }),
      run("git", ["status", "--porcelain", "--untracked-files=no"], { cwd: folder, timeout: 5_000 }),
    ]);
    return `${head.stdout.trim().slice(0, 12)}${status.stdout.trim() === "" ? "" : "-dirty"}`;
  } catch {
    return "unknown";
  }
}
