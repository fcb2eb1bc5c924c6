import { randomBytes } from "node:crypto";
import { PATIENCE_MS } from "../../cli/rehearse/pace";
import { startWebhook } from "../../cli/rehearse/webhook";
import type { ServedFlags, World } from "../../cli/rehearse/world";
import { openRollout } from "../../cli/sandbox/openRollout";
import { PROGRAM } from "../../cli/sandbox/project";
import type { Progress, Sandbox } from "../../sandbox";
import { type Fleet, startFleet } from "../../sandbox/demo/ops-view/fleet";
import type { Tokens } from "../../sandbox/demo/ops-view/identity";
import { migrate } from "../../sandbox/demo/ops-view/migrate";
import { seed } from "../../sandbox/demo/ops-view/seed";
import { startTraffic, type Traffic } from "../../sandbox/demo/traffic";
import { openPool } from "../../sandbox/postgres/reach";
import { ENVIRONMENT_NAME, PROFILE_NAME } from "../../src/aws/names";

/** How much faster declared durations pass: an hour in a second. */
const TIME_SCALE = 3_600;

const ROLLOUT = "ops-view";
const FLAGS_AT = "/api/v2.5/feature-flags";
const WORKSPACE = "ws-ops";

/** The cutover of the operations view. */
export interface OpsViewWorld extends World {
  readonly fleet: Fleet;
  readonly traffic: Traffic;
}

/** Starts the servers and their clients on a database that lacks the last two migrations, all flags off. */
export async function openOpsView(sandbox: Sandbox, progress: Progress): Promise<OpsViewWorld> {
  const tokens: Tokens = { analyst: token(), verifier: token(), admin: token() };
  const pool = openPool(sandbox.postgres);
  await migrate(pool, "011");
  await seed(pool, { tokens, workspace: WORKSPACE });
  const webhook = await startWebhook();
  const secrets = Object.entries(tokens).map(([role, secret]) => [`cutover:token-${role}`, secret]);
  const { project, fleet } = await openRollout(sandbox, progress, {
    source: PROGRAM,
    timeScale: TIME_SCALE,
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
    secrets: Object.values(tokens),
    servedFlags: () => readFlags(fleet.urls),
    stop: async () => {
      await traffic.stop();
      await webhook.stop();
      await pool.end();
    },
  };
}

/** The flags of each server, as it tells them. */
function readFlags(urls: readonly string[]): Promise<ServedFlags[]> {
  return Promise.all(
    urls.map(async (url) => {
      const answer = await fetch(`${url}${FLAGS_AT}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      return ((await answer.json()) as { data: { flags: ServedFlags } }).data.flags;
    }),
  );
}

function token(): string {
  return randomBytes(18).toString("base64url");
}
