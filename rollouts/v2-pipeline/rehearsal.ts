import { join } from "node:path";
import type { OwnWorld, Running } from "../../package";
import { told, withDatabase } from "../../sandbox/demo/service/rehearsed";
import { misrouted, v1Answers } from "../../sandbox/demo/v2-pipeline/answers";
import { createTables, decideRetirement } from "../../sandbox/demo/v2-pipeline/store";
import { startTraffic, type Traffic } from "../../sandbox/demo/v2-pipeline/traffic";
import { runnable } from "../../sandbox/host/runnable";

/** What Pulumi.baseline.yaml says, too. */
const SUNSET = new Date("2027-03-01T00:00:00Z");

const routed = (percent: number) => ({
  [`at ${percent} % every user has one pipeline, on every server`]: ({ urls }: Running) =>
    misrouted(urls, percent),
});

/** What came out wrong is imported again, as people do it once its cause is mended. */
const importAgain = (which: string) =>
  `update import_jobs set status = 'queued', error_message = null, finished_at = null, stored_sha256 = null,
     verified_at = null
   where ${which}`;

let traffic: Traffic | undefined;

/** The move from v1 to v2 is rehearsed with an app that has both, and with people importing all the while. */
const world: OwnWorld = {
  seed: [
    (given) =>
      withDatabase(given, async (pool) => {
        await createTables(pool);
        await decideRetirement(pool, { deprecatedAt: new Date(), sunsetAt: SUNSET });
      }),
  ],
  app: {
    command: [process.execPath, ...runnable(join(__dirname, "../../sandbox/demo/v2-pipeline/main.ts"))],
    publishes: ["ImportPipeline"],
  },
  clients: ({ urls }) => {
    traffic = startTraffic({ urls });
    return traffic;
  },
  faults: {
    H0: told({ processorsDown: true }),
    S1: told({ stuckFlags: true }),
    G5: told({ cpuPercent: 100 }),
    D3: {
      config: [
        {
          stack: "baseline",
          path: ["cutover:rollout", "parameters", "sunset"],
          value: "2026-01-01T00:00:00Z",
        },
      ],
    },
    D4: told({ withoutHeaders: true }),
    D5: told({ withoutHeaders: true }),
    X4: told({ v1Lives: true }),
    T1: { ...told({ v2Failures: 1 }), mendSql: [importAgain("status = 'failed'")] },
    T2: told({ v2Stuck: 1 }),
    T4: told({ v2Corrupt: 1 }),
  },
  checks: {
    percent10: routed(10),
    percent50: routed(50),
    percent100: routed(100),
    "deprecate-v1": {
      "v1 answers, and says when it ends": ({ urls }) => v1Answers(urls, { status: 405, announced: true }),
    },
    "remove-v1": {
      "v1 is gone": ({ urls }) => v1Answers(urls, { status: 410, announced: false }),
      ...routed(100),
      "no user on v2 was ever taken back to v1 by a rising percentage": async () => {
        const seen = traffic?.snapshot();
        if (!seen || seen.byPipeline.v1 === 0 || seen.byPipeline.v2 === 0)
          return "one of the pipelines was never used";
        if (seen.unanswered > 0)
          return `${seen.unanswered} of ${seen.imports + seen.unanswered} imports were not accepted`;
        return seen.takenBack.length > 0 ? `${seen.takenBack.length} users were` : undefined;
      },
    },
  },
};

export default world;
