import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it, vi } from "vitest";
import { initCommand } from "../../../cli/init/run";
import { startCommand } from "../../../cli/sandbox/start";
import { silentProgress } from "../../../sandbox";
import { writeRecord } from "../../../sandbox/host/record";
import { temporaryFolder } from "../../sandbox/support";

let temp: string;
let folder: string;
beforeEach(async () => {
  folder = join(temporaryFolder(), "search");
  await initCommand({ folder, name: "search", flags: ["NEW"], stages: "first", print: () => {} });
  temp = temporaryFolder();
  vi.stubEnv("TMPDIR", temp);
  return () => vi.unstubAllEnvs();
});

const start = (options: Partial<Parameters<typeof startCommand>[0]> = {}) =>
  startCommand({ folder, timeScale: 3_600, progress: silentProgress, print: () => {}, ...options });

it.each<[what: string, options: Partial<Parameters<typeof startCommand>[0]>, says: RegExp]>([
  ["a name with a slash", { name: "a/b" }, /--name: is no name/],
  ["a name that is an option", { name: "-x" }, /--name: is no name/],
  [
    "a server that is not on this machine",
    { servers: ["https://example.com"] },
    /--server: "https:\/\/example\.com" is no/,
  ],
  ["a server that is no address", { servers: ["8080"] }, /--server: "8080" is no address/],
  ["a time scale that is no number", { timeScale: Number.NaN }, /--time-scale: is no number/],
  ["a time scale below 1", { timeScale: 0.5 }, /--time-scale: is no number of at least 1/],
  ["everything at once", { name: "", timeScale: 0 }, /--name(.|\n)*--time-scale/],
  ["a folder without stack files", { folder: "/" }, /rollout/],
  ["a folder that is not there", { folder: "/no/such/folder" }, /The project's folder cannot be read/],
])("%s is refused before anything is opened", async (_, options, says) => {
  await expect(start(options)).rejects.toThrow(says);
  expect(readdirSync(temp)).toEqual([]);
});

it("a name that another one has is refused, with how to end that one", async () => {
  const dir = join(temp, "cutover-aaaaaa");
  mkdirSync(dir);
  const opened = new Date().toISOString();
  await writeRecord({ name: "mine", dir, mark: "of-no-process-at-all", services: [], opened, env: {} });
  await expect(start({ name: "mine" })).rejects.toThrow(`sandbox stop ${dir}`);
  expect(readdirSync(temp)).toEqual(["cutover-aaaaaa"]);
});

it("a rollout that does not load is told as validate tells it", async () => {
  const file = join(folder, "Pulumi.first.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("source: signOff", "source: signOf"));
  await expect(start()).rejects.toThrow(
    /The rollout's config has a problem:\n {2}- Pulumi\.first\.yaml:\d+ /,
  );
  expect(readdirSync(temp)).toEqual([]);
});

it("stack files without a project file are refused", async () => {
  rmSync(join(folder, "Pulumi.yaml"));
  await expect(start()).rejects.toThrow(/Pulumi\.yaml: is not there/);
  expect(readdirSync(temp)).toEqual([]);
});

it("a temporary folder that cannot be written is named", async () => {
  vi.stubEnv("TMPDIR", "/proc/none");
  await expect(start()).rejects.toThrow(
    /^The sandbox's folder cannot be made:\n {2}- \/proc\/none: .* Set TMPDIR/,
  );
});
