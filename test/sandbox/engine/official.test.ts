import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { installOfficial } from "../../../sandbox/engine/official";

const AWS = { name: "aws", version: "7.48.0" };
const PLUGIN = join("plugins", "resource-aws-v7.48.0", "pulumi-resource-aws");
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cutover-official-"));
  vi.stubEnv("XDG_CACHE_HOME", join(dir, "cache"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

/** An engine that installs, or does not, and what it was asked. */
function engine(code = 0) {
  const asked: (readonly string[])[] = [];
  const pulumi = async (args: readonly string[], home: string) => {
    asked.push(args);
    await mkdir(join(home, "plugins", "resource-aws-v7.48.0"), { recursive: true });
    await writeFile(join(home, PLUGIN), "a program", { mode: 0o755 });
    return { code, stdout: "", stderr: "error: 403 HTTP error fetching plugin" };
  };
  return { asked, pulumi };
}

it("downloads a plugin of the SDK's version once, and links it into each home", async () => {
  const { asked, pulumi } = engine();
  for (const home of ["one", "two"]) await installOfficial(join(dir, home), AWS, pulumi);
  expect(asked).toEqual([["plugin", "install", "resource", "aws", "v7.48.0"]]);
  for (const home of ["one", "two"]) {
    expect(await readFile(join(dir, home, PLUGIN), "utf8")).toBe("a program");
    expect((await stat(join(dir, home, PLUGIN))).mode & 0o111).not.toBe(0);
  }
});

it("says why where it cannot be had, and keeps nothing of it", async () => {
  const failing = engine(1);
  await expect(installOfficial(join(dir, "home"), AWS, failing.pulumi)).rejects.toThrow(
    /aws plugin 7\.48\.0 could not be downloaded; leave out --official-plugins.*\n.*403/,
  );
  const { asked, pulumi } = engine();
  await installOfficial(join(dir, "home"), AWS, pulumi);
  expect(asked).toHaveLength(1);
});
