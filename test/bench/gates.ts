import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { createProgress, openSandbox, type Sandbox } from "../../sandbox";
import { gatePlace } from "../../sandbox/postgres/reach";
import type { Gate, GateDefinition } from "../../src/gates/gate";
import type { Sources } from "../../src/gates/look";
import type { Subject } from "../../src/gates/observation";
import { measure } from "../../src/promotion/measure";
import { stage } from "../support/build";
import { type Figure, median, seconds } from "./figure";

const GATES = 100;
const ROUNDS = 5;
const SLACK_MS = 500;
const FACTOR = 1.5;
const MAX_CONNECTIONS = 4;

/**
 * A hundred gates of mixed sources measured at once: SQL, metrics, alarms and requests in turn, the slowest being a
 * query and a request that take a second and a half each. Counts the database's connections meanwhile.
 */
export async function benchGates(say: (line: string) => void): Promise<Figure[]> {
  const sandbox = await openSandbox({ progress: createProgress() });
  const service = await startService();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: sandbox.aws.endpoint,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  });
  try {
    const sources = sourcesIn(sandbox, service.url);
    const gates = mixedGates();
    const totals: number[] = [];
    const slowest: number[] = [];
    let connections = 0;
    for (let round = 0; round <= ROUNDS; round++) {
      const watch = watchConnections(sandbox);
      const started = performance.now();
      const { observations } = await measure(SUBJECT, gates, sources, "flip");
      const total = performance.now() - started;
      connections = Math.max(connections, await watch.stop());
      const failed = observations.filter(({ seen }) => seen.kind === "failure");
      if (failed.length > 0) throw new Error(`gates could not be measured: ${JSON.stringify(failed[0])}`);
      const slow = Math.max(...observations.map(({ tookMs }) => tookMs));
      say(
        `${round === 0 ? "warming up" : `round ${round}`}: ${seconds(total)}, slowest gate ${seconds(slow)}`,
      );
      // The first round loads the clients of the outside systems.
      if (round === 0) continue;
      totals.push(total);
      slowest.push(SLOW_MS);
    }
    const limit = FACTOR * median(slowest) + SLACK_MS;
    return [
      {
        what: `${GATES} gates of mixed sources measured at once`,
        shown: `${seconds(median(totals))} (median of ${ROUNDS}; the slowest gate by itself: ${seconds(SLOW_MS)})`,
        limit: `${seconds(limit)} (1.5 × the slowest + 0.5 s)`,
        ok: median(totals) <= limit,
      },
      {
        what: "database connections while measuring",
        shown: String(connections),
        limit: String(MAX_CONNECTIONS),
        ok: connections <= MAX_CONNECTIONS,
      },
    ];
  } finally {
    await service.stop();
    await sandbox.stop();
  }
}

/** What the slowest gate takes by itself. */
const SLOW_MS = 1_500;

const SUBJECT: Subject = {
  rollout: "bench",
  stage: "stageB",
  attempt: 1,
  from: {},
  to: {},
  liveDeployment: 1,
  liveSince: new Date(0).toISOString(),
  commit: "unknown",
};

function mixedGates(): Gate[] {
  return Array.from({ length: GATES }, (_, index): Gate => {
    const base = { id: `G${index}`, phase: "entry", stage: "stageB" } as const;
    return { ...base, definition: definitionOf(index), ...(index % 4 === 3 ? { alarms: {} } : {}) };
  });
}

function definitionOf(index: number): GateDefinition {
  const title = "A gate of the bench";
  const expect = { gte: 0 };
  // One query in a hundred gates is slow, and one request.
  switch (index % 4) {
    case 0:
      return {
        source: "sql",
        title,
        query: index === 0 ? `select 1 from pg_sleep(${SLOW_MS / 1_000})` : "select 1",
        values: [],
        expect,
        timeout: "5s",
      };
    case 1:
      return {
        source: "metric",
        title,
        namespace: "Bench",
        name: `M${index}`,
        statistic: "Sum",
        window: "1h",
        minSamples: 1,
        expect,
      };
    case 2:
      return {
        source: "http",
        title,
        request: { method: "GET", path: index === 2 ? "/slow" : "/" },
        status: 200,
        timeout: "5s",
      };
    default:
      return { source: "alarms", title };
  }
}

function sourcesIn({ postgres, aws }: Sandbox, url: string): Sources {
  return {
    ledger: {
      newest: 1,
      history: [],
      live: {
        deployment: 1,
        state: "complete",
        // Before the windows of all gates begin: each has something to read.
        completedAt: new Date(Date.now() - 2 * 3_600_000).toISOString(),
        configurationVersion: "1",
        flags: {},
        undeclared: [],
        doors: {},
      },
    },
    live: "stageA",
    promoted: stage("stageB", { flags: {} }),
    parameters: {},
    checks: {},
    database: { ...gatePlace(postgres), user: postgres.user, password: postgres.password },
    service: { url, tokens: {} },
    region: aws.region,
    timeScale: 1,
  };
}

/** Answers at once, or at `/slow` after as long as the slowest gate may take. */
async function startService(): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    setTimeout(() => response.end("{}"), request.url === "/slow" ? SLOW_MS : 0);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Counts the gates' connections every few milliseconds, over one of its own. */
function watchConnections({ postgres }: Sandbox): { stop(): Promise<number> } {
  const client = new pg.Client({ ...postgres });
  let most = 0;
  let running = true;
  const work = (async () => {
    await client.connect();
    while (running) {
      const { rows } = await client.query(
        "select count(*)::int as n from pg_stat_activity where application_name = 'cutover-gates'",
      );
      most = Math.max(most, rows[0]?.n ?? 0);
    }
    await client.end();
  })();
  return {
    stop: async () => {
      running = false;
      await work;
      return most;
    },
  };
}
