import { tmpdir } from "node:os";
import { cacheRoot } from "../../sandbox/host/cache";
import { type Problem, UserError } from "../../src/text/problem";

/** Where the machine keeps what a sandbox is made of. */
export interface Folders {
  /** Where sandboxes are opened. */
  readonly temp: string;
  /** Where the engine and the emulator are kept once they were built or installed. */
  readonly cache: string;
}

/** How Node says that a folder or a file is refused, by itself or within what others tell of it. */
const REFUSED = /\b(?:EACCES|EPERM|EROFS|ENOENT|ENOTDIR): [^,\n]*, \w+ '([^'\n]+)'/;

/** The same failure in words that a person can act on, where it is the machine's: a full disk, a folder that is closed. */
export function machineTrouble(
  error: unknown,
  { temp, cache }: Folders = { temp: tmpdir(), cache: cacheRoot() },
): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|EDQUOT|no space left|disk quota exceeded|disk is full/i.test(message))
    return trouble("The disk is full:", {
      where: `${temp} or ${cache}`,
      what: "has no room for a sandbox, which takes some 100 MB",
      remedy: "Free some, or set TMPDIR and XDG_CACHE_HOME to folders with room",
    });
  // What says itself what is wrong is about a file of the user's, wherever that lies.
  const [refusal, path] = (error instanceof UserError ? undefined : REFUSED.exec(message)) ?? [];
  if (refusal === undefined || path === undefined) return error;
  // The folder itself may be missing, so that what is refused is one above it.
  const concerns = (folder: string) => path.startsWith(folder) || folder.startsWith(`${path}/`);
  if (concerns(cache))
    return trouble("The folder that keeps the engine and the emulator cannot be written:", {
      where: cache,
      what: refusal,
      remedy: "Set XDG_CACHE_HOME to a folder that can be written",
    });
  if (concerns(temp))
    return trouble("The sandbox's folder cannot be made:", {
      where: temp,
      what: refusal,
      remedy: "Set TMPDIR to a folder that exists and can be written",
    });
  return error;
}

function trouble(headline: string, problem: Problem): UserError {
  return new UserError(headline, [problem]);
}
