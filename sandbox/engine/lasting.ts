import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Service, SpawnOptions } from "../host/processes";

type Env = Readonly<Record<string, string>>;

/** What a sandbox starts programs with that run in the background. */
export interface Starting {
  readonly env: Env;
  spawn(
    name: string,
    command: string,
    args: readonly string[],
    options: Partial<SpawnOptions>,
  ): Promise<Service>;
}

/** What to add to the environment of a command that is run in a folder: see `LastingPlugin.offer`. */
export type Offer = (cwd: string, ...command: Parameters<LastingPlugin["offer"]>) => Promise<Env>;

/** The commands whose engine starts resource plugins; the others would pay for one that nobody asks. */
const ASKING = new Set(["destroy", "import", "preview", "refresh", "up"]);

/** Leads a command to another folder than it is typed in. */
const ELSEWHERE = /^(-C|--cwd)/;

/** How long a start may take; where it takes longer, the engine starts a plugin of its own. */
const START_MS = 30_000;

/**
 * A plugin that lasts for each folder: it finds files of a program, such as a function's code, from where it was started.
 *
 * @param name how engines know it
 * @param program what to run
 */
export function lastingIn({ env, spawn }: Starting, name: string, program: string): Offer {
  const plugins = new Map<string, LastingPlugin>();
  let starts = 0;
  const made = (cwd: string) =>
    new LastingPlugin(name, env, (own) => {
      starts += 1;
      return spawn(`plugin-${name}-${starts}`, program, [], { env: own, cwd });
    });
  return (cwd, ...command) => {
    const plugin = plugins.get(cwd) ?? made(cwd);
    plugins.set(cwd, plugin);
    return plugin.offer(...command);
  };
}

/**
 * A resource plugin that lasts as long as its sandbox, for the commands of one folder. An engine would start one anew for
 * each command, half of whose work is then to load and to warm up; it attaches to one that runs where
 * `PULUMI_DEBUG_PROVIDERS` names its port. Each engine has a connection, and by it a provider, to itself.
 *
 * It is only ever faster: where the plugin does not run, or a command is given an environment in which a plugin may find
 * something else than this one found, the engine starts its own.
 */
export class LastingPlugin {
  #running: Promise<{ readonly service: Service; readonly port: string | undefined }> | undefined;

  /**
   * @param name how engines know it
   * @param env what it is started with
   */
  constructor(
    private readonly name: string,
    private readonly env: Env,
    private readonly start: (env: Env) => Promise<Service>,
  ) {}

  /**
   * What to add to a command's environment.
   *
   * @param more what the command's environment has beside the sandbox's, or instead of it
   */
  async offer(args: readonly string[], more: Env = {}): Promise<Env> {
    if (
      !ASKING.has(args[0] ?? "") ||
      args.some((one) => ELSEWHERE.test(one)) ||
      !Object.entries(more).every((entry) => this.#isSame(entry))
    )
      return {};
    const port = await this.#port().catch(() => undefined);
    return port === undefined ? {} : { PULUMI_DEBUG_PROVIDERS: `${this.name}:${port}` };
  }

  /** Whether a plugin finds the same with a variable as without it: it reads nothing of what is the engine's, or ours. */
  #isSame([name, value]: readonly [string, string]): boolean {
    return /^(PULUMI|CUTOVER)_/.test(name) || this.env[name] === value;
  }

  async #port(): Promise<string | undefined> {
    const known = this.#running;
    // Whoever looked at the same time may have started it anew already.
    if ((await known)?.service.running === false && this.#running === known) this.#running = undefined;
    this.#running ??= this.#started();
    return (await this.#running).port;
  }

  async #started() {
    // It belongs to no engine, and whoever looks for what an engine has left behind must not find it.
    const own = Object.entries(this.env).filter(([name]) => !name.startsWith("PULUMI_"));
    const service = await this.start(Object.fromEntries(own));
    for (let waited = 0; waited < START_MS && service.running; waited += 20) {
      // As the engine does: the first line is the port.
      const port = /^(\d+)\n/.exec(readFileSync(service.log, "utf8"))?.[1];
      if (port !== undefined) return { service, port };
      await sleep(20);
    }
    return { service, port: undefined };
  }
}
