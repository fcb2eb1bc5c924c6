import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, SetupError } from "./errors";
import { identityOf, MARK_VARIABLE } from "./identity";

const GRACE_MS = 10_000;

export interface SpawnOptions {
  readonly cwd?: string;
  /** The whole environment of the child; nothing is inherited besides it. */
  readonly env: Readonly<Record<string, string>>;
  /** The signal that asks this program to end in an orderly way. */
  readonly stopSignal?: NodeJS.Signals;
  readonly uid?: number;
  readonly gid?: number;
}

export interface RunOptions extends SpawnOptions {
  /** Called with each line of stdout and stderr, as it comes. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Ends the program in an orderly way when aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of the sandbox that runs in the background. */
export interface Service {
  readonly name: string;
  readonly pid: number;
  /** The file with all that it has printed. */
  readonly log: string;
  readonly running: boolean;
  /** Resolves with the exit code once it has ended (128 + n after signal n is told as -1). */
  readonly exited: Promise<number>;
  stop(): Promise<void>;
}

/** What it takes to end a service from another process; see `stopSandbox`. */
export interface ServiceRecord {
  readonly name: string;
  readonly pid: number;
  readonly stopSignal: NodeJS.Signals;
  /** See `identityOf`. */
  readonly identity?: string | undefined;
}

interface Tracked extends ServiceRecord {
  readonly child: ChildProcess;
  readonly exited: Promise<number>;
}

/**
 * The child processes of one sandbox. Each is the leader of a process group of its own: a Ctrl-C in the
 * terminal reaches only our own process, which then ends them in order. A reaper process ends them
 * where ours no longer can.
 */
export class Processes {
  /** Carried by each of them in its environment: what they start in turn is known by it. */
  readonly mark = randomBytes(24).toString("base64url");
  readonly #tracked = new Map<number, Tracked>();
  readonly #reaper: ChildProcess;
  #stopped: Promise<void> | undefined;

  /**
   * `dir` is removed by the reaper should this process die before `stop`. A program that has not ended
   * `graceMs` after it was asked to is killed.
   */
  constructor(
    private readonly dir: string,
    private readonly graceMs = GRACE_MS,
  ) {
    this.#reaper = spawn(process.execPath, [join(__dirname, "reaper.mjs")], {
      detached: true,
      cwd: "/",
      env: {},
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#reaper.on("error", () => {});
    this.#reaper.stdin?.on("error", () => {});
    // Neither the reaper nor the pipe to it may keep our own process alive.
    this.#reaper.unref();
    (this.#reaper.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    this.#tellReaper(`dir ${dir}`);
  }

  /** Starts a service; what it prints goes to a file, so that it can outlive our process. */
  async spawn(
    name: string,
    command: string,
    args: readonly string[],
    options: SpawnOptions,
  ): Promise<Service> {
    const logs = join(this.dir, "logs");
    await mkdir(logs, { recursive: true });
    const log = join(logs, `${name}.log`);
    const file = await open(log, "a");
    try {
      const child = spawn(command, args, {
        ...this.#spawnOptions(options),
        stdio: ["ignore", file.fd, file.fd],
      });
      const tracked = await this.#track(name, command, child, options);
      child.unref();
      return {
        name,
        pid: tracked.pid,
        log,
        exited: tracked.exited,
        get running() {
          return child.exitCode === null && child.signalCode === null;
        },
        stop: () => this.#end(tracked),
      };
    } finally {
      await file.close();
    }
  }

  /** Runs a program to its end and returns what it printed. */
  async run(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
    const child = spawn(command, args, { ...this.#spawnOptions(options), stdio: ["ignore", "pipe", "pipe"] });
    const stdout = collect(child.stdout, options.onLine);
    const stderr = collect(child.stderr, options.onLine);
    const tracked = await this.#track(command, command, child, options);
    const abort = () => void this.#end(tracked);
    if (options.signal?.aborted) abort();
    options.signal?.addEventListener("abort", abort, { once: true });
    try {
      const code = await tracked.exited;
      return { code, stdout: await stdout, stderr: await stderr };
    } finally {
      options.signal?.removeEventListener("abort", abort);
    }
  }

  /** Ends everything, the last started first, since later ones lean on earlier ones. */
  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      for (const tracked of [...this.#tracked.values()].reverse()) await this.#end(tracked);
    })();
    return this.#stopped;
  }

  /** Lets the reaper go, once there is nothing left for it to do. */
  async release(): Promise<void> {
    const gone = new Promise((resolve) => this.#reaper.once("exit", resolve));
    this.#reaper.ref();
    this.#reaper.stdin?.end();
    if (this.#reaper.exitCode === null && this.#reaper.pid !== undefined) await within(GRACE_MS, gone);
  }

  /** What it takes to end them from another process, in the order in which they were started. */
  get services(): ServiceRecord[] {
    return [...this.#tracked.values()].map(({ name, pid, stopSignal }) => ({
      name,
      pid,
      stopSignal,
      identity: identityOf(pid),
    }));
  }

  /** Leaves the services running after our process has ended. */
  async detach(): Promise<void> {
    this.#tellReaper("keep");
    await this.release();
  }

  #spawnOptions({ cwd, env, uid, gid }: SpawnOptions) {
    return { detached: true, env: { ...env, [MARK_VARIABLE]: this.mark }, cwd, uid, gid };
  }

  async #track(name: string, command: string, child: ChildProcess, options: SpawnOptions): Promise<Tracked> {
    const exited = new Promise<number>((resolve) => {
      child.once("close", (code) => resolve(code ?? -1));
      child.once("error", () => resolve(-1));
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => reject(new SetupError(`cannot start ${command}: ${whyNot(error)}`)));
    });
    const pid = child.pid as number;
    const tracked: Tracked = { name, pid, child, exited, stopSignal: options.stopSignal ?? "SIGTERM" };
    this.#tracked.set(pid, tracked);
    this.#tellReaper(`+${pid} ${tracked.stopSignal}`);
    void exited.then(() => {
      // Members of the group may outlive its leader, and are nobody's any more.
      killGroup(pid, "SIGKILL");
      this.#tracked.delete(pid);
      this.#tellReaper(`-${pid}`);
    });
    // What is started while the sandbox stops would be forgotten.
    if (this.#stopped !== undefined) await this.#end(tracked);
    return tracked;
  }

  async #end({ pid, stopSignal, exited, child }: Tracked): Promise<void> {
    // Where nothing else is left to do, our process would end before the child has.
    child.ref();
    killGroup(pid, stopSignal);
    await within(this.graceMs, exited);
    killGroup(pid, "SIGKILL");
    await exited;
  }

  #tellReaper(line: string): void {
    if (this.#reaper.stdin?.writable) this.#reaper.stdin.write(`${line}\n`);
  }
}

/** Waits for `event`, but not longer than `ms`, and leaves no timer behind. */
export async function within(ms: number, event: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([event, sleep(ms, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
}

/** Sends a signal to a process group; false when there is none (any more). */
function killGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Ends the group of a service that another process has started, and that leads it still. */
export async function endGroup({ pid, stopSignal, identity }: ServiceRecord): Promise<void> {
  killGroup(pid, stopSignal);
  for (let waited = 0; waited < GRACE_MS && identityOf(pid) === identity; waited += 50) await sleep(50);
  killGroup(pid, "SIGKILL");
}

/** Why a program could not be started at all. */
function whyNot(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "there is no such program";
  return error.code === "EACCES" ? "it may not be run" : messageOf(error);
}

/** The end of a log, to show why a service did not start. */
export function tail(log: string, lines = 15): string {
  try {
    return tailOf(readFileSync(log, "utf8"), lines);
  } catch {
    return "";
  }
}

/** The same as words that follow a sentence about the program. */
export function endOfLog(log: string): string {
  const end = tail(log);
  return end === "" ? "It printed nothing." : `The end of its log:\n${end}`;
}

/** The last lines of a text. */
export function tailOf(text: string, lines: number): string {
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}

async function collect(stream: Readable | null, onLine?: (line: string) => void): Promise<string> {
  if (stream === null) return "";
  if (onLine !== undefined) createInterface({ input: stream }).on("line", onLine);
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => stream.once("close", resolve));
  return Buffer.concat(chunks).toString("utf8");
}
