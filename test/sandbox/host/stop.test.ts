import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { carriersOf, identityOf } from "../../../sandbox/host/identity";
import { leftSandboxes } from "../../../sandbox/host/left";
import { RECORD, readRecord, writeRecord } from "../../../sandbox/host/record";
import { stopSandbox } from "../../../sandbox/host/stop";
import { environment, isAlive, processesIn, temporaryFolder, until } from "../support";

interface Made {
  readonly dir: string;
  readonly pid: number;
}

/** A folder as a sandbox leaves it, with a program that runs. */
async function left(command = ["sleep", "600"], name = "mine"): Promise<Made> {
  const dir = temporaryFolder();
  const processes = processesIn(dir);
  const [program = "", ...args] = command;
  const { pid } = await processes.spawn("app", program, args, { env: environment() });
  writeFileSync(join(dir, "data"), "data");
  const { mark, services } = processes;
  await writeRecord({ name, dir, mark, services, opened: new Date().toISOString(), env: { SECRET: "s" } });
  return { dir, pid };
}

/** Edits a record as nobody should, and keeps it a private file. */
function edit(dir: string, change: (record: Record<string, unknown>) => unknown): void {
  const file = join(dir, RECORD);
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, "utf8")))));
}

/** A program that is none of the sandbox's. */
function stranger(): number {
  const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child.pid as number;
}

describe("a sandbox that was left running", () => {
  it("ends with its processes and its folder, and the second time nothing is left", async () => {
    const { dir, pid } = await left();
    expect(readFileSync(join(dir, RECORD), "utf8")).toContain('"SECRET"');
    expect((await stopSandbox(dir))?.name).toBe("mine");
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(dir)).toBe(false);
    expect(await stopSandbox(dir)).toBeUndefined();
  });

  it("is reached through a link above its folder, as temporary folders are on macOS", async () => {
    const { dir } = await left();
    const link = join(temporaryFolder(), "tmp");
    symlinkSync(dirname(dir), link);
    await stopSandbox(join(link, basename(dir)));
    expect(existsSync(dir)).toBe(false);
  });

  it("takes with it what its services have started in groups of their own", async () => {
    const script = 'require("node:child_process").spawn("sleep",["600"],{detached:true,stdio:"ignore"});';
    const { dir } = await left([process.execPath, "-e", `${script} setInterval(()=>{},1000);`]);
    const { mark } = JSON.parse(readFileSync(join(dir, RECORD), "utf8")) as { mark: string };
    await until("both run", () => carriersOf(mark).length === 2);
    const pids = carriersOf(mark);
    await stopSandbox(dir);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it("ends nobody else's process that has the id of one of its own by now", async () => {
    const { dir } = await left();
    const other = stranger();
    // Known by its start: that of a process which began in the same moment would be the same.
    const services = [{ name: "app", pid: other, stopSignal: "SIGTERM", identity: identityOf(process.pid) }];
    edit(dir, (record) => ({ ...record, services, mark: "of-no-process-at-all" }));
    await stopSandbox(dir);
    expect(isAlive(other)).toBe(true);
    expect(existsSync(dir)).toBe(false);
  });

  it("follows no link out of its folder", async () => {
    const { dir } = await left();
    const outside = temporaryFolder();
    writeFileSync(join(outside, "kept"), "kept");
    symlinkSync(outside, join(dir, "link"));
    symlinkSync(join(outside, "kept"), join(dir, "file"));
    await stopSandbox(dir);
    expect(readdirSync(outside)).toEqual(["kept"]);
  });

  it("is listed, the oldest first, and nothing else is", async () => {
    const temp = temporaryFolder();
    const make = async (name: string, opened: string) => {
      const dir = join(temp, `cutover-${name}`);
      mkdirSync(dir);
      await writeRecord({ name, dir, mark: "of-no-process-at-all", services: [], opened, env: {} });
    };
    await make("bbbbbb", "2026-01-02T00:00:00.000Z");
    await make("aaaaaa", "2026-01-03T00:00:00.000Z");
    mkdirSync(join(temp, "cutover-cccccc"));
    mkdirSync(join(temp, "else"));
    expect((await leftSandboxes(temp)).map(({ name }) => name)).toEqual(["bbbbbb", "aaaaaa"]);
    expect(await leftSandboxes(join(temp, "not-there"))).toEqual([]);
  });
});

describe("a folder that is no such sandbox's is left as it is, with one sentence:", () => {
  /** What is done to a folder, which folder is named then, and what is said of it. */
  const CASES: readonly (readonly [what: string, spoil: (made: Made) => string, says: RegExp])[] = [
    ["no record", ({ dir }) => away(dir, RECORD), /it has no sandbox\.json/],
    ["a record that is no JSON", ({ dir }) => rewritten(dir, "{"), /is not one that a sandbox wrote/],
    ["a list of processes alone", ({ dir }) => rewritten(dir, "[]"), /is not one that a sandbox wrote/],
    ["a copy", copied, /is that of .*, and this is a copy, or was moved/],
    ["one that was moved", moved, /is that of .*, and this is a copy, or was moved/],
    ["one that another took the place of", replaced, /is that of .*, and this is a copy, or was moved/],
    ["a link to one", linked, /it is a link/],
    ["a record that others may read", ({ dir }) => readable(dir), /not a file of ours alone/],
    ["a record that is a link", ({ dir }) => linkedRecord(dir), /cannot be read/],
    ["a file", ({ dir }) => join(dir, "data"), /it is no folder/],
    ["nothing, under a name that no sandbox has", ({ dir }) => join(dir, "none"), /there is no such folder/],
    ["the root", () => "/", /it has no sandbox\.json/],
  ];

  it.each(CASES)("%s", async (_, spoil, says) => {
    const made = await left();
    const folder = spoil(made);
    // Others make and remove folders beside it meanwhile.
    const beside = () =>
      readdirSync(dirname(folder))
        .filter((name) => [folder, made.dir].some((own) => name.startsWith(basename(own))))
        .sort();
    const before = existsSync(folder) && folder !== "/" ? beside() : [];
    const error = await stopSandbox(folder).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error?.name).toBe("SetupError");
    expect(error?.message).toMatch(says);
    expect(error?.message).toMatch(/^\/.*: .*\. Nothing was touched\.$/);
    expect(isAlive(made.pid)).toBe(true);
    if (before.length > 0) expect(beside()).toEqual(before);
  });

  // Only who may give files away can make one of somebody else's.
  it.runIf(process.getuid?.() === 0)("another user's", async () => {
    const { dir, pid } = await left();
    chownSync(join(dir, RECORD), 12_345, 12_345);
    await expect(stopSandbox(dir)).rejects.toThrow(/not a file of ours alone/);
    chownSync(dir, 12_345, 12_345);
    await expect(stopSandbox(dir)).rejects.toThrow(/belongs to another user/);
    expect(isAlive(pid)).toBe(true);
    expect(existsSync(join(dir, "data"))).toBe(true);
  });

  function away(dir: string, file: string): string {
    rmSync(join(dir, file));
    return dir;
  }
  function rewritten(dir: string, text: string): string {
    writeFileSync(join(dir, RECORD), text);
    return dir;
  }
  function target(): string {
    return join(temporaryFolder(), "cutover-copied");
  }
  function copied({ dir }: Made): string {
    const to = target();
    cpSync(dir, to, { recursive: true, preserveTimestamps: true });
    return to;
  }
  function moved({ dir }: Made): string {
    const to = target();
    renameSync(dir, to);
    return to;
  }
  function replaced({ dir }: Made): string {
    renameSync(dir, `${dir}-old`);
    onTestFinished(() => rmSync(`${dir}-old`, { recursive: true, force: true }));
    cpSync(`${dir}-old`, dir, { recursive: true });
    return dir;
  }
  function linked({ dir }: Made): string {
    const to = target();
    symlinkSync(dir, to);
    return to;
  }
  function readable(dir: string): string {
    chmodSync(join(dir, RECORD), 0o644);
    return dir;
  }
  function linkedRecord(dir: string): string {
    const elsewhere = join(temporaryFolder(), "record");
    linkSync(join(dir, RECORD), elsewhere);
    rmSync(join(dir, RECORD));
    symlinkSync(elsewhere, join(dir, RECORD));
    return dir;
  }
});

describe("a process", () => {
  it("is told from others that have its id, and has no identity once it has ended", async () => {
    const pid = stranger();
    const identity = identityOf(pid);
    expect(identity).toBeDefined();
    expect(identityOf(pid)).toBe(identity);
    expect(identityOf(stranger())).not.toBe(identityOf(process.pid));
    process.kill(pid, "SIGKILL");
    await until("it has ended", () => identityOf(pid) === undefined);
  });
});

it("a record is written once, whole, and for nobody else", async () => {
  const { dir } = await left();
  const found = await readRecord(dir);
  expect(found).toMatchObject({ name: "mine", dir, env: { SECRET: "s" } });
  expect(readdirSync(dir).filter((name) => name.endsWith(".new"))).toEqual([]);
});
