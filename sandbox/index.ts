import { randomBytes } from "node:crypto";
import { mkdtempSync, realpathSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { onInterrupt } from "../src/text/interrupt";
import type { Progress } from "../src/text/progress";
import { ANYBODY, type Emulator } from "./aws/emulated";
import { startMiniStack } from "./aws/ministack";
import type { Offer } from "./engine/lasting";
import { installPlugins } from "./engine/plugins";
import { type Engine, resolveEngine } from "./engine/resolve";
import type { Place } from "./host/ports";
import {
  Processes,
  type RunOptions,
  type RunResult,
  type Service,
  type SpawnOptions,
  within,
} from "./host/processes";
import { FOLDER_PREFIX, writeRecord } from "./host/record";
import { together } from "./host/together";
import { startPooler } from "./postgres/pooler/start";
import { type PostgresConnection, startPostgres } from "./postgres/server";
import { databaseBehind } from "./standin/signals/send";

export { createProgress, type Progress, silentProgress } from "../src/text/progress";

export { SetupError } from "./host/errors";
export { endedIn, leftSandboxes } from "./host/left";
export type { RunResult, Service } from "./host/processes";
export { type LeftSandbox, readRecord } from "./host/record";
export { stopSandbox } from "./host/stop";
export type { PostgresConnection } from "./postgres/server";

const PROJECT = dirname(__dirname);
const REGION = "us-east-1";
/** How long a stop waits for what still writes into the folder, in ms. */
const OCCUPIED_MS = 10_000;

type Env = Readonly<Record<string, string>>;

/** The outside world of a cutover on one machine: an engine, an AWS, a database. */
export interface Sandbox {
  /** A temporary folder, removed by `stop`. */
  readonly dir: string;
  /** The whole environment for `pulumi` and other children; also what a person exports to work by hand. */
  readonly env: Env;
  readonly engine: Engine;
  readonly aws: Emulator;
  readonly postgres: PostgresConnection;
  /** The port of the pooler before it, on the same host: what gates and probes connect to. */
  readonly poolerPort: number;
  /** Aborted as soon as the sandbox begins to stop, also because of a Ctrl-C. */
  readonly closing: AbortSignal;
  /** Runs the engine to its end. Does not throw for an exit code other than 0. */
  pulumi(
    args: readonly string[],
    options: Pick<RunOptions, "onLine" | "signal"> & { readonly cwd: string; readonly env?: Env },
  ): Promise<RunResult>;
  /** Makes the emulator forget everything. */
  resetAws(): Promise<void>;
  /** Starts a program in the background that ends with the sandbox; its output goes to a log file. */
  spawn(
    name: string,
    command: string,
    args: readonly string[],
    options?: Partial<SpawnOptions>,
  ): Promise<Service>;
  /**
   * Work that writes into the folder: a stop that comes meanwhile, as by a Ctrl-C, first waits until it has ended, so
   * that nothing is written where all was removed. Returns the work itself.
   */
  occupy<T>(work: Promise<T>): Promise<T>;
  /** Ends every process and removes the folder. May be called more than once. */
  stop(): Promise<void>;
  /**
   * Leaves everything running after our process has ended; `stopSandbox(dir)` ends it later. Until our process ends, a
   * Ctrl-C still ends the sandbox, too.
   */
  detach(left?: Left): Promise<void>;
}

/** What is written down of a sandbox that is left running. */
interface Left {
  /** What people call it by. Default: as its folder. */
  readonly name?: string;
  /** What a person exports to work in it. */
  readonly env?: Env;
}

export interface SandboxOptions {
  readonly progress: Progress;
  /** Uses the vendor's resource plugins, which the engine downloads, instead of the sandbox's own. */
  readonly officialPlugins?: boolean;
}

/** Opens a sandbox, doing all of the set-up that has not been done yet. */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  // Before there is anything to remove. What is made next is made without a pause, in which a signal could be heard.
  const ignoreInterrupts = onInterrupt(() => stop());
  const { dir, processes } = folderOrNot(ignoreInterrupts);
  const closing = new AbortController();
  const occupied = new Set<Promise<unknown>>();
  const occupy = <T>(work: Promise<T>): Promise<T> => {
    occupied.add(work);
    const over = () => void occupied.delete(work);
    work.then(over, over);
    return work;
  };
  const settled = async () => {
    do {
      await Promise.allSettled(occupied);
      // What has just come to its end may have been the beginning of something else.
      await new Promise((resolve) => setImmediate(resolve));
    } while (occupied.size > 0);
  };
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      closing.abort();
      await processes.stop();
      // Without its processes it soon comes to an end, unless it waits for what other runs do.
      await within(OCCUPIED_MS, settled());
      await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      await processes.release();
      ignoreInterrupts();
    })();
    return stopped;
  };
  try {
    return await occupy(open({ dir, processes, closing: closing.signal, stop, occupy }, options));
  } catch (error) {
    const interrupted = stopped !== undefined;
    await stop();
    // Whoever typed Ctrl-C knows why it ended: the signal's own handler ends our process.
    if (interrupted) await new Promise(() => {});
    throw error;
  }
}

function folderOrNot(otherwise: () => void): { readonly dir: string; readonly processes: Processes } {
  try {
    // Real paths, since a macOS temporary folder is reached through a link that PostgreSQL may not follow.
    const dir = realpathSync(mkdtempSync(join(tmpdir(), FOLDER_PREFIX)));
    return { dir, processes: new Processes(dir) };
  } catch (error) {
    otherwise();
    throw error;
  }
}

interface Opening extends Pick<Sandbox, "dir" | "closing" | "stop" | "occupy"> {
  readonly processes: Processes;
}

async function open(
  { dir, processes, closing, stop, occupy }: Opening,
  { progress, officialPlugins = false }: SandboxOptions,
): Promise<Sandbox> {
  const around = { dir, processes, progress, env: neutralEnv(process.env) };
  const [engine, ministack, postgres] = await together(
    [
      resolveEngine(around),
      startMiniStack(around),
      progress.step("Starting PostgreSQL", () => startDatabase(around)),
    ],
    () => processes.stop(),
  );
  const { service: _service, poolerPort, disk, ...connection } = postgres;
  await databaseBehind(ministack, { ...connection, disk });
  const env = await sandboxEnv(around.env, dir, engine, ministack.endpoint, officialPlugins);
  let lasting: Offer | undefined;
  const sandbox: Sandbox = {
    dir,
    env,
    engine,
    aws: { endpoint: ministack.endpoint, region: REGION },
    postgres: connection,
    poolerPort,
    closing,
    pulumi: async (args, { cwd, env: more, ...rest }) =>
      processes.run(engine.pulumi, args, {
        cwd,
        env: { ...env, ...(await lasting?.(cwd, args, more)), ...more },
        ...rest,
        // It lets the engine finish the step that it is in, and unlock the stack.
        stopSignal: "SIGINT",
      }),
    resetAws: ministack.reset,
    spawn: (name, command, args, more) =>
      processes.spawn(name, command, args, { env, cwd: PROJECT, ...more }),
    occupy,
    stop,
    detach: async ({ name = basename(dir), env: exported = {} } = {}) => {
      const { mark, services } = processes;
      // First of all: from then on it can be ended, whatever happens to us.
      await writeRecord({ name, dir, mark, opened: new Date().toISOString(), services, env: exported });
      await processes.detach();
    },
  };
  lasting = await progress.step("Installing the engine's plugins", () =>
    installPlugins(sandbox, engine, officialPlugins),
  );
  return sandbox;
}

/** PostgreSQL, and a pooler before it. */
async function startDatabase(around: Place) {
  const { pooler: files, ...postgres } = await startPostgres(around);
  return { ...postgres, poolerPort: await startPooler(around, { ...postgres, files }) };
}

/** Our own environment without what would lead the sandbox to a real account or another backend. */
function neutralEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !/^(AWS_|PULUMI_|PG[A-Z]|CUTOVER_SANDBOX|NODE_OPTIONS$|VITEST|TSX_)/.test(entry[0]),
  );
  const noProxy = [env.no_proxy ?? env.NO_PROXY, "127.0.0.1", "localhost"].filter(Boolean).join(",");
  // A proxy must not be asked for what is on this machine; gRPC honours it as well.
  return { ...Object.fromEntries(kept), no_proxy: noProxy, NO_PROXY: noProxy };
}

async function sandboxEnv(
  base: Env,
  dir: string,
  engine: Engine,
  endpoint: string,
  officialPlugins: boolean,
): Promise<Env> {
  const home = join(dir, "pulumi");
  const state = join(dir, "state");
  for (const folder of [home, state]) await mkdir(folder, { recursive: true });
  return {
    ...base,
    PATH: [dirname(engine.pulumi), dirname(process.execPath), base.PATH].join(delimiter),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(24).toString("base64url"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The engine lives for seconds: a fifth of what a short command takes would go into freeing memory.
    GOGC: "400",
    // A plugin that is missing is a mistake to be reported, not a reason to wait for a download.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: officialPlugins ? "false" : "true",
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    // SDKs of other languages than JavaScript know it by this name alone.
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: ANYBODY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ANYBODY.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: "true",
    // The SDK's word on Node 20 would stand in the middle of every report.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    // Profiles of the person's own files could name another endpoint.
    AWS_CONFIG_FILE: join(dir, "no-aws-config"),
    AWS_SHARED_CREDENTIALS_FILE: join(dir, "no-aws-credentials"),
  };
}
