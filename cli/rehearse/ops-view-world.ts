import { randomBytes } from "node:crypto";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import pg from "pg";
import type { Progress, Sandbox } from "../../sandbox";
import { type Fleet, startFleet } from "../../sandbox/demo/ops-view/fleet";
import type { Tokens } from "../../sandbox/demo/ops-view/identity";
import { migrate } from "../../sandbox/demo/ops-view/migrate";
import { seed } from "../../sandbox/demo/ops-view/seed";
import { startTraffic, type Traffic } from "../../sandbox/demo/traffic";
import { alarmsNow } from "../../src/aws/alarms";
import { ENVIRONMENT_NAME, PROFILE_NAME } from "../../src/aws/names";
import { UserError } from "../../src/text/problem";
import { openRollout } from "../sandbox/openRollout";
import { PROGRAM } from "../sandbox/project";
import { PATIENCE_MS, untilSo } from "./pace";
import { startWebhook } from "./webhook";
import { awsAt, readFlags, type World } from "./world";

/** How much faster declared durations pass where runs are quick: an hour in a second. */
export const FASTEST = 3_600;

const ROLLOUT = "ops-view";
const FLAGS_AT = "/api/v2.5/feature-flags";
const WORKSPACE = "ws-ops";

/** Its flags, stage by stage. */
export const OFF = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };
export const READ = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false };
export const WRITE = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true };

/** The cutover of the operations view. */
export interface OpsViewWorld extends World {
  readonly fleet: Fleet;
  readonly traffic: Traffic;
  readonly tokens: Tokens;
  readonly workspace: string;
  /** When each server was started: ISO 8601, UTC. */
  starts(): Promise<string[]>;
}

/** Starts the servers and their clients on a database that lacks the last two migrations, all flags off. */
export async function openOpsView(sandbox: Sandbox, progress: Progress): Promise<OpsViewWorld> {
  const tokens: Tokens = { analyst: token(), verifier: token(), admin: token() };
  const pool = new pg.Pool({ ...sandbox.postgres, max: 4 });
  pool.on("error", () => {});
  await migrate(pool, "011");
  await seed(pool, { tokens, workspace: WORKSPACE });
  const webhook = await startWebhook();
  const secrets = Object.entries(tokens).map(([role, secret]) => [`cutover:token-${role}`, secret]);
  const { project, fleet } = await openRollout(sandbox, progress, {
    source: PROGRAM,
    timeScale: FASTEST,
    webhook,
    secrets: Object.fromEntries(secrets),
    start: (restartedWith) =>
      startFleet({
        restartedWith,
        count: 2,
        sandbox,
        tokens,
        flags: { application: ROLLOUT, environment: ENVIRONMENT_NAME, profile: PROFILE_NAME },
      }),
  });
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
    servedFlags: () => readFlags(fleet.urls, FLAGS_AT),
    starts: () => Promise.all(fleet.urls.map(startOf)),
    stop: async () => {
      await webhook.stop();
      await pool.end();
    },
  };
}

async function startOf(url: string): Promise<string> {
  const answer = await fetch(`${url}${FLAGS_AT}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  return ((await answer.json()) as { data: { started: string } }).data.started;
}

function token(): string {
  return randomBytes(18).toString("base64url");
}

/** Waits until an alarm is in ALARM, while an analyst keeps looking at the lists. Throws where it never is. */
export async function untilAlarm(world: OpsViewWorld, name: string): Promise<void> {
  await whileLooking(
    world,
    `The alarm ${name} did not fire`,
    async (client) => (await alarmsNow(client, [name])).get(name)?.state === "ALARM",
  );
}

/** Waits until CloudWatch has counted some of a metric since a moment, while an analyst keeps looking at the lists. */
export async function untilCounted(world: OpsViewWorld, metric: string, since: Date): Promise<void> {
  // A period is told by its beginning.
  const StartTime = new Date(Math.floor(since.getTime() / 60_000) * 60_000);
  await whileLooking(world, `CloudWatch never counted ${metric}`, async (client) => {
    const { Datapoints = [] } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: "OpsView",
        MetricName: metric,
        StartTime,
        EndTime: new Date(Date.now() + 60_000),
        Period: 60,
        Statistics: ["Sum"],
      }),
    );
    return Datapoints.some(({ Sum = 0 }) => Sum > 0);
  });
}

async function whileLooking(
  { sandbox, fleet, workspace, tokens }: OpsViewWorld,
  otherwise: string,
  holds: (client: CloudWatchClient) => Promise<boolean>,
): Promise<void> {
  const client = new CloudWatchClient(awsAt(sandbox));
  const headers = { authorization: `Bearer ${tokens.analyst}` };
  const look = (url: string) => fetch(`${url}/api/v2.5/workspaces/${workspace}/patches`, { headers });
  try {
    const so = await untilSo(async () => {
      await Promise.all(fleet.urls.map(look));
      return (await holds(client)) || undefined;
    }, sandbox.closing);
    if (!so) throw new UserError(otherwise);
  } finally {
    client.destroy();
  }
}
