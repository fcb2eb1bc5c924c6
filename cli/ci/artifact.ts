import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { whyUnread } from "../../src/text/fileTrouble";
import { UserError } from "../../src/text/problem";
import { plainText } from "../../src/text/text";

/** More comments than any pull request gets: each stack of a repository has one. */
const MOST = 100;
/** What is read of one, in bytes: more than any host takes. */
const LONGEST = 4 * 1024 * 1024;

/**
 * The names of the comments of a folder. Whoever wrote them may have been unreviewed code: they are taken as text alone.
 * Throws a `UserError` where there are more than can be meant.
 */
export function commentsIn(folder: string): string[] {
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => file.endsWith(".md"));
  } catch (error) {
    throw new UserError(`The comments cannot be read: ${folder} ${whyUnread(error)}`);
  }
  if (files.length > MOST)
    throw new UserError(`There are ${files.length} comments in ${folder}, and at most ${MOST} are posted`);
  return files.sort();
}

/**
 * A comment's text: of a regular file alone, since a link could name a file of whoever posts; of bounded length; with
 * nothing that hides or turns around what people read, and nothing that a host would act on.
 */
export function commentOf(folder: string, file: string): string {
  const descriptor = openSync(
    join(folder, file),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  try {
    const { size } = fstatSync(descriptor);
    if (!fstatSync(descriptor).isFile()) throw new UserError("It is no regular file");
    const bytes = Buffer.alloc(Math.min(size, LONGEST));
    const read = readSync(descriptor, bytes, 0, bytes.length, 0);
    return inert(plainText(bytes.subarray(0, read).toString("utf8")));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * `@name` would tell that person or team, and a line that begins with a slash is a command to GitLab, such as `/merge`,
 * with the rights of whoever posts. An invisible character makes both of them text.
 */
function inert(text: string): string {
  return text
    .replace(/(?<![\w`])@(?=[A-Za-z0-9])/g, `@${INVISIBLE}`)
    .replace(/^(\s*)\//gm, `$1${INVISIBLE}/`);
}

const INVISIBLE = "\u200b";
