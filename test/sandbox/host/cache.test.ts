import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { cacheRoot, madeInPlace, madeOnce } from "../../../sandbox/host/cache";
import { temporaryFolder } from "../support";

it("follows XDG_CACHE_HOME", () => {
  vi.stubEnv("XDG_CACHE_HOME", "/elsewhere");
  if (process.platform === "linux") expect(cacheRoot()).toBe("/elsewhere/cutover");
  vi.unstubAllEnvs();
});

describe.each([
  ["madeOnce", madeOnce],
  ["madeInPlace", madeInPlace],
])("%s", (_name, made) => {
  it("makes a folder once for all who ask at the same time", async () => {
    const target = join(temporaryFolder(), "deep", "target");
    let times = 0;
    const make = async (folder: string) => {
      times++;
      await sleep(50);
      writeFileSync(join(folder, "result"), "whole");
    };
    await Promise.all([made(target, make), made(target, make), made(target, make)]);
    await made(target, make);
    expect(times).toBe(1);
    expect(readFileSync(join(target, "result"), "utf8")).toBe("whole");
  });

  it("trusts nothing that failed half-way, and makes it anew", async () => {
    const root = temporaryFolder();
    const target = join(root, "target");
    const fail = async (folder: string) => {
      writeFileSync(join(folder, "half"), "");
      throw new Error("no space");
    };
    await expect(made(target, fail)).rejects.toThrow("no space");
    await made(target, async (folder) => writeFileSync(join(folder, "result"), ""));
    expect(existsSync(join(target, "half"))).toBe(false);
    expect(existsSync(join(target, "result"))).toBe(true);
    expect(readdirSync(root)).toEqual(["target"]);
  });
});
