import { describe, expect, it } from "vitest";
import { machineTrouble } from "../../../cli/sandbox/trouble";
import { SetupError } from "../../../sandbox";
import { UserError } from "../../../src/text/problem";

const FOLDERS = { temp: "/tmp", cache: "/home/ada/.cache/cutover" };

function refused(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: refused, mkdir '${path}'`), { code, path });
}

describe("what the machine refuses is said in one sentence, with what to do:", () => {
  it.each<[what: string, error: unknown, says: RegExp]>([
    ["a full disk, by Node", refused("ENOSPC", "/tmp/cutover-abcdef/x"), /^The disk is full:\n.*TMPDIR/],
    [
      "a full disk, by initdb",
      new SetupError('PostgreSQL could not be set up:\ncould not write to file "x": No space left on device'),
      /^The disk is full:/,
    ],
    ["a quota", new Error("write failed: Disk quota exceeded"), /^The disk is full:/],
    [
      "a HOME that is read-only",
      refused("EROFS", "/home/ada/.cache/cutover/engine"),
      /^The folder that keeps the engine .*\n.*Set XDG_CACHE_HOME/,
    ],
    [
      "the same, told by who looked for an engine",
      new SetupError(
        `No Pulumi engine could be found:\n  now: ${refused("EROFS", "/home/ada/.cache/cutover/engine").message}`,
      ),
      /^The folder that keeps the engine .*\n.*Set XDG_CACHE_HOME/,
    ],
    [
      "a HOME without a cache that may be made",
      refused("EACCES", "/home/ada/.cache"),
      /^The folder that keeps the engine .*\n.*Set XDG_CACHE_HOME/,
    ],
    [
      "a TMPDIR that is not there",
      refused("ENOENT", "/tmp/cutover-"),
      /^The sandbox's folder.*\n.*Set TMPDIR/,
    ],
  ])("%s", (_, error, says) => {
    const told = machineTrouble(error, FOLDERS);
    expect(told).toBeInstanceOf(UserError);
    expect((told as Error).message).toMatch(says);
    expect((told as Error).message.split("\n")).toHaveLength(2);
  });

  it.each<[what: string, error: unknown]>([
    ["one of our own", new UserError("The rollout's config has a problem:")],
    [
      "one of our own about a file of the user's, which lies in TMPDIR",
      new UserError("seed.sql, a seed, failed: ENOENT: no such file or directory, open '/tmp/shop/seed.sql'"),
    ],
    ["a bug", new TypeError("x is not a function")],
    ["a file elsewhere", refused("ENOENT", "/home/ada/rollout/Pulumi.yaml")],
    ["what is no error", "a string"],
  ])("anything else stays as it is: %s", (_, error) => {
    expect(machineTrouble(error, FOLDERS)).toBe(error);
  });
});
