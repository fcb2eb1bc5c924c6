import { readdir, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identityOf } from "./identity";
import { FOLDER_PREFIX, type LeftSandbox, readRecord } from "./record";

/**
 * Every sandbox of ours that was left running, the oldest first.
 *
 * @param temp where sandboxes are opened
 */
export async function leftSandboxes(temp = tmpdir()): Promise<LeftSandbox[]> {
  const folder = await realpath(temp).catch(() => temp);
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => name.startsWith(FOLDER_PREFIX))
      // What is none of these is somebody else's, and no matter of ours.
      .map((name) => readRecord(join(folder, name)).catch(() => undefined)),
  );
  return found
    .filter((left) => left !== undefined)
    .sort((a, b) => a.opened.localeCompare(b.opened) || a.dir.localeCompare(b.dir));
}

/** Which services of a sandbox have ended by themselves since it was left, by their names. */
export function endedIn({ services }: LeftSandbox): string[] {
  return services
    .filter(({ pid, identity }) => identity === undefined || identityOf(pid) !== identity)
    .map(({ name }) => name);
}
