import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Rollout } from "../../../../src/rollout/rollout";
import { startTestServer, type TestServer } from "../../../support/postgres";
import { type Asked, asking, holdsLaws, open } from "./support";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

async function problemsOf(rollout: Rollout) {
  const opened = await open(server, rollout);
  try {
    const { problems, lasting } = opened.tables;
    const shown = (all: typeof problems) => all.map(({ where, what }) => `${where}: ${what}`);
    return {
      problems: shown(problems),
      lasting: shown([...lasting.values()]),
      remedies: problems.map((one) => one.remedy),
    };
  } finally {
    await opened.close();
  }
}

const AT = "Pulumi.baseline.yaml cutover:stage.exit";

describe("what made-up tables cannot give", () => {
  it.each<[string, Asked, string]>([
    [
      "a syntax error",
      ["selekt 1", { eq: 1 }],
      `${AT}.A1.query: does not run over made-up tables: syntax error at or near "selekt"`,
    ],
    [
      "a function of the rollout's own",
      ["select count(*) from a where my_score(a.b) > 1", { eq: 1 }],
      `${AT}.A1.query: does not run over made-up tables: function my_score(text) does not exist`,
    ],
    [
      "an index",
      ["select count(*) from pg_indexes where indexname = 'orders_by_day'", { eq: 1 }],
      `${AT}.A1.query: is answered 0 instead of = 1, and it reads no table that rows could be made up for`,
    ],
    [
      "what contradicts itself",
      ["select count(*) from a where b = 1 and b = 2", { gt: 0 }],
      `${AT}.A1.query: is answered 0 instead of > 0, and no rows of a made-up table satisfy it together with the other queries`,
    ],
    [
      "two statements",
      ["select 1; select 2", { eq: 1 }],
      `${AT}.A1.query: does not run over made-up tables: cannot insert multiple commands into a prepared statement`,
    ],
    [
      "a known-bad query that does not run",
      ["select count(*) from a", { gt: 0 }, { prove: { query: "select count(*) from a where no_such(1)" } }],
      `${AT}.A1.prove.query: does not run over made-up tables: function no_such(integer) does not exist`,
    ],
  ])("names %s", async (_name, asked, problem) => {
    const { problems, remedies } = await problemsOf(asking([asked]));
    expect(problems).toEqual([problem]);
    expect(remedies[0]).toMatch(/the rollout's own tables: seed: \[\.\.\.\] in rehearsal\.ts/);
  });

  it("names all of it at once, and answers the rest", async () => {
    const rollout = asking([
      ["select count(*) from a where b = 1 and b = 2", { gt: 0 }],
      ["select 1 frm a", { eq: 1 }],
      ["select count(*) from a where b = 3", { gte: 2 }],
    ]);
    const { problems } = await problemsOf(rollout);
    expect(problems.map((problem) => problem.split(":")[1])).toEqual([
      "stage.exit.A2.query",
      "stage.exit.A1.query",
    ]);
  });

  it("names two that contradict each other", async () => {
    const { problems } = await problemsOf(
      asking([
        ["select count(*) from a", { eq: 0 }],
        ["select count(*) from a", { gt: 0 }],
      ]),
    );
    expect(problems).toHaveLength(1);
  });

  it("names what cannot fail", async () => {
    const { problems, lasting } = await problemsOf(asking([["select count(*) from a", { gte: 0 }]]));
    expect(problems).toEqual([]);
    expect(lasting).toEqual([
      `${AT}.A1.query: cannot be made to fail: no rows were found over which its answer is a bad one`,
    ]);
  });
});

describe("tables that no query reads", () => {
  it("are there where the rollout names them, or asks whether they are", async () => {
    const opened = await open(
      server,
      asking([["select to_regclass('app.\"Later On\"') is not null", { eq: true }]], [], {
        schema: "app",
        reads: ["first", "Second one"],
      }),
    );
    try {
      expect(opened.tables.problems).toEqual([]);
      const { rows } = await opened.pool.query<{ name: string }>(
        "select table_name as name from information_schema.tables where table_schema = 'app' order by 1",
      );
      expect(rows.map(({ name }) => name)).toEqual(["Later On", "Second one", "first"]);
    } finally {
      await opened.close();
    }
  });
});

describe("probes", () => {
  it("are quiet over calm tables, and fire over spoiled ones", async () => {
    const opened = await open(
      server,
      asking(
        [["select count(*) from beats", { gte: 3 }]],
        [
          ["select count(*) from beats where at < now() - interval '1 minute'", { gt: 0 }],
          ["select count(*) from beats where at >= $1", { lt: 1 }, { values: ["{from}"], window: "1h" }],
          ["select exists (select from alarms where open)", { gte: 1 }],
        ],
      ),
    );
    try {
      expect(opened.tables.problems).toEqual([]);
      expect([...opened.tables.lasting.keys()]).toEqual([]);
      await holdsLaws(opened);
    } finally {
      await opened.close();
    }
  });
});

describe("a reader who asks all the while", () => {
  it("gets no error, and never sees a half state", async () => {
    const opened = await open(
      server,
      asking([
        ["select count(*) from jobs where state = 'done' and at > now() - interval '1 day'", { gte: 50 }],
        ["select count(*) from jobs j where not exists (select from audits a where a.job = j.id)", { eq: 0 }],
        ["select count(*) from other where flag", { eq: 0 }],
      ]),
    );
    try {
      const { tables, pool } = opened;
      await tables.calm();
      const seen: string[] = [];
      let over = false;
      const reading = (async () => {
        while (!over)
          for (const { id, query } of tables.questions.slice(0, 2)) {
            const { rows } = await pool.query({ text: query, rowMode: "array" });
            seen.push(`${id} ${rows[0]}`);
          }
      })();
      // The third question reads another table: whatever happens there, the first two are answered well.
      for (let round = 0; round < 40; round++) {
        await tables.refresh();
        await tables.spoil("baseline.exit.A3.query");
        await Promise.all([tables.refresh(), tables.calm(), tables.refresh()]);
      }
      over = true;
      await reading;
      expect(seen.length).toBeGreaterThan(0);
      const wrong = seen.filter((line) =>
        line.includes("A1") ? Number(line.split(" ")[1]) < 50 : !line.endsWith(" 0"),
      );
      expect(wrong).toEqual([]);
    } finally {
      await opened.close();
    }
  });
});
