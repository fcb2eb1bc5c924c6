import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { tail } from "../../../sandbox/host/processes";
import { environment, isAlive, PROJECT, processesIn, temporaryFolder, until } from "../support";

describe("running a program to its end", () => {
  it("returns what it printed and its exit code, and passes lines on as they come", async () => {
    const processes = processesIn(temporaryFolder());
    const lines: string[] = [];
    const result = await processes.run("sh", ["-c", "echo out; echo err >&2; exit 3"], {
      env: environment(),
      onLine: (line) => lines.push(line),
    });
    expect(result).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
    expect(lines.sort()).toEqual(["err", "out"]);
  });

  it("says which program cannot be started", async () => {
    const processes = processesIn(temporaryFolder());
    await expect(processes.run("no-such-program", [], { env: environment() })).rejects.toThrow(
      /cannot start no-such-program/,
    );
  });

  it("asks it to end in its own way when aborted", async () => {
    const processes = processesIn(temporaryFolder());
    const abort = new AbortController();
    const result = processes.run(
      "sh",
      ["-c", "trap 'echo bye; exit 4' INT; echo up; while :; do sleep 0.05; done"],
      {
        env: environment(),
        stopSignal: "SIGINT",
        signal: abort.signal,
        onLine: (line) => line === "up" && abort.abort(),
      },
    );
    expect(await result).toMatchObject({ code: 4, stdout: "up\nbye\n" });
  });
});

describe("a service", () => {
  it("writes to a log, and ends with all that it has started", async () => {
    const dir = temporaryFolder();
    const processes = processesIn(dir);
    const service = await processes.spawn("app", "sh", ["-c", "sleep 600 & echo $!; wait"], {
      env: environment(),
    });
    await until("it printed", () => tail(service.log) !== "");
    const grandchild = Number(readFileSync(service.log, "utf8"));
    expect(service.running).toBe(true);
    expect(isAlive(grandchild)).toBe(true);
    await service.stop();
    expect(service.running).toBe(false);
    await until("the grandchild has ended", () => !isAlive(grandchild));
  });

  it("is killed where it does not end by itself", async () => {
    const dir = temporaryFolder();
    const processes = processesIn(dir, 300);
    const service = await processes.spawn(
      "stubborn",
      "sh",
      ["-c", "trap '' TERM; echo up; while :; do sleep 1; done"],
      {
        env: environment(),
      },
    );
    await until("it is up", () => tail(service.log) === "up");
    await service.stop();
    expect(isAlive(service.pid)).toBe(false);
  });
});

describe("a parent that has nothing left to do", () => {
  it("waits until a service that had to be killed has ended", async () => {
    const dir = temporaryFolder();
    // As one file: what loads sources would keep it alive.
    const outfile = join(dir, "processes.cjs");
    const entry = join(PROJECT, "sandbox/host/processes.ts");
    await build({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "cjs" });
    const parent = `const { Processes } = require(${JSON.stringify(outfile)});
      const stubborn = ["-c", "trap '' TERM; while :; do sleep 1; done"];
      new Processes(${JSON.stringify(temporaryFolder())}, 100)
        .spawn("stubborn", "sh", stubborn, { env: process.env })
        .then((service) => service.stop())
        .then(() => console.log("stopped"));`;
    expect(execFileSync(process.execPath, ["-e", parent], { encoding: "utf8" })).toBe("stopped\n");
  });
});

describe("a parent that dies", () => {
  // Starts a service, prints its pid and the folder, and then ends as told.
  const source = (end: string) => `
    const { Processes } = require(${JSON.stringify(join(PROJECT, "sandbox/host/processes"))});
    const dir = process.argv[2];
    const processes = new Processes(dir);
    processes.spawn("app", "sleep", ["600"], { env: process.env }).then((service) => {
      console.log(service.pid);
      ${end}
    });`;

  it.each([
    ["is killed", "setInterval(() => {}, 1000);"],
    ["throws", "throw new Error('bug');"],
    ["exits in the middle", "process.exit(1);"],
  ])("leaves no process and no folder when it %s", async (how, end) => {
    const dir = temporaryFolder();
    const file = join(temporaryFolder(), "parent.ts");
    writeFileSync(file, source(end));
    const parent = spawn(process.execPath, [join(PROJECT, "cli", "bootstrap.mjs"), file, dir], {
      cwd: PROJECT,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const pid = Number(
      (await createInterface({ input: parent.stdout })[Symbol.asyncIterator]().next()).value,
    );
    expect(pid).toBeGreaterThan(0);
    if (how === "is killed") parent.kill("SIGKILL");
    await until("the service has ended", () => !isAlive(pid));
    await until("the folder is gone", () => !existsSync(dir));
  });
});
