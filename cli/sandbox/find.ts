import { resolve } from "node:path";
import { endedIn, type LeftSandbox, leftSandboxes, readRecord } from "../../sandbox";
import { outside } from "../../src/text/command";
import { UserError } from "../../src/text/problem";
import { CHECKOUT } from "../locate";

/**
 * The sandbox that is meant, among those that were left running.
 *
 * @param asked a name or a folder. Absent: the only one
 * @param command what is typed for each of them where it is not clear which one is meant
 * @returns undefined where there is none, and none of another name either
 * @throws UserError where there are several, or others than the one that is asked for
 */
export async function findLeft(asked: string | undefined, command: string): Promise<LeftSandbox | undefined> {
  if (asked !== undefined && /[/\\]|^\.+$/.test(asked)) return readRecord(resolve(asked));
  const all = await leftSandboxes();
  const meant = all.filter(
    ({ name, dir }) => asked === undefined || name === asked || dir.endsWith(`/${asked}`),
  );
  if (meant.length > 1)
    throw new UserError(
      asked === undefined ? `${all.length} sandboxes run:` : `${meant.length} sandboxes are named ${asked}:`,
      listed(meant, command, asked !== undefined),
    );
  if (meant.length === 0 && all.length > 0)
    throw new UserError(
      `No sandbox is named ${asked}; there ${all.length === 1 ? "is" : "are"}:`,
      listed(all, command),
    );
  return meant[0];
}

/** Each with what to type about it: by its name where that is its alone. */
function listed(some: readonly LeftSandbox[], command: string, byFolder = false) {
  return some.map((left) => {
    const alone = some.filter(({ name }) => name === left.name).length === 1;
    return {
      where: left.name,
      what: `is in ${left.dir}, since ${left.opened}${endedIn(left).length === left.services.length ? "; nothing of it runs any more" : ""}`,
      remedy: outside(CHECKOUT, command, alone && !byFolder ? left.name : left.dir),
    };
  });
}

/** A name that no sandbox has: the wanted one, or with a number behind it. */
export function freeName(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  for (let count = 2; taken.includes(name); count++) name = `${wanted}-${count}`;
  return name;
}
