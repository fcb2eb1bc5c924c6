import type pg from "pg";
import { follow } from "../../src/abort/follow";
import type { Outcome } from "../../src/gates/judge";
import { smokeGatesOf } from "../../src/promotion/resolve";
import { type Behaviour, same } from "./behaviour";
import { MINUTE } from "./world/clock";
import { gateBefore, stageOf } from "./world/gates";
import { asking } from "./world/sql";

interface Imports {
  readonly count: number;
  readonly status?: "completed" | "failed" | "running" | "queued";
  readonly pipeline?: "v1" | "v2";
  /** How long ago they were accepted, and how long they took, in minutes. */
  readonly ago?: number;
  readonly took?: number;
  readonly error?: string;
}

async function put(pool: pg.Pool, all: readonly Imports[]): Promise<void> {
  await pool.query("truncate import_jobs");
  for (const { count, status = "completed", pipeline = "v2", ago = 30, took = 1, error = null } of all)
    await pool.query(
      `insert into import_jobs (id, user_id, file, status, pipeline_version, error_message, file_sha256, started_at, finished_at)
       select gen_random_uuid(), 'u', 'f', $2, $3, $4, '', now() - $5 * interval '1 minute',
         case when $2 in ('completed', 'failed') then now() - ($5 - $6) * interval '1 minute' end
       from generate_series(1, $1)`,
      [count, status, pipeline, error, ago, took],
    );
}

type Case = readonly [when: string, imports: readonly Imports[], outcome: Outcome];
const HELD = ["percent50", "percent100", "deprecate-v1"];
const RAISED = ["percent10", "percent50", "percent100"];

const gate = (id: string, title: string, stages: readonly string[], cases: readonly Case[]): Behaviour[] =>
  stages.map((stage) => ({
    rollout: "v2-pipeline",
    rows: [id, "database"],
    title: `${id}: before ${stage}, ${title}`,
    sql: true,
    async run(rollout, tools) {
      const asked = await asking(rollout, tools);
      const found = gateBefore(rollout, stage, id);
      for (const [when, imports, outcome] of cases) {
        await put(asked.pool, imports);
        same(await asked.outcomeOf(found, stage), outcome, when);
      }
      await put(asked.pool, [{ count: 30 }]);
      await asked.proves(found, stage);
    },
  }));

const probe = (
  id: string,
  title: string,
  cases: readonly (readonly [when: string, imports: readonly Imports[], fires: boolean])[],
): Behaviour => ({
  rollout: "v2-pipeline",
  rows: [id, "database"],
  title: `${id}: ${title}`,
  sql: true,
  async run(rollout, tools) {
    const asked = await asking(rollout, tools);
    const { threshold } = rollout.stages.find(({ name }) => name === "percent10")?.abort[id] ?? {};
    same(Object.keys(threshold ?? {}), ["gt"], `the bound of ${id}`);
    for (const [when, imports, fires] of cases) {
      await put(asked.pool, imports);
      same((await asked.probed("percent10", id)) > (threshold?.gt ?? Number.NaN), fires, when);
    }
  },
});

const failed = (count: number, ago = 30, error = "disk full"): Imports => ({
  count,
  status: "failed",
  ago,
  error,
});
const open = (count: number, ago: number, status: "running" | "queued" = "running"): Imports => ({
  count,
  status,
  ago,
});

export const PIPELINE_SQL: readonly Behaviour[] = [
  ...gate("G1", "at least 95 % of the hold's imports succeed", HELD, [
    ["nothing ended", [open(50, 30)], "inconclusive"],
    ["nineteen", [{ count: 19 }], "inconclusive"],
    ["twenty, one of which failed", [{ count: 19 }, failed(1)], "pass"],
    ["95 of 100", [{ count: 95 }, failed(5)], "pass"],
    ["943 of 1000", [{ count: 943 }, failed(57)], "fail"],
    ["9499 of 10000", [{ count: 9_499 }, failed(501)], "fail"],
    ["failures at the hold's beginning", [{ count: 20 }, failed(20, 1_430)], "fail"],
    ["failures before it", [{ count: 20 }, failed(50, 1_500)], "pass"],
  ]),
  ...gate("G2", "no import is stuck, and none took longer than 2 h", HELD, [
    ["nothing at all", [], "inconclusive"],
    ["quick ones, and one that runs for less", [{ count: 5 }, open(1, 119)], "pass"],
    ["one that runs for more", [{ count: 5 }, open(1, 121)], "fail"],
    ["one that took a little less", [{ count: 1, ago: 200, took: 119 }], "pass"],
    ["one that took longer", [{ count: 1, ago: 200, took: 121 }], "fail"],
    ["both", [{ count: 1, ago: 200, took: 121 }, open(1, 121)], "fail"],
    ["one at the hold's beginning", [{ count: 5 }, { count: 1, ago: 1_430, took: 130 }], "fail"],
  ]),
  ...gate("G3", "no single error has 2 % of the hold's imports", HELD, [
    ["nothing at all", [], "inconclusive"],
    ["no failure", [{ count: 100 }], "pass"],
    ["one error in a hundred", [{ count: 99 }, failed(1)], "pass"],
    ["one error in 1000, 19 times", [{ count: 981 }, failed(19)], "pass"],
    ["one error in 1000, 20 times", [{ count: 980 }, failed(20)], "fail"],
    ["one error in 1000, 25 times", [{ count: 975 }, failed(25)], "fail"],
    [
      "two errors, one of which is frequent",
      [{ count: 950 }, failed(40), failed(10, 30, "no such column")],
      "fail",
    ],
    ["two errors, once each", [{ count: 98 }, failed(1), failed(1, 30, "no such column")], "pass"],
    ["one at the hold's beginning", [{ count: 95 }, failed(5, 1_430)], "fail"],
    ["one of 20", [{ count: 19 }, failed(1)], "pass"],
    ["two of 40", [{ count: 38 }, failed(2)], "pass"],
    [
      "three of 40, each of its own kind",
      [{ count: 37 }, failed(1), failed(1, 30, "no such column"), failed(1, 30, "bad file")],
      "pass",
    ],
    ["three of 60", [{ count: 57 }, failed(3)], "fail"],
    ["three of 150", [{ count: 147 }, failed(3)], "fail"],
    ["three of 151", [{ count: 148 }, failed(3)], "pass"],
  ]),
  ...gate("S2", "v2 has taken imports during the hold", HELD, [
    ["nothing at all", [], "inconclusive"],
    ["on v1 alone", [{ count: 30, pipeline: "v1" }], "fail"],
    ["one on v2", [{ count: 30, pipeline: "v1" }, { count: 1 }], "pass"],
    ["one on v2 alone", [{ count: 1 }], "pass"],
    [
      "before the flip",
      [
        { count: 30, pipeline: "v1" },
        { count: 9, ago: 1_500 },
      ],
      "fail",
    ],
    [
      "one at once after the flip",
      [
        { count: 30, pipeline: "v1" },
        { count: 1, ago: 1_430 },
      ],
      "pass",
    ],
  ]),
  {
    rollout: "v2-pipeline",
    rows: ["S2"],
    title:
      "S2: a quiet quarter of an hour after a flip takes nobody back: only what servers say is waited for",
    async run(rollout) {
      for (const stage of RAISED)
        same(
          smokeGatesOf(rollout, stageOf(rollout, stage)).map(({ id }) => id),
          ["S1"],
          `what ${stage} is rolled back for right after its flip`,
        );
    },
  },
  probe(
    "T1",
    "less than 95 % of the imports that ended within the last hour succeeded, from three failures, twenty imports or none that succeeds on",
    [
      ["nothing", [], false],
      ["nineteen of nineteen failed", [failed(19)], true],
      ["three of three", [failed(3)], true],
      ["two of two", [failed(2)], true],
      ["one of one", [failed(1)], true],
      ["one of two", [{ count: 1 }, failed(1)], false],
      ["imports that go on", [open(30, 30)], false],
      ["three of twenty", [{ count: 17 }, failed(3)], true],
      ["three of ten", [{ count: 7 }, failed(3)], true],
      ["one of nineteen", [{ count: 18 }, failed(1)], false],
      ["two of nineteen", [{ count: 17 }, failed(2)], false],
      ["two of twenty", [{ count: 18 }, failed(2)], true],
      ["two of 21", [{ count: 19 }, failed(2)], true],
      ["three of sixty: just 95 %", [{ count: 57 }, failed(3)], false],
      ["five and a half of a hundred", [{ count: 189 }, failed(11)], true],
      ["failures 59 minutes ago", [{ count: 20 }, failed(50, 60)], true],
      ["failures 61 minutes ago", [{ count: 20 }, failed(50, 62)], false],
      ["failures after 70 minutes, a few at a time", [{ count: 10 }, { ...failed(3, 90), took: 70 }], true],
      ["one of them alone", [{ ...failed(1, 125), took: 70 }], true],
      ["failures after two days", [{ count: 20 }, { ...failed(50, 2_900), took: 2_880 }], true],
      ["successes after 70 minutes", [{ count: 60, ago: 90, took: 70 }, failed(3)], false],
    ],
  ),
  probe("T2", "more than ten imports are stuck, for twice as long as imports take, or ten minutes", [
    ["nothing", [], false],
    ["eleven for eleven minutes", [open(11, 11)], true],
    ["ten for eleven minutes", [open(10, 11)], false],
    ["eleven for nine minutes", [open(11, 9)], false],
    ["eleven that wait", [open(11, 11, "queued")], true],
    ["eleven for a day, while others end well", [open(11, 1_440), { count: 500 }], true],
    ["eleven for six days", [open(11, 6 * 1_440)], true],
    ["eleven that were left behind eight days ago", [open(11, 8 * 1_440)], false],
    ["ten left behind 25 days ago, and one stuck", [open(10, 25 * 1_440), open(1, 11)], false],
    ["a quarter of an hour, where they take that", [{ count: 500, ago: 700, took: 15 }, open(40, 16)], false],
    ["a little less than twice that", [{ count: 500, ago: 700, took: 15 }, open(40, 29)], false],
    ["a little more", [{ count: 500, ago: 700, took: 15 }, open(11, 31)], true],
    [
      "half an hour, where that is what they took six days ago",
      [{ count: 500, ago: 6 * 1_440, took: 20 }, open(40, 30)],
      false,
    ],
    [
      "half an hour, where that is what they took eight days ago",
      [{ count: 500, ago: 8 * 1_440, took: 20 }, open(40, 30)],
      true,
    ],
    [
      "eleven minutes, where one in 200 takes longer",
      [{ count: 995 }, { count: 5, took: 25 }, open(11, 11)],
      true,
    ],
    ["fifteen an hour for six hours", Array.from({ length: 90 }, (_, n) => open(1, 4 * n + 3)), true],
    ["two hundred since one to five hours", [open(100, 61), open(100, 299)], true],
    ["more than two hours, where they take five", [{ count: 500, ago: 700, took: 300 }, open(11, 121)], true],
    ["less than two, where they take five", [{ count: 500, ago: 700, took: 300 }, open(40, 119)], false],
    ["thirty that took long and ended", [{ count: 30, ago: 400, took: 300 }], false],
  ]),
  {
    rollout: "v2-pipeline",
    rows: ["database"],
    title: "Q1, Q5, Q6: imports are told apart by how they stand and by their pipeline",
    sql: true,
    async run(rollout, tools) {
      const asked = await asking(rollout, tools);
      await put(asked.pool, [
        { count: 4, pipeline: "v1" },
        { count: 3 },
        open(2, 30),
        open(1, 30, "queued"),
        failed(5),
      ]);
      const value = async (query: string) => {
        const seen = await asked.sql.observe({ query, values: [], timeout: "5s" });
        return seen.kind === "value" ? seen.value : seen.kind;
      };
      const over = "(now() - interval '1 hour', now())";
      same(await value(`select running || ' ' || unmapped from cutover.q1_success_rate${over}`), "3 0", "Q1");
      for (const [version, imports] of [
        ["v1", 4],
        ["v2", 11],
      ] as const)
        same(
          await value(`select imports from cutover.q5_versions${over} where version = '${version}'`),
          imports,
          `Q5 of ${version}`,
        );
      same(await value(`select sum(v1) || ' ' || sum(v2) from cutover.q6_timeline${over}`), "4 11", "Q6");
    },
  },
  {
    rollout: "v2-pipeline",
    rows: ["K3", "afterAbort"],
    title: "K3: what is under way on v2 is waited for, and nothing else",
    sql: true,
    async run(rollout, tools) {
      const asked = await asking(rollout, tools);
      const { query = "", values: given = [] } = rollout.afterAbort?.inFlight ?? {};
      /** The flags came down three minutes ago. */
      const down = new Date(Date.now() - 3 * MINUTE).toISOString();
      const values = given.map((value) => (value === "{down}" ? down : value));
      const holds = async (cases: readonly (readonly [readonly Imports[], number])[], how: string) => {
        for (const [index, [imports, count]] of cases.entries()) {
          await put(asked.pool, imports);
          const seen = await asked.sql.observe({ query, values, timeout: "5s" });
          const found = seen.kind === "value" ? Number(seen.value) : seen;
          same(found, count, `the imports under way ${how}, case ${index + 1}`);
        }
      };
      const day = 1_440;
      await holds(
        [
          [[open(3, 5), open(2, 5, "queued"), { count: 4 }, { ...open(7, 5), pipeline: "v1" as const }], 5],
          [[open(2, 6 * day), open(3, 1)], 5],
          [[open(2, 8 * day), open(3, 1)], 3],
          [[{ count: 4 }, failed(2)], 0],
          [[], 0],
        ],
        "by their pipeline",
      );
      const { imports } = rollout.database ?? {};
      const { version: _, ...columns } = imports?.columns ?? ({} as never);
      const without = { ...rollout, database: { ...rollout.database, imports: { ...imports, columns } } };
      await asking(without as typeof rollout, tools);
      await holds(
        [
          [[open(3, 5), open(2, 5, "queued"), { count: 4 }, { ...open(7, 5), pipeline: "v1" as const }], 12],
          [[open(2, 5), open(4, 1)], 2],
          [[open(2, 6 * day), open(4, 8 * day)], 2],
          [[], 0],
        ],
        "where no column tells their pipeline",
      );
      await asking(rollout, tools);
    },
  },
  {
    rollout: "v2-pipeline",
    rows: ["K2", "K3", "K4", "afterAbort"],
    title:
      "K2, K3, K4: the log confirms it within five minutes, imports end within half an hour, and causes are named",
    async run(rollout) {
      for (const [logsMs, logs, endsMs, inFlight] of [
        [MINUTE, "confirmed", 29 * MINUTE, "none"],
        [4 * MINUTE, "confirmed", 38 * MINUTE, "left"],
        [8 * MINUTE, "silent", 9 * MINUTE, "none"],
      ] as const) {
        const looked: [string, string][] = [];
        let now = 0;
        const printed: string[] = [];
        const followed = await follow(
          { flags: {}, after: rollout.afterAbort, region: "eu-central-1" },
          {
            servers: async () => [],
            logged: async ({ group, pattern }) => {
              looked.push([group, pattern]);
              now += MINUTE;
              return { count: now >= logsMs ? 1 : 0 };
            },
            differences: async () => [],
            count: async () => {
              now += MINUTE;
              return { kind: "value", value: now >= endsMs ? 0 : 3 };
            },
            print: (line) => void printed.push(line.trim()),
            pause: 0,
            now: () => now,
          },
        );
        same(followed.inFlight, inFlight, `imports that end after ${endsMs / MINUTE} min`);
        same(followed.logs, logs, `a log that says so after ${logsMs / MINUTE} min`);
        same(
          looked[0],
          ["/import-pipeline/app", '{ $.pipeline_version = "v1" }'],
          "where and what the app logs of an import",
        );
        same(
          printed.filter((line) => /^cutover query Q\d$/.test(line)),
          ["cutover query Q4", "cutover query Q6"],
          "what to look at",
        );
      }
    },
  },
];
