import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  AppConfigClient,
  CreateApplicationCommand,
  ListApplicationsCommand,
} from "@aws-sdk/client-appconfig";
import { Client } from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { openSandbox, type Sandbox, silentProgress, stopSandbox } from "../../sandbox";
import { emulated } from "../../sandbox/aws/emulated";
import { startMiniStack } from "../../sandbox/aws/ministack";
import { freePort, LOOPBACK } from "../../sandbox/host/ports";
import { startPostgres } from "../../sandbox/postgres/server";
import { environment, PROJECT, processesIn, processesOf, temporaryFolder, until } from "./support";

async function opened(): Promise<Sandbox> {
  const sandbox = await openSandbox({ progress: silentProgress });
  onTestFinished(() => sandbox.stop());
  return sandbox;
}

function appConfig({ aws }: Sandbox): AppConfigClient {
  return new AppConfigClient(emulated(aws));
}

describe("a sandbox", () => {
  it("is a world of its own: two at the same time do not see each other", async () => {
    const [one, two] = await Promise.all([opened(), opened()]);
    await appConfig(one).send(new CreateApplicationCommand({ Name: "only-in-one" }));
    expect((await appConfig(two).send(new ListApplicationsCommand({}))).Items).toEqual([]);
    expect(one.postgres.port).not.toBe(two.postgres.port);
    for (const { postgres } of [one, two]) {
      const client = new Client(postgres);
      await client.connect();
      expect((await client.query("SELECT current_database() AS name")).rows).toEqual([{ name: "ops" }]);
      await client.end();
    }
    await one.resetAws();
    expect((await appConfig(one).send(new ListApplicationsCommand({}))).Items).toEqual([]);
  });

  it("leads to no real account", async () => {
    const { env } = await opened();
    expect(env.AWS_ENDPOINT_URL).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect(env.PULUMI_BACKEND_URL).toMatch(/^file:\/\//);
    expect(env).not.toHaveProperty("AWS_PROFILE");
    expect(env).not.toHaveProperty("PULUMI_ACCESS_TOKEN");
  });

  it("leaves no process and no folder when it is stopped", async () => {
    const sandbox = await opened();
    const app = await sandbox.spawn("app", "sleep", ["600"]);
    expect(processesOf(sandbox.dir).length).toBeGreaterThan(2);
    await Promise.all([sandbox.stop(), sandbox.stop()]);
    expect(app.running).toBe(false);
    expect(existsSync(sandbox.dir)).toBe(false);
    await until("its processes have ended", () => processesOf(sandbox.dir).length === 0);
  });
});

describe("a port that is taken between choosing and binding", () => {
  it.each([
    ["MiniStack", startMiniStack],
    ["PostgreSQL", startPostgres],
  ])("makes %s try another", async (_name, start) => {
    const dir = temporaryFolder();
    const processes = processesIn(dir);
    const taken = await listening();
    const ports = [taken.port, await freePort()];
    const choosePort = async () => ports.shift() ?? 0;
    const server = await start({ dir, processes, env: environment(), progress: silentProgress, choosePort });
    expect(server.service.running).toBe(true);
    expect(ports).toEqual([]);
  });
});

async function listening(): Promise<{ port: number; server: Server }> {
  // Answers nothing, like a server that speaks another protocol.
  const server = createServer((socket) => socket.on("error", () => {}).destroy());
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as { port: number }).port, server };
}

describe("a program that opens a sandbox", () => {
  /** Starts it, and waits until its sandbox is open. */
  async function program(action: string): Promise<{ child: ChildProcess; dir: string }> {
    const child = spawn(
      process.execPath,
      [join(PROJECT, "cli", "bootstrap.mjs"), join(__dirname, "host", "fixtures", "holder.ts"), action],
      { cwd: PROJECT, stdio: ["ignore", "pipe", "inherit"], env: environment() },
    );
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const dir = String((await lines[Symbol.asyncIterator]().next()).value);
    expect(existsSync(dir)).toBe(true);
    return { child, dir };
  }
  const exit = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once("exit", resolve));
  const gone = async (dir: string) => {
    await until("the folder is gone", () => !existsSync(dir));
    await until("the processes have ended", () => processesOf(dir).length === 0);
  };

  it.each<[string, NodeJS.Signals, number]>([
    ["Ctrl-C", "SIGINT", 130],
    ["a polite kill", "SIGTERM", 143],
    ["a closed terminal", "SIGHUP", 129],
  ])("cleans up before it ends by %s", async (_name, signal, code) => {
    const { child, dir } = await program("hold");
    const ended = exit(child);
    child.kill(signal);
    expect(await ended).toBe(code);
    expect(existsSync(dir)).toBe(false);
    await gone(dir);
  });

  it("leaves nothing after Ctrl-C twice, in the middle of a deployment", async () => {
    const { child, dir } = await program("busy");
    const ended = exit(child);
    child.kill("SIGINT");
    setTimeout(() => child.kill("SIGINT"), 1_200);
    expect(await ended).toBe(130);
    await gone(dir);
  });

  it("leaves nothing after kill -9, in the middle of a deployment", async () => {
    const { child, dir } = await program("busy");
    child.kill("SIGKILL");
    await gone(dir);
  });

  it("leaves nothing after an error that nobody caught", async () => {
    const { child, dir } = await program("throw");
    expect(await exit(child)).toBe(1);
    await gone(dir);
  });

  it("can leave the sandbox running, to be stopped later", async () => {
    const { child, dir } = await program("detach");
    expect(await exit(child)).toBe(0);
    expect(processesOf(dir).length).toBeGreaterThan(1);
    expect((await stopSandbox(dir))?.dir).toBe(dir);
    expect(existsSync(dir)).toBe(false);
    await gone(dir);
    expect(await stopSandbox(dir)).toBeUndefined();
  });
});
