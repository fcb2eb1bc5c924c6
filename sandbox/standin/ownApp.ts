import { setTimeout as sleep } from "node:timers/promises";
import { DescribeServicesCommand, ECSClient } from "@aws-sdk/client-ecs";
import type { EcsService } from "../../src/flags/restart";
import type { Sandbox } from "..";
import { appEnv } from "../appEnv";
import { emulated } from "../aws/emulated";
import type { FlagSource } from "../demo/service/flagWatcher";
import { freePort, LOOPBACK } from "../host/ports";
import type { Service } from "../host/processes";
import { untilReady } from "../host/ready";

/** A rollout's own app, in whatever language. */
interface OwnApp {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly servers: number;
  /** Where a server answers once it serves. Any answer will do. */
  readonly ready: string;
}

export interface OwnAppOptions {
  readonly sandbox: Pick<Sandbox, "spawn" | "env" | "postgres" | "aws" | "closing">;
  readonly app: OwnApp;
  /** The folder that the command runs in. */
  readonly folder: string;
  readonly flags: FlagSource;
  /** The ECS service whose deployments restart it. */
  readonly restartedWith?: EcsService | undefined;
}

/** An app that runs, as several servers. */
export interface RunningApp {
  /** One for each server. A restart keeps them. */
  readonly urls: string[];
  /** Restarts every server, one after another, with more in its environment. */
  restart(more?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

/** Only an app that never serves is waited for as long, in ms. */
const READY = { everyMs: 100, withinMs: 120_000 };
const WATCH_MS = 500;

/** Starts a rollout's own app. Throws a `SetupError` with the end of its log where it does not start. */
export async function startOwnApp(options: OwnAppOptions): Promise<RunningApp> {
  const { sandbox, app, restartedWith } = options;
  const ports: number[] = [];
  for (let index = 0; index < app.servers; index++) ports.push(await freePort());
  const running = new Map<number, Service>();
  const begin = async (port: number, index: number, more: Readonly<Record<string, string>> = {}) =>
    void running.set(port, await startOne(options, port, index, more));
  const stop = async () => void (await Promise.all([...running.values()].map((service) => service.stop())));
  const started = await Promise.allSettled(ports.map((port, index) => begin(port, index)));
  const failure = started.find((result) => result.status === "rejected");
  if (failure) {
    await stop();
    throw failure.reason;
  }
  let kept: Readonly<Record<string, string>> = {};
  // In turn, as a rolling restart does, so that the others go on serving.
  const restart = async (more: Readonly<Record<string, string>> = kept) => {
    kept = more;
    for (const [index, port] of ports.entries()) {
      await running.get(port)?.stop();
      await begin(port, index, more);
    }
  };
  const watching = new AbortController();
  const watched = restartedWith
    ? follow(sandbox, restartedWith, watching.signal, () => restart())
    : undefined;
  return {
    urls: ports.map((port) => `http://${LOOPBACK}:${port}`),
    restart,
    async stop() {
      watching.abort();
      await watched;
      await stop();
    },
  };
}

async function startOne(
  { sandbox, app, folder, flags }: OwnAppOptions,
  port: number,
  index: number,
  more: Readonly<Record<string, string>>,
): Promise<Service> {
  const [command, ...args] = app.command;
  const service = await sandbox.spawn(`app-${index + 1}`, command, args, {
    cwd: folder,
    env: {
      ...sandbox.env,
      ...appEnv(sandbox, flags),
      ...app.env,
      ...more,
      PORT: String(port),
      SERVER_NAME: `app-${index + 1}`,
    },
  });
  const served = async () => ((await serves(`http://${LOOPBACK}:${port}${app.ready}`)) ? service : undefined);
  return untilReady(service, served, READY, ({ running }) => {
    const why = running ? `did not answer at ${app.ready} on its PORT` : "ended by itself";
    return `The app, ${app.command.join(" ")}, ${why}.`;
  });
}

async function serves(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await answer.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** Restarts the servers with every deployment of the service that stands for them, as ECS does. */
async function follow(
  { aws }: Pick<Sandbox, "aws">,
  { cluster, service }: EcsService,
  signal: AbortSignal,
  restart: () => Promise<void>,
): Promise<void> {
  const client = new ECSClient({ ...emulated(aws), maxAttempts: 1 });
  const newest = async () => {
    const command = new DescribeServicesCommand({ cluster, services: [service] });
    const { services = [] } = await client.send(command, { abortSignal: signal });
    return services[0]?.deployments?.find(({ status }) => status === "PRIMARY")?.id;
  };
  let current = await newest().catch(() => undefined);
  while (!signal.aborted) {
    await sleep(WATCH_MS, undefined, { signal }).catch(() => {});
    const found = await newest().catch(() => current);
    if (found === current || signal.aborted) continue;
    // A restart that fails is tried again: the deployment is not done then.
    const done = await restart().then(
      () => true,
      () => false,
    );
    if (done) current = found;
  }
  client.destroy();
}
