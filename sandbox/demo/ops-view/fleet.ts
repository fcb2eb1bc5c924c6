import { type ChildProcess, type SpawnOptions, spawn as spawnChild } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { z } from "zod";
import type { Faults } from "./faults";

export interface FleetOptions {
  count: number;
  /** The settings that all servers share (see settings.ts); PORT and SERVER_NAME are the fleet's. */
  env: NodeJS.ProcessEnv;
  /** Starts a child process; by default Node's own. For callers that keep track of their processes. */
  spawn?: (command: string, args: string[], options: SpawnOptions) => ChildProcess;
  /** Receives what the servers log. */
  log?: (line: string) => void;
}

export interface Fleet {
  /** One for each server, in order: ops-1, ops-2, … A restart keeps them. */
  urls: string[];
  /** All servers, or the named one, one after another. */
  restart(name?: string): Promise<void>;
  /** Switches faults on in every server, or the named one; `{}` heals. */
  faults(set: z.input<typeof Faults>, name?: string): Promise<void>;
  stop(): Promise<void>;
}

interface Member {
  name: string;
  url: string;
  child: ChildProcess;
}

const READY_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 5_000;

/** Runs several servers side by side, as child processes that share database and flags. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const names = Array.from({ length: options.count }, (_, index) => `ops-${index + 1}`);
  const started = await Promise.allSettled(names.map((name) => startMember(options, name, 0)));
  const members = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failure = started.find((result) => result.status === "rejected");
  if (failure) {
    await Promise.all(members.map(stopMember));
    throw failure.reason;
  }
  const named = (name?: string): Member[] => {
    const found = members.filter((member) => name === undefined || member.name === name);
    if (found.length === 0) throw new Error(`There is no server ${name}; there are ${names.join(", ")}.`);
    return found;
  };

  return {
    urls: members.map((member) => member.url),
    async restart(name) {
      // In turn, as a rolling restart does, so that the others go on serving.
      for (const member of named(name)) {
        await stopMember(member);
        Object.assign(member, await startMember(options, member.name, Number(new URL(member.url).port)));
      }
    },
    async faults(set, name) {
      for (const { url } of named(name)) {
        const answer = await fetch(`${url}/_faults`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(set),
        });
        if (!answer.ok) throw new Error(`${url}/_faults answered ${answer.status}: ${await answer.text()}`);
      }
    },
    async stop() {
      await Promise.all(members.map(stopMember));
    },
  };
}

async function startMember(
  { env, spawn = spawnChild, log }: FleetOptions,
  name: string,
  port: number,
): Promise<Member> {
  // The channel lets a server notice that its parent is gone, however it went.
  const child = spawn(process.execPath, ["--import", "tsx", join(__dirname, "main.ts")], {
    cwd: join(__dirname, "../../.."),
    env: { ...env, PORT: String(port), SERVER_NAME: name },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const lastLines: string[] = [];
  if (child.stderr) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      log?.(`${name}: ${line}`);
      lastLines.push(line);
      if (lastLines.length > 20) lastLines.shift();
    });
  }
  const url = await readyLine(child);
  if (url) return { name, url, child };
  child.kill("SIGKILL");
  throw new Error(`Server ${name} did not start.\n${lastLines.join("\n")}`);
}

/** The URL of the ready line, or undefined where the process ends or stays silent too long. */
async function readyLine(child: ChildProcess): Promise<string | undefined> {
  const { stdout } = child;
  if (!stdout) throw new Error("The fleet needs its servers' stdout: spawn them with a pipe.");
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, READY_WITHIN_MS, undefined);
    const settle = (url?: string): void => {
      clearTimeout(timer);
      resolve(url);
    };
    createInterface({ input: stdout }).on("line", (line) =>
      settle((JSON.parse(line) as { ready: string }).ready),
    );
    child.once("exit", () => settle());
    child.once("error", () => settle());
  });
}

async function stopMember({ child }: Member): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  await exited;
  clearTimeout(timer);
}
