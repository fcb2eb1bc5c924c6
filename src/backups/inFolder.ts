import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onInterrupt } from "../text/interrupt";

/** Works in a folder that nobody else may read, and that is gone with all in it afterwards, also where a signal ends us. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "cutover-dump-"));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  const forget = onInterrupt(remove);
  try {
    return await work(folder);
  } finally {
    forget();
    await remove();
  }
}
