import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { EcsService } from "../../src/flags/restart";
import type { Sandbox } from "..";
import { appEnv, type FlagSource } from "../appEnv";
import { followService } from "../aws/ecs";
import { type KeptAddress, keepAddress } from "../host/address";
import { messageOf, SetupError } from "../host/errors";
import { freePort, LOOPBACK } from "../host/ports";
import { endOfLog, type Service } from "../host/processes";
import { untilReady } from "../host/ready";
import { together } from "../host/together";

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
  readonly sandbox: Pick<Sandbox, "spawn" | "env" | "postgres" | "aws" | "closing" | "dir">;
  readonly app: OwnApp;
  /** The folder that the command runs in. */
  readonly folder: string;
  readonly flags: FlagSource;
  /** The bearer tokens that gates send, by their roles. */
  readonly tokens: Readonly<Record<string, string>>;
  /** The ECS service whose deployments restart it. */
  readonly restartedWith?: EcsService | undefined;
  /** How long it is waited for until it serves, in ms. Default: two minutes, which only one that never serves takes. */
  readonly patienceMs?: number;
}

/** An app that runs, as several servers. */
export interface RunningApp {
  /** One for each server. A restart keeps them. */
  readonly urls: string[];
  /** Restarts every server with more in its environment. */
  restart(more?: Readonly<Record<string, string>>): Promise<void>;
  /** Comes once a server has ended that nobody has ended: a sentence about it, with the end of its log. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** How often is looked whether it serves, and for how long, in ms. */
const READY = { everyMs: 50, withinMs: 120_000 };

/** Starts a rollout's own app. Throws a `SetupError` with the end of its log where it does not start. */
export async function startOwnApp(options: OwnAppOptions): Promise<RunningApp> {
  const { sandbox, app, restartedWith } = options;
  await mkdir(scratchOf(sandbox), { recursive: true });
  const names = Array.from({ length: app.servers }, (_, index) => `app-${index + 1}`);
  const started = await Promise.allSettled(names.map((name) => Member.start(options, name)));
  const members = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const stop = async () => void (await Promise.all(members.map((member) => member.stop())));
  const failure = started.find((result) => result.status === "rejected");
  if (failure) {
    await stop();
    throw failure.reason;
  }
  let kept: Readonly<Record<string, string>> = {};
  // All of them at once, as a service does that says nothing else (minimumHealthyPercent 100, maximumPercent 200): each goes on
  // until its own new one serves. Source: Amazon ECS developer guide, "Deploy Amazon ECS services by replacing tasks".
  const restart = async (more: Readonly<Record<string, string>> = kept) => {
    kept = more;
    await together(members.map((member) => member.replace(more)));
  };
  // With the first deployment they have just been started.
  const watching =
    restartedWith &&
    followService(sandbox.aws, restartedWith, async (isFirst) => {
      if (!isFirst) await restart();
    });
  return {
    urls: members.map(({ address }) => address.url),
    restart,
    ended: Promise.race(members.map(({ ended }) => ended)),
    async stop() {
      await watching?.stop();
      await stop();
    },
  };
}

/** One server: an address that stays, and the process that answers there. */
class Member {
  readonly ended: Promise<string>;
  #tellEnded: (why: string) => void = () => {};

  private constructor(
    private readonly options: OwnAppOptions,
    private readonly name: string,
    readonly address: KeptAddress,
    private service: Service | undefined,
  ) {
    this.ended = new Promise((resolve) => {
      this.#tellEnded = resolve;
    });
    this.#watch();
  }

  static async start(options: OwnAppOptions, name: string): Promise<Member> {
    const { service, port } = await startOne(options, name, {});
    return new Member(options, name, await keepAddress(port), service);
  }

  /** The one before goes once the new one serves, as in a deployment. Where that never does, the one before stays. */
  async replace(more: Readonly<Record<string, string>>): Promise<void> {
    const before = this.service;
    const { service, port } = await startOne(this.options, this.name, more);
    this.address.leadTo(port);
    this.service = service;
    this.#watch();
    await before?.stop();
  }

  async stop(): Promise<void> {
    const { service } = this;
    this.service = undefined;
    await service?.stop();
    await this.address.close();
  }

  /** Tells where the process that serves now ends, and neither we nor the sandbox have ended it. */
  #watch(): void {
    const { service, options } = this;
    void service?.exited.then((code) => {
      if (this.service === service && !options.sandbox.closing.aborted)
        this.#tellEnded(
          `${this.name} of the app, ${options.app.command.join(" ")}, ended by itself${code < 0 ? ", by a signal" : `, with exit code ${code}`}. ${endOfLog(service.log)}`,
        );
    });
  }
}

async function startOne(
  { sandbox, app, folder, flags, tokens, patienceMs = READY.withinMs }: OwnAppOptions,
  name: string,
  more: Readonly<Record<string, string>>,
): Promise<{ service: Service; port: number }> {
  const [command, ...args] = app.command;
  const port = await freePort();
  const env = {
    ...sandbox.env,
    ...appEnv(sandbox, flags, tokens),
    // What it leaves there goes with the sandbox.
    TMPDIR: scratchOf(sandbox),
    ...app.env,
    ...more,
    PORT: String(port),
    SERVER_NAME: name,
  };
  const service = await sandbox.spawn(name, command, args, { cwd: folder, env }).catch((error: unknown) => {
    throw new SetupError(`The app, ${app.command.join(" ")}, does not start: ${messageOf(error)}.`);
  });
  const served = async () =>
    (await serves(`http://${LOOPBACK}:${port}${app.ready}`)) ? { service, port } : undefined;
  return untilReady(service, served, { ...READY, withinMs: patienceMs }, ({ running }) => {
    const why = running ? `did not answer at ${app.ready} on its PORT` : "ended by itself";
    return `The app, ${app.command.join(" ")}, ${why}.`;
  });
}

const scratchOf = ({ dir }: Pick<Sandbox, "dir">) => join(dir, "app");

async function serves(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await answer.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
