import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { whyUnread } from "../text/fileTrouble";
import { type Problem, tellWhere, UserError } from "../text/problem";
import { type Parsed, parseRollout, type StackFile } from "./parse";
import type { Rollout } from "./rollout";

const STACK_FILE = /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/;

/** Every stack file of the project in `folder`, in the order of their names. */
export function readStackFiles(folder: string): StackFile[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw new UserError(`The project's folder cannot be read: ${folder} ${whyUnread(error)}`);
  }
  return names.sort().flatMap((file): StackFile[] => {
    const stack = STACK_FILE.exec(file)?.[1];
    return stack === undefined ? [] : [{ stack, file, text: readText(folder, file) }];
  });
}

function readText(folder: string, file: string): string {
  try {
    return readFileSync(join(folder, file), "utf8");
  } catch (error) {
    throw new UserError(`A stack file cannot be read: ${file} ${whyUnread(error)}`);
  }
}

/** Stack files by a name that nobody reads: the rollout would go on without their stages. */
function unreadFiles(folder: string): Problem[] {
  return readdirSync(folder).flatMap((file): Problem[] => {
    const stack = /^Pulumi\.([A-Za-z0-9_.-]+)\.yml$/.exec(file)?.[1];
    return tellWhere(stack !== undefined, {
      where: file,
      what: "is not read, and the rollout would go on without this stage",
      remedy: `Call it Pulumi.${stack}.yaml`,
    });
  });
}

/** The rollout that a project's stack files declare. Throws one `UserError` with all that is wrong with them. */
export function loadRollout(folder: string): Rollout {
  return loadWritten(folder).rollout;
}

/** The same, with its stacks as they are written, and where each part of them is. */
export function loadWritten(folder: string): Extract<Parsed, { ok: true }> {
  const result = parseRollout(readStackFiles(folder), folder);
  const unread = unreadFiles(folder);
  if (result.ok && unread.length === 0) return result;
  const problems = [...unread, ...(result.ok ? [] : result.problems)];
  const { length: count } = problems;
  throw new UserError(
    `The rollout's config has ${count === 1 ? "a problem" : `${count} problems`}:`,
    problems,
  );
}
