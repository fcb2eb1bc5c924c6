import { join } from "node:path";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import type pg from "pg";
import type { Progress, Sandbox } from "../../sandbox";
import { declareServices } from "../../sandbox/aws/ecs";
import type { Servers } from "../../sandbox/demo/service/servers";
import { readLoosely } from "../../src/abort/looseConfig";
import type { EcsService } from "../../src/flags/restart";
import { UserError } from "../../src/text/problem";
import { PATIENCE_MS, untilSo } from "./pace";
import { type Overlay, RehearsalProject } from "./project";
import type { Webhook } from "./webhook";

/** Where the emulator is, and who asks: it takes anybody. */
export function awsAt({ aws }: Sandbox) {
  return { ...aws, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
}

/** Flags as one server says that it has them. */
export type ServedFlags = Readonly<Record<string, boolean | number>>;

/** All that a cutover is about, running: database, servers, clients, pager. */
export interface World<Faults extends object = object> {
  readonly sandbox: Sandbox;
  readonly project: RehearsalProject;
  readonly pool: pg.Pool;
  readonly fleet: Servers<Faults>;
  readonly traffic: { stop(): Promise<unknown> };
  readonly webhook: Webhook;
  /** The flags of each server. */
  servedFlags(): Promise<ServedFlags[]>;
  /** Ends what is not the sandbox's own; the sandbox ends the rest. */
  stop(): Promise<void>;
}

/**
 * Where the first stage's stack finds things on this machine, but for its servers. Everything else is what the
 * stack files say.
 */
function foundationOverlay({ postgres }: Sandbox, webhook: Webhook): Overlay {
  const deliver = (path: string) => [{ protocol: "http", endpoint: `${webhook.url}/${path}` }];
  return {
    "postgresql:host": postgres.host,
    "postgresql:port": postgres.port,
    "postgresql:username": postgres.user,
    "postgresql:database": postgres.database,
    "postgresql:sslmode": "disable",
    "cutover:rollout": {
      database: { host: postgres.host, port: postgres.port, name: postgres.database, ssl: "disable" },
      topics: { onCall: deliver("on-call"), ops: deliver("ops"), stakeholders: deliver("stakeholders") },
    },
  };
}

/** What a rollout's stacks are made of, and what they work on. */
export interface ProjectOptions<Fleet> {
  /** The folder of the rollout's own stack files. */
  readonly source: string;
  /** In the order of its stages: the first is the foundation. */
  readonly stacks: readonly [string, ...string[]];
  /** How much faster declared durations pass than the clock. */
  readonly timeScale: number;
  readonly webhook: Webhook;
  /** Starts the servers. `restartedWith` is the service that the rollout restarts, where it names one. */
  readonly start: (restartedWith: EcsService | undefined) => Promise<Fleet>;
  /** Secrets of the config of every stack but the first. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A rollout's very own stack files, pointed at the sandbox, with a stack for each, and its servers. */
export async function openProject<Fleet extends Pick<Servers, "urls">>(
  sandbox: Sandbox,
  progress: Progress,
  { source, stacks, timeScale, webhook, start, secrets = {} }: ProjectOptions<Fleet>,
): Promise<{ project: RehearsalProject; fleet: Fleet }> {
  const [foundation] = stacks;
  const project = new RehearsalProject(join(sandbox.dir, "project"), source);
  await project.write(stacks, (stack) => ({
    "cutover:timeScale": timeScale,
    ...(stack === foundation ? foundationOverlay(sandbox, webhook) : {}),
  }));
  const { restart } = readLoosely(project.folder);
  await declareServices(sandbox.aws, restart);
  const [fleet] = await Promise.all([
    progress.step("Starting the servers", () => start(restart[0])),
    progress.step("Creating the stacks", () => createStacks(sandbox, project, stacks, secrets)),
  ]);
  // Known only now: the servers started while the stacks were created.
  await project.edit(foundation, ["cutover:rollout", "service", "url"], fleet.urls[0]);
  await project.edit(foundation, ["cutover:rollout", "servers", "urls"], fleet.urls);
  return { project, fleet };
}

/** Creates the stacks of a project, the first one with the database's password, the others with their secrets. */
async function createStacks(
  sandbox: Sandbox,
  { folder }: RehearsalProject,
  stacks: readonly string[],
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  // One after another: they share the backend's list of stacks.
  for (const [index, stack] of stacks.entries()) {
    await mustSucceed(sandbox, folder, ["stack", "init", stack]);
    const own = index === 0 ? { "postgresql:password": sandbox.postgres.password } : secrets;
    const pairs = Object.entries(own).flatMap(([key, value]) => ["--secret", `${key}=${value}`]);
    if (pairs.length > 0)
      await mustSucceed(sandbox, folder, ["config", "set-all", "--stack", stack, ...pairs]);
  }
}

async function mustSucceed(sandbox: Sandbox, cwd: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await sandbox.pulumi([...args, "--non-interactive"], { cwd });
  if (code !== 0) throw new UserError(`pulumi ${args.slice(0, 2).join(" ")} failed: ${stderr.trim()}`);
}

/** The flags of each server, as it tells them at `path`. */
export function readFlags(urls: readonly string[], path: string): Promise<ServedFlags[]> {
  return Promise.all(
    urls.map(async (url) => {
      const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      return ((await answer.json()) as { data: { flags: ServedFlags } }).data.flags;
    }),
  );
}

/** Waits until every server says that it has these flags. Returns what they say in the end, also when they do not. */
export async function untilServed(
  world: Pick<World, "sandbox" | "servedFlags">,
  flags: ServedFlags,
): Promise<ServedFlags> {
  const same = (served: ServedFlags) =>
    Object.entries(flags).every(([flag, value]) => served[flag] === value);
  let last: ServedFlags = {};
  const asked = async () => {
    const served = await world.servedFlags();
    const odd = served.find((one) => !same(one));
    last = odd ?? served[0] ?? {};
    return odd ? undefined : last;
  };
  return (await untilSo(asked, world.sandbox.closing, 100)) ?? last;
}

/** Waits until all alarms of a rollout are quiet: nothing is promoted before. */
export async function untilQuiet({ sandbox }: Pick<World, "sandbox">, rollout: string): Promise<void> {
  const client = new CloudWatchClient(awsAt(sandbox));
  const command = new DescribeAlarmsCommand({ AlarmNamePrefix: `${rollout}-`, StateValue: "ALARM" });
  let ringing: string[] = [];
  try {
    const quiet = await untilSo(async () => {
      const { MetricAlarms = [] } = await client.send(command);
      ringing = MetricAlarms.map(({ AlarmName }) => AlarmName ?? "");
      return ringing.length === 0 || undefined;
    }, sandbox.closing);
    if (!quiet) throw new UserError(`Still in ALARM: ${ringing.join(", ")}`);
  } finally {
    client.destroy();
  }
}
