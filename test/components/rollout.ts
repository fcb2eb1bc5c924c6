import { resolveShared } from "../../src/rollout/checks/shared";
import { withSignals } from "../../src/rollout/config/signal";
import { rolloutConfig, type StageConfig, stageConfig } from "../../src/rollout/config/stackFile";
import { topicsApart } from "../../src/rollout/config/topics";
import type { Rollout, Stage } from "../../src/rollout/rollout";

/** A rollout as its config would be parsed: three stages, a database, someone to tell. */
export function rollout(changes: object = {}, stages: { [name: string]: object } = {}): Rollout {
  const config = rolloutConfig.parse({
    name: "ops-view",
    title: "From memory to PostgreSQL",
    flags: {
      READ: { kind: "boolean" },
      WRITE: { kind: "boolean", requires: ["READ"], writes: true },
    },
    database: { host: "db.internal", name: "ops", schema: "app", reads: ["patches", "rfis"] },
    topics: {
      onCall: [
        { protocol: "https", endpoint: "https://pager.example/a" },
        { protocol: "email", endpoint: "on-call@example.com" },
      ],
      ops: [{ protocol: "http", endpoint: "http://127.0.0.1:9/ops" }],
    },
    ...changes,
  });
  return {
    ...config,
    ...topicsApart(config.topics),
    stages: [
      stage("baseline", { flags: { READ: false, WRITE: false }, ...stages.baseline }),
      stage("stageA", {
        predecessor: "baseline",
        flags: { READ: true, WRITE: false },
        soak: "24h",
        exit: { E2: SQL },
        ...stages.stageA,
      }),
      stage("stageB", {
        predecessor: "stageA",
        flags: { READ: true, WRITE: true },
        entry: { B2: { source: "soak", title: "Stage A has soaked" } },
        abort: { XB1: alarm(), XB2: alarm({ title: "Too many conflicts" }) },
        snapshot: { instance: "ops-db" },
        ...stages.stageB,
      }),
    ],
  };
}

const SQL = { source: "sql", title: "Counts agree", query: "select 0", expect: { eq: 0 } };

function stage(name: string, config: object): Stage {
  const parsed: StageConfig = stageConfig.parse(config);
  return { name, ...parsed, ...resolveShared(parsed, {}), abort: withSignals("ops-view", parsed.abort) };
}

/** An abort row, as config writes it. */
export function alarm(changes: object = {}): object {
  return {
    title: "Writes answer with errors",
    metric: { namespace: "OpsView", name: "Write5xx", statistic: "Sum" },
    threshold: { gt: 0 },
    missingData: "notBreaching",
    action: "rollback",
    ...changes,
  };
}
