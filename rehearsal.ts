import { join } from "node:path";
import type { OwnWorld, Running } from "./package";
import { readsDatabase, writesDatabase } from "./sandbox/demo/ops-view/answers";
import { migrate } from "./sandbox/demo/ops-view/migrate";
import { seed } from "./sandbox/demo/ops-view/seed";
import { told, withDatabase } from "./sandbox/demo/service/rehearsed";
import { startTraffic, type Traffic } from "./sandbox/demo/traffic";
import { runnable } from "./sandbox/host/runnable";

const WORKSPACE = "ws-ops";

/** What clients were told and the database does not hold, reconciled by hand, as people do it once XB3 has fired. */
const reconcile = `delete from acknowledged a where not exists (
  select from (select id, version, status from patches union all select id, version, custody_status from rfis) s
  where s.id = a.id and s.version = a.version and s.status = a.status)`;

let traffic: Traffic | undefined;

/** The cutover of the operations view is rehearsed with an app that has its database, and with people at work in it. */
const world: OwnWorld = {
  tokens: {
    analyst: "an-analyst-of-the-demo",
    verifier: "a-verifier-of-the-demo",
    admin: "an-admin-of-the-demo",
  },
  seed: [
    ({ databaseUrl, tokens: { analyst = "", verifier = "", admin = "" } }) =>
      withDatabase({ databaseUrl }, async (pool) => {
        await migrate(pool);
        await seed(pool, { tokens: { analyst, verifier, admin }, workspace: WORKSPACE });
      }),
  ],
  app: {
    command: [process.execPath, ...runnable(join(__dirname, "sandbox/demo/ops-view/main.ts"))],
    env: { FLAGS_READ: "start", FAULTS_KEPT: "true" },
    publishes: ["OpsView"],
  },
  clients: ({ urls, tokens: { analyst = "", verifier = "", admin = "" } }) => {
    traffic = startTraffic({
      urls: [...urls],
      tokens: { analyst, verifier, admin },
      workspace: WORKSPACE,
      ratePerSecond: 90,
    });
    return traffic;
  },
  // In a day there are a hundred requests, and more.
  fastest: 36_000,
  faults: {
    A1: {
      sql: ["delete from schema_migrations where version in ('012', '013')"],
      mendSql: ["insert into schema_migrations (version) values ('012'), ('013')"],
    },
    // Of smoke checks those whose cause rings no alarm before the flip.
    A2: told({ stuckFlags: true }),
    SA3: told({ write5xx: 1 }),
    SA4: told({ latencyMs: 1_000 }),
    E2: told({ countSkew: 2 }),
    E3: told({ narrowAdmin: true }),
    XA1: told({ queue5xx: 1 }),
    XA2: told({ emptyQueue: true }),
    XA3: told({ roleLeak: true }),
    XA4: told({ latencyMs: 2_500 }),
    SB0: told({ stuckFlags: true }),
    F5: told({ duplicateBatches: true }),
    XB1: told({ write5xx: 1 }),
    XB2: told({ staleVersions: 1 }),
    XB3: { ...told({ divergence: true }), mendSql: [reconcile] },
    XB4: told({ missingAudit: true }),
  },
  checks: {
    baseline: {
      "the app answers from memory": async (at) =>
        (await readsDatabase(placeOf(at))) ? "it already reads from the database" : undefined,
    },
    stageA: {
      "the app reads from the database": async (at) =>
        (await readsDatabase(placeOf(at))) ? undefined : "what is in the database is not in its answers",
      "the app writes to memory": async (at) =>
        (await writesDatabase(placeOf(at))) ? "it already writes to the database" : undefined,
    },
    stageB: {
      "the app writes to the database": async (at) =>
        (await writesDatabase(placeOf(at))) ? undefined : "what was posted is not in the database",
      "no client ever saw write without read": async () => {
        const { violations, flagAnswers } = traffic?.snapshot() ?? { violations: [], flagAnswers: 0 };
        if (flagAnswers === 0) return "no answer was looked at";
        return violations.length > 0
          ? `${violations.length} of ${flagAnswers} answers had write without read`
          : undefined;
      },
    },
  },
};

function placeOf({ urls: [url = ""], databaseUrl, tokens: { admin = "" } }: Running) {
  return { url, databaseUrl, workspace: WORKSPACE, adminToken: admin };
}

export default world;
