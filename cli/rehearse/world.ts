import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { CreateDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";
import pg from "pg";
import { ENVIRONMENT_NAME, PROFILE_NAME } from "../../components/names";
import { UserError } from "../../model/problem";
import { bundlePolicies } from "../../policies/bundle.mjs";
import type { Progress, Sandbox } from "../../sandbox";
import { type Fleet, startFleet } from "../../sandbox/demo/ops-view/fleet";
import type { Tokens } from "../../sandbox/demo/ops-view/identity";
import { migrate } from "../../sandbox/demo/ops-view/migrate";
import { seed } from "../../sandbox/demo/ops-view/seed";
import { startTraffic, type Traffic } from "../../sandbox/demo/traffic";
import { type Overlay, PROGRAM, RehearsalProject } from "./project";
import { startWebhook, type Webhook } from "./webhook";

/** How much faster declared durations pass in a rehearsal: an hour in a second. */
export const TIME_SCALE = 3_600;

const ROLLOUT = "ops-view";
const WORKSPACE = "ws-ops";
const STACKS = ["baseline", "stageA", "stageB"] as const;

/** The emulator takes any. */
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

/** Flags as one server says that it has them. */
export type ServedFlags = Readonly<Record<string, boolean | number>>;

/** All that the cutover of the operations view is about, running: database, servers, clients, pager. */
export interface OpsViewWorld {
  readonly sandbox: Sandbox;
  readonly project: RehearsalProject;
  readonly pool: pg.Pool;
  readonly fleet: Fleet;
  readonly traffic: Traffic;
  readonly webhook: Webhook;
  readonly tokens: Tokens;
  readonly workspace: string;
  /** The flags of each server. */
  servedFlags(): Promise<ServedFlags[]>;
  /** Ends what is not the sandbox's own; the sandbox ends the rest. */
  stop(): Promise<void>;
}

/** Starts the servers and their clients on a database that lacks the last two migrations, all flags off. */
export async function openOpsView(sandbox: Sandbox, progress: Progress): Promise<OpsViewWorld> {
  const { postgres, aws } = sandbox;
  const tokens: Tokens = { analyst: token(), verifier: token(), admin: token() };
  const pool = new pg.Pool({ ...postgres, max: 4 });
  pool.on("error", () => {});
  await migrate(pool, "011");
  await seed(pool, { tokens, workspace: WORKSPACE });
  await declareDatabaseInstance(aws);
  const webhook = await startWebhook();
  await bundlePolicies();
  const fleet = await progress.step("Starting the servers", () =>
    startFleet({
      count: 2,
      sandbox,
      tokens,
      flags: { application: ROLLOUT, environment: ENVIRONMENT_NAME, profile: PROFILE_NAME },
    }),
  );
  const project = new RehearsalProject(join(sandbox.dir, "project"), PROGRAM);
  await project.write(STACKS, (stack) => overlay(stack, sandbox, webhook, fleet));
  await progress.step("Creating the stacks", () => createStacks(sandbox, project, tokens));
  const traffic = startTraffic({ urls: fleet.urls, tokens, workspace: WORKSPACE });
  return {
    sandbox,
    project,
    pool,
    fleet,
    traffic,
    webhook,
    tokens,
    workspace: WORKSPACE,
    servedFlags: () => Promise.all(fleet.urls.map(readFlags)),
    stop: async () => {
      await webhook.stop();
      await pool.end();
    },
  };
}

function token(): string {
  return randomBytes(18).toString("base64url");
}

/** Where things are on this machine. Everything else is what the stack files say. */
function overlay(stack: string, { postgres }: Sandbox, webhook: Webhook, fleet: Fleet): Overlay {
  const scale = { "cutover:timeScale": TIME_SCALE };
  if (stack !== "baseline") return scale;
  const deliver = (path: string) => [{ protocol: "http", endpoint: `${webhook.url}/${path}` }];
  return {
    ...scale,
    "postgresql:host": postgres.host,
    "postgresql:port": postgres.port,
    "postgresql:username": postgres.user,
    "postgresql:database": postgres.database,
    "postgresql:sslmode": "disable",
    "cutover:rollout": {
      database: { host: postgres.host, port: postgres.port, name: postgres.database, ssl: "disable" },
      service: { url: fleet.urls[0] },
      servers: { urls: fleet.urls },
      topics: { onCall: deliver("on-call"), ops: deliver("ops"), stakeholders: deliver("stakeholders") },
    },
  };
}

async function createStacks(sandbox: Sandbox, { folder }: RehearsalProject, tokens: Tokens): Promise<void> {
  // One after another: they share the backend's list of stacks.
  for (const stack of STACKS) {
    await mustSucceed(sandbox, folder, ["stack", "init", stack]);
    const secrets =
      stack === "baseline"
        ? { "postgresql:password": sandbox.postgres.password }
        : Object.fromEntries(Object.entries(tokens).map(([role, token]) => [`cutover:token-${role}`, token]));
    const pairs = Object.entries(secrets).flatMap(([key, value]) => ["--secret", `${key}=${value}`]);
    await mustSucceed(sandbox, folder, ["config", "set-all", "--stack", stack, ...pairs]);
  }
}

async function mustSucceed(sandbox: Sandbox, cwd: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await sandbox.pulumi([...args, "--non-interactive"], { cwd });
  if (code !== 0) throw new UserError(`pulumi ${args.slice(0, 2).join(" ")} failed: ${stderr.trim()}`);
}

/** The RDS instance that stage B snapshots: its database is the sandbox's PostgreSQL. */
async function declareDatabaseInstance({ endpoint, region }: Sandbox["aws"]): Promise<void> {
  const client = new RDSClient({
    endpoint,
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  try {
    await client.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: "ops-db",
        DBInstanceClass: "db.t4g.micro",
        Engine: "postgres",
        AllocatedStorage: 20,
        MasterUsername: "postgres",
        MasterUserPassword: token(),
      }),
    );
  } finally {
    client.destroy();
  }
}

/** Waits until an alarm is in ALARM, while an analyst keeps looking at the lists. Throws where it never is. */
export async function untilAlarm(world: OpsViewWorld, name: string, withinMs = 20_000): Promise<void> {
  const { endpoint, region } = world.sandbox.aws;
  const client = new CloudWatchClient({ endpoint, region, credentials: CREDENTIALS });
  try {
    for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(200)) {
      await Promise.all(
        world.fleet.urls.map((url) =>
          fetch(`${url}/api/v2.5/workspaces/${world.workspace}/patches`, {
            headers: { authorization: `Bearer ${world.tokens.analyst}` },
          }),
        ),
      );
      const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
      if (MetricAlarms?.[0]?.StateValue === "ALARM") return;
    }
    throw new UserError(`The alarm ${name} did not fire within ${withinMs / 1_000} s`);
  } finally {
    client.destroy();
  }
}

async function readFlags(url: string): Promise<ServedFlags> {
  const answer = await fetch(`${url}/api/v2.5/feature-flags`, { signal: AbortSignal.timeout(5_000) });
  return ((await answer.json()) as { data: { flags: ServedFlags } }).data.flags;
}

/** Waits until every server says that it has these flags. Returns what they say in the end, also when they do not. */
export async function untilServed(
  world: OpsViewWorld,
  flags: ServedFlags,
  withinMs = 10_000,
): Promise<ServedFlags> {
  const same = (served: ServedFlags) =>
    Object.entries(flags).every(([flag, value]) => served[flag] === value);
  for (const deadline = Date.now() + withinMs; ; await sleep(100)) {
    const served = await world.servedFlags();
    const odd = served.find((one) => !same(one));
    if (!odd) return served[0] ?? {};
    if (Date.now() > deadline) return odd;
  }
}
