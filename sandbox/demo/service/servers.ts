import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EcsService } from "../../../src/flags/restart";
import type { Sandbox } from "../..";
import { appEnv, type FlagSource } from "../../appEnv";
import type { Service } from "../../host/processes";
import { untilReady } from "../../host/ready";
import { runnable } from "../../host/runnable";

export interface ServersOptions {
  count: number;
  /** They are called by it and their number: imports-1, imports-2, … */
  prefix: string;
  /** The source of the module that runs one of them, see run.ts. */
  main: string;
  /** Where the servers live; it ends them should we not. */
  sandbox: Pick<Sandbox, "spawn" | "env" | "postgres">;
  /** The AppConfig profile that holds their flags; ids or names. It may come into being later. */
  flags: FlagSource;
  /**
   * The ECS service whose deployments restart them; it has to be there. They read their flags at their start alone
   * then. Absent for servers that read them all the while.
   */
  restartedWith?: EcsService | undefined;
  /** Further settings, by the names that the service gives them. */
  settings?: Record<string, string>;
}

/** Servers side by side, as processes that share database and flags. */
export interface Servers<Faults extends object = object> {
  /** One for each server, in order. A restart keeps them. */
  urls: string[];
  /** Restarts the named server, or all of them, one after another. */
  restart(name?: string): Promise<void>;
  /**
   * Deploys them with these flags in their code, one after another: from then on they serve them, also after a restart,
   * and ask AppConfig for nothing. Without any, they ask AppConfig again.
   */
  inCode(flags: object | undefined, name?: string): Promise<void>;
  /** Replaces the faults of the named server, or of all; `{}` heals. */
  faults(set: Faults, name?: string): Promise<void>;
  /** Comes once one of them has ended by itself: a sentence about it. Absent where nobody watches that. */
  readonly ended?: Promise<string>;
  stop(): Promise<void>;
}

interface Member {
  name: string;
  url: string;
  service: Service;
  /** What it alone was started with, from its last deployment on. */
  settings: Record<string, string>;
}

const READY = { everyMs: 25, withinMs: 60_000 };

/** Starts them all at once. Where one does not start, none is left. */
export async function startServers<Faults extends object>(options: ServersOptions): Promise<Servers<Faults>> {
  const names = Array.from({ length: options.count }, (_, index) => `${options.prefix}-${index + 1}`);
  const started = await Promise.allSettled(names.map((name) => startMember(options, name, 0)));
  const members = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failure = started.find((result) => result.status === "rejected");
  if (failure) {
    await Promise.all(members.map(({ service }) => service.stop()));
    throw failure.reason;
  }
  const named = (name?: string): Member[] => {
    const found = members.filter((member) => name === undefined || member.name === name);
    if (found.length === 0) throw new Error(`There is no server ${name}; there are ${names.join(", ")}.`);
    return found;
  };

  // In turn, as a rolling restart does, so that the others go on serving.
  const startAnew = async (name: string | undefined, settings?: Record<string, string>) => {
    for (const member of named(name)) {
      await member.service.stop();
      const port = Number(new URL(member.url).port);
      const kept = settings ?? member.settings;
      Object.assign(member, await startMember(options, member.name, port, kept));
    }
  };

  return {
    urls: members.map((member) => member.url),
    restart: (name) => startAnew(name),
    inCode: (flags, name) => startAnew(name, flags ? { FLAGS_IN_CODE: JSON.stringify(flags) } : {}),
    async faults(set, name) {
      for (const { url } of named(name)) await setFaults(url, set);
    },
    async stop() {
      await Promise.all(members.map(({ service }) => service.stop()));
    },
  };
}

async function startMember(
  options: ServersOptions,
  name: string,
  port: number,
  settings: Record<string, string> = {},
): Promise<Member> {
  const { spawn } = options.sandbox;
  const program = options.restartedWith
    ? runnable(join(__dirname, "task.ts"), options.main)
    : runnable(options.main);
  const service = await spawn(name, process.execPath, program, {
    env: { ...serverEnv(options, name, port), ...settings },
  });
  const url = await untilReady(
    service,
    () => readyUrl(service),
    READY,
    () => `Server ${name} of the demo did not start.`,
  );
  return { name, url, service, settings };
}

function serverEnv({ sandbox, flags, settings, restartedWith }: ServersOptions, name: string, port: number) {
  return {
    ...sandbox.env,
    ...appEnv(sandbox, flags),
    ...(restartedWith && {
      ECS_SERVICE: `${restartedWith.cluster}/${restartedWith.service}`,
      FLAGS_READ: "start",
    }),
    ...settings,
    PORT: String(port),
    SERVER_NAME: name,
  };
}

/** From the ready line of this very process: a log goes on where the one before a restart ended. */
function readyUrl({ log, pid }: Service): string | undefined {
  for (const line of readFileSync(log, "utf8").split("\n")) {
    if (!line.startsWith('{"ready"') || !line.endsWith("}")) continue;
    const ready = JSON.parse(line) as { ready: string; pid: number };
    if (ready.pid === pid) return ready.ready;
  }
  return undefined;
}

async function setFaults(url: string, set: object): Promise<void> {
  const answer = await fetch(`${url}/_faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(set),
  });
  if (!answer.ok) throw new Error(`${url}/_faults answered ${answer.status}: ${await answer.text()}`);
}
