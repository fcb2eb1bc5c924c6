import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { SKEWED } from "../../../src/imports/queries/durations";
import { LOOKED_AT, NO_TEXT, PATTERN_CHARS, TOP } from "../../../src/imports/queries/errorPatterns";
import { NO_VERSION } from "../../../src/imports/queries/versions";
import { startTestServer, type TestServer } from "../../support/postgres";
import { ask, declareFunctions, fill, mapping, type Row, TABLE } from "./fixtures/imports";

const HOUR = 3_600;
const DAY: [number, number] = [0, 24 * HOUR];

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.admin.query(TABLE);
  await declareFunctions(server.admin, mapping());
});
afterAll(() => server?.stop());

let rows = 0;
const row = (changes: Partial<Row>): Row => ({
  id: `import-${++rows}`,
  status: "completed",
  started: 10,
  finished: changes.status === undefined || changes.status === "completed" ? 20 : null,
  ...changes,
});
const times = (count: number, changes: Partial<Row>): Row[] =>
  Array.from({ length: count }, () => row(changes));

async function answer(rows: readonly Row[], query: string, ...more: readonly unknown[]) {
  await fill(server.admin, rows);
  return ask(server.admin, query, DAY, ...more);
}

describe("Q1: the success rate", () => {
  const NONE = { imports: 0, succeeded: 0, failed: 0, running: 0, unmapped: 0, ahead: 0, success_rate: null };

  it.each<[string, Row[], object]>([
    ["of no imports is unknown", [], {}],
    [
      "of imports that all run is unknown",
      times(3, { status: "running" }),
      { imports: 3, running: 3, success_rate: null },
    ],
    ["of successes is 100", times(4, {}), { imports: 4, succeeded: 4, success_rate: 100 }],
    ["of failures is 0", times(2, { status: "failed" }), { imports: 2, failed: 2, success_rate: 0 }],
    [
      "is not rounded up to what a gate asks for",
      [...times(9_499, {}), ...times(501, { status: "failed" })],
      { imports: 10_000, succeeded: 9_499, failed: 501, success_rate: 94.99 },
    ],
    [
      "leaves out what is ignored, still runs, or has no status that is known",
      [
        row({}),
        row({ status: "failed" }),
        row({ status: "queued" }),
        row({ status: "cancelled" }),
        row({ status: "COMPLETED" }),
        row({ status: null }),
      ],
      { imports: 6, succeeded: 1, failed: 1, running: 1, unmapped: 2, success_rate: 50 },
    ],
    [
      "takes the window's start, and not its end",
      [
        row({ started: 0 }),
        row({ started: DAY[1], status: "failed" }),
        row({ started: -1, status: "failed" }),
      ],
      { imports: 1, succeeded: 1, success_rate: 100 },
    ],
    [
      "takes part in no window without a start, or with an infinite one",
      [row({ started: null }), row({ started: Number.NEGATIVE_INFINITY })],
      {},
    ],
    [
      "tells of starts in the future, which are in no window",
      [row({}), row({ started: 20 * 365 * 24 * HOUR }), row({ started: Number.POSITIVE_INFINITY })],
      { imports: 1, succeeded: 1, ahead: 2, success_rate: 100 },
    ],
  ])("%s", async (_, rows, expected) => {
    expect(await answer(rows, "q1_success_rate")).toEqual([{ ...NONE, ...expected }]);
  });

  test.each<[string, [number | null, number | null]]>([
    ["has its ends the wrong way round", [100, 0]],
    ["is empty", [10, 10]],
    ["has no start", [null, 100]],
    ["has no end", [0, null]],
  ])("is unknown over a window that %s", async (_, window) => {
    await fill(server.admin, times(3, {}));
    expect(await ask(server.admin, "q1_success_rate", window)).toEqual([NONE]);
  });

  it("is the same to all of a statement, also while an import finishes", async () => {
    await fill(server.admin, times(50, { status: "running" }));
    const client = await server.admin.connect();
    try {
      const slow = client.query(
        `select a.*, b.running as later from cutover.q1_success_rate('-infinity', 'infinity') a,
           lateral (select pg_sleep(0.05) from generate_series(1, 1)) s,
           cutover.q1_success_rate('-infinity', 'infinity') b`,
      );
      await server.admin.query("update import_jobs set status = 'completed', finished_at = now()");
      const [seen] = (await slow).rows;
      expect(seen.later).toBe(seen.running);
      expect(Number(seen.running) + Number(seen.succeeded)).toBe(50);
    } finally {
      client.release();
    }
  });
});

describe("Q2: stuck imports", () => {
  const until = DAY[1];

  it.each<[string, Row[], object]>([
    [
      "are unknown where there are no imports",
      [],
      { imports: 0, stuck: null, late: null, oldest_seconds: null, examples: [] },
    ],
    [
      "are none where all ended in time",
      times(5, {}),
      { imports: 5, stuck: 0, late: 0, oldest_seconds: null, examples: [] },
    ],
    [
      "have run for longer than they may, the oldest first",
      [
        row({ id: "young", status: "running", started: until - 2 * HOUR }),
        row({ id: "old", status: "queued", started: until - 3 * HOUR }),
        row({ id: "older", status: "running", started: until - 4 * HOUR }),
      ],
      { imports: 3, stuck: 2, late: 0, oldest_seconds: 4 * HOUR, examples: ["older", "old"] },
    ],
    [
      "are those with an unknown status, too, until they end",
      [
        row({ id: "lost", status: null, started: 0 }),
        row({ id: "odd", status: "archived", started: 1 }),
        row({ id: "ended", status: "archived", started: 2, finished: 3 }),
        row({ id: "cancelled", status: "cancelled", started: 3 }),
      ],
      { imports: 4, stuck: 2, late: 0, oldest_seconds: until, examples: ["lost", "odd"] },
    ],
    [
      "that ended too late are told apart",
      [
        row({ started: 0, finished: 2 * HOUR }),
        row({ started: 0, finished: 2 * HOUR + 1 }),
        row({ started: 0, finished: 9 * HOUR, status: "failed" }),
      ],
      { imports: 3, stuck: 0, late: 2, oldest_seconds: null, examples: [] },
    ],
  ])("%s", async (_, rows, expected) => {
    expect(await answer(rows, "q2_stuck_imports", "2 hours")).toEqual([expected]);
  });

  it("are unknown for no limit", async () => {
    const [found] = await answer(times(3, { status: "running" }), "q2_stuck_imports", null);
    expect(found).toMatchObject({ imports: 3, stuck: null, late: null });
  });

  it("are measured against the clock, not against a window that reaches into the future", async () => {
    await fill(server.admin, []);
    await server.admin.query(
      "insert into import_jobs values ('now', 'running', null, now() - interval '1 minute')",
    );
    const { rows } = await server.admin.query(
      "select stuck, oldest_seconds from cutover.q2_stuck_imports(now() - interval '1 day', now() + interval '1 day', '1 hour')",
    );
    expect(rows).toEqual([{ stuck: "0", oldest_seconds: null }]);
  });

  it("are named ten at most", async () => {
    const [found] = await answer(times(500, { status: "running" }), "q2_stuck_imports", "2 hours");
    expect(found).toMatchObject({ stuck: 500 });
    expect(found?.examples).toHaveLength(10);
  });
});

describe("Q3: durations", () => {
  const told = async (rows: readonly Row[]) =>
    (await answer(rows, "q3_durations"))
      .filter(({ imports }) => imports !== 0)
      .map(({ took, imports, share, cumulative }) => [took, imports, share, cumulative]);

  it("have no shares where nothing ended, and every bucket", async () => {
    const found = await answer(times(3, { status: "running" }), "q3_durations");
    expect(found).toHaveLength(14);
    expect(
      new Set(found.map(({ imports, share, cumulative }) => `${imports} ${share} ${cumulative}`)),
    ).toEqual(new Set(["0 null null"]));
  });

  it("fall into buckets by their lower bounds", async () => {
    const ends = [10, 11, 12, 10 + 7_200];
    expect(await told(ends.map((finished) => row({ finished })))).toEqual([
      ["below 1 s", 1, 25, 25],
      ["1 s to 2 s", 1, 25, 50],
      ["2 s to 5 s", 1, 25, 75],
      ["2 h and longer", 1, 25, 100],
    ]);
  });

  it("under clock skew are told, and take no part in the shares", async () => {
    expect(await told([row({ finished: 5 }), row({ finished: 20 })])).toEqual([
      [SKEWED, 1, null, null],
      ["10 s to 30 s", 1, 100, 100],
    ]);
  });

  it("are those of imports that ended, with both times", async () => {
    expect(
      await told([
        row({ status: "running", finished: 20 }),
        row({ finished: null }),
        row({ finished: Number.POSITIVE_INFINITY }),
      ]),
    ).toEqual([]);
  });
});

describe("Q4: error patterns", () => {
  const patterns = async (errors: readonly (string | null)[]) =>
    (
      await answer(
        errors.map((error) => row({ status: "failed", error })),
        "q4_error_patterns",
      )
    ).map(({ pattern, failures }) => [pattern, failures]);

  it.each([
    ["numbers", "row 17 of 2,048.5", "row # of #"],
    ["UUIDs", "no import 550e8400-e29b-41d4-a716-446655440000", "no import #"],
    ["UUIDs without a digit in a part", "no import 550e8400-abcd-abcd-abcd-abcdefabcdef", "no import #"],
    ["addresses", "segfault at 0xDEADBEEF", "segfault at #"],
    ["hashes", "digest deadbeefdeadbeef differs", "digest # differs"],
    [
      "ids with a digit in them",
      "tenant_48f is closed, record x7kQ92 too",
      "tenant_48f is closed, record # too",
    ],
    ["what is quoted", `no column "Grand total" in 'Q3 report'`, "no column <text> in <text>"],
    ["what is quoted in backticks", "unknown `order by`", "unknown <text>"],
    ["a quotation without its end", `cannot parse "a very`, "cannot parse <text>"],
    ["not an apostrophe", "can't open the customer's file", "can't open the customer's file"],
    ["white space", "a\n\tb   c ", "a b c"],
    ["times", "late at 2026-11-21T10:00:00Z", "late at #-#-#T#Z"],
  ])("leave out %s", async (_, error, pattern) => {
    expect((await patterns([error]))[0]?.[0]).toBe(pattern.replace("tenant_48f", "#"));
  });

  it("count together what differs in no more", async () => {
    expect(await patterns(["timeout after 3 s", "timeout after 27 s", "disk full", null, "", "  "])).toEqual([
      [NO_TEXT, 3],
      ["timeout after # s", 2],
      ["disk full", 1],
    ]);
  });

  it("say how much of the failures, and of all imports, each is", async () => {
    const rows = [
      ...times(3, { status: "failed", error: "a" }),
      row({ status: "failed", error: "b", started: 99 }),
      ...times(16, {}),
    ];
    expect(await answer(rows, "q4_error_patterns")).toEqual([
      { rank: 1, pattern: "a", failures: 3, share: 75, share_of_imports: 15, patterns: 1, last_started: 10 },
      { rank: 2, pattern: "b", failures: 1, share: 25, share_of_imports: 5, patterns: 1, last_started: 99 },
    ]);
  });

  it("are none, and known to be none, where nothing failed", async () => {
    expect(await answer(times(3, {}), "q4_error_patterns")).toEqual([
      {
        rank: 1,
        pattern: null,
        failures: 0,
        share: null,
        share_of_imports: 0,
        patterns: 0,
        last_started: null,
      },
    ]);
  });

  it("are unknown where there are no imports", async () => {
    expect(await answer([], "q4_error_patterns")).toEqual([]);
  });

  it("are few: the others are one row without a rank, which dominates nothing", async () => {
    const letters = "abcdefghij";
    const errors = [...letters].flatMap((one) => [...letters].map((two) => `broken ${one}${two}`));
    const rows = errors.map((error) => row({ status: "failed", error }));
    const found = await answer(rows, "q4_error_patterns");
    expect(found).toHaveLength(TOP + 1);
    expect(found.at(-1)).toMatchObject({ rank: null, pattern: null, failures: 80, patterns: 80, share: 80 });
    expect(await answer(rows, "q4_error_patterns", 3)).toHaveLength(4);
    expect(await answer(rows, "q4_error_patterns", -1)).toHaveLength(2);
    expect(await answer(rows, "q4_error_patterns", 1_000_000)).toHaveLength(100);
    expect(await answer(rows, "q4_error_patterns", null)).toHaveLength(TOP + 1);
  });

  it("stay short, whatever the errors are", async () => {
    const [found] = await patterns([`${"long ".repeat(100_000)}`]);
    expect(String(found?.[0]).length).toBe(PATTERN_CHARS);
  });

  it("stay cheap over a million texts of which no two are alike", async () => {
    await fill(server.admin, []);
    await server.admin.query(
      `insert into import_jobs (id, status, error, started_at)
       select i::text, 'failed', 'cannot read ' || translate(md5(i::text), '0123456789abcdef', 'ghijklmnopqrstuv'),
              to_timestamp(${Date.parse("2024-01-08T00:00:00Z") / 1_000} + i / 20.0)
         from generate_series(1, 1000000) as i`,
    );
    const started = performance.now();
    const found = await ask(server.admin, "q4_error_patterns", DAY);
    const tookMs = performance.now() - started;
    expect(found).toHaveLength(TOP + 1);
    const failures = found.reduce((sum, { failures }) => sum + Number(failures), 0);
    expect(failures).toBe(LOOKED_AT);
    expect(JSON.stringify(found).length).toBeLessThan(8_000);
    // Generous for a busy machine; normalising a million texts takes a minute.
    expect(tookMs).toBeLessThan(6_000);
  });
});

describe("Q5: v1 against v2", () => {
  const told = async (rows: readonly Row[]) =>
    (await answer(rows, "q5_versions")).map(({ version, imports, success_rate, p50_seconds, note }) => [
      version,
      imports,
      success_rate,
      p50_seconds,
      note,
    ]);

  it("always has both", async () => {
    expect(await told([])).toEqual([
      ["v1", 0, null, null, null],
      ["v2", 0, null, null, null],
    ]);
  });

  it("compares them, and tells of imports with another version and with none", async () => {
    expect(
      await told([
        row({ version: "v1", finished: 20 }),
        row({ version: "v1", finished: 40 }),
        row({ version: "v2", finished: 12 }),
        row({ version: "v2", status: "failed", finished: 5 }),
        row({ version: null }),
        row({ version: "V2" }),
      ]),
    ).toEqual([
      ["v1", 2, 100, 20, null],
      ["v2", 2, 50, 2, null],
      ["none", 1, 100, 10, null],
      ["other", 1, 100, 10, null],
    ]);
  });

  it("says that the version column is missing, where none is mapped", async () => {
    await declareFunctions(server.admin, mapping({ columns: { version: undefined } }));
    try {
      expect(await told(times(3, {}))).toEqual([[null, null, null, null, NO_VERSION]]);
      const [part] = await answer(times(3, {}), "q6_timeline");
      expect(part).toMatchObject({ imports: 3, v1: null, v2: null });
    } finally {
      await declareFunctions(server.admin, mapping());
    }
  });
});

describe("Q6: the timeline", () => {
  it("has a row for each part, also where nothing happened", async () => {
    const rows = [
      row({ started: 0, version: "v1" }),
      row({ started: DAY[1] - 1, version: "v2", status: "failed" }),
    ];
    const found = await answer(rows, "q6_timeline");
    expect(found.map(({ starting }) => starting)).toEqual(
      Array.from({ length: 24 }, (_, part) => part * HOUR),
    );
    expect(found.map(({ imports }) => imports)).toEqual([1, ...Array(22).fill(0), 1]);
    expect(found[0]).toMatchObject({ success_rate: 100, v1: 1, v2: 0 });
    expect(found[1]).toMatchObject({ success_rate: null, v1: 0, v2: 0 });
    expect(found[23]).toMatchObject({ success_rate: 0, v1: 0, v2: 1 });
  });

  it.each([
    [4, 4],
    [0, 1],
    [100_000, 200],
    [null, 24],
  ])("has as many parts as asked for within reason: %s", async (parts, expected) => {
    expect(await answer([], "q6_timeline", parts)).toHaveLength(expected);
  });

  it.each<[string, [number | null, number | null]]>([
    ["is empty", [5, 5]],
    ["has its ends the wrong way round", [5, 0]],
    ["has no start", [null, 5]],
    ["never ends", [0, Number.POSITIVE_INFINITY]],
  ])("has no row for a window that %s", async (_, window) => {
    await fill(server.admin, times(2, {}));
    expect(await ask(server.admin, "q6_timeline", window)).toEqual([]);
  });
});

describe("what ended", () => {
  const most = 72 * HOUR;
  const NONE = { succeeded: 0, failed: 0, success_rate: null, p99_seconds: null };

  it.each<[string, Row[], object]>([
    ["is nothing where there are no imports", [], {}],
    [
      "is nothing of what runs, waits, was cancelled or has no status",
      [...["running", "queued", "cancelled", null].map((status) => row({ status, finished: 20 }))],
      {},
    ],
    [
      "counts by its end, whenever it began",
      [
        row({ started: -70 * 60, finished: 5 }),
        row({ started: -70 * 60, finished: 5, status: "failed" }),
        row({ started: 5, finished: DAY[1] + 5, status: "failed" }),
      ],
      { succeeded: 1, failed: 1, success_rate: 50, p99_seconds: 70 * 60 + 5 },
    ],
    [
      "takes the window's start, and not its end",
      [
        row({ started: -9, finished: 0 }),
        row({ started: -9, finished: -1, status: "failed" }),
        row({ started: 0, finished: DAY[1], status: "failed" }),
      ],
      { succeeded: 1, success_rate: 100, p99_seconds: 9 },
    ],
    [
      "began three days before at most",
      [row({ started: -most, finished: 1 }), row({ started: -most - 1, finished: 1, status: "failed" })],
      { succeeded: 1, success_rate: 100, p99_seconds: most + 1 },
    ],
    [
      "counts by its start where nobody wrote down its end, or an infinite one",
      [
        row({ status: "failed", started: 0 }),
        row({ status: "failed", started: -1 }),
        row({ status: "failed", started: 5, finished: Number.POSITIVE_INFINITY }),
      ],
      { failed: 2, success_rate: 0 },
    ],
    [
      "has its length from what succeeded, and has a time",
      [
        row({ started: 0, finished: 30 }),
        row({ started: 0, finished: 9_000, status: "failed" }),
        row({ started: 50, finished: 40 }),
        row({ started: 50, finished: null }),
      ],
      { succeeded: 3, failed: 1, success_rate: 75, p99_seconds: 30 },
    ],
  ])("%s", async (_, rows, expected) => {
    expect(await answer(rows, "ended_imports")).toEqual([{ ...NONE, ...expected }]);
  });

  it("takes as long as 99 of 100 of them", async () => {
    const rows = Array.from({ length: 101 }, (_, n) => row({ started: 0, finished: n === 100 ? 9_999 : n }));
    expect(await answer(rows, "ended_imports")).toMatchObject([{ p99_seconds: 99 }]);
  });

  it.each<[string, [number | null, number | null]]>([
    ["has its ends the wrong way round", [100, 0]],
    ["has no start", [null, 100]],
    ["has no end", [0, null]],
  ])("is unknown over a window that %s", async (_, window) => {
    await fill(server.admin, times(3, {}));
    expect(await ask(server.admin, "ended_imports", window)).toEqual([NONE]);
  });
});

describe("a mapping", () => {
  it("of odd names, values and types makes functions that work", async () => {
    await server.admin.query(`create schema "odd ""schema$";
      create type "odd ""schema$".state as enum ('it''s ok', 'bad$$', 'run\\ning');
      create table "odd ""schema$"."the $function$ ""jobs""" (
        "since" int, "sta$$tus" "odd ""schema$".state, "$1" json, "until" timestamp, "fin\\ished" timestamp, "ver sion" int)`);
    const odd = mapping({
      table: 'the $function$ "jobs"',
      columns: {
        id: "since",
        status: "sta$$tus",
        error: "$1",
        started: "until",
        finished: "fin\\ished",
        version: "ver sion",
      },
      statuses: { succeeded: ["it's ok"], failed: ["bad$$"], running: ["run\\ning"], ignored: [] },
      versions: { v1: 1, v2: 2 },
      timeZone: "Europe/Berlin",
    });
    await declareFunctions(server.admin, odd, 'odd "schema$');
    try {
      // An hour before midnight in Greenwich is midnight in Berlin.
      await server.admin.query(`insert into "odd ""schema$"."the $function$ ""jobs""" values
        (1, 'it''s ok', null, '2024-01-08 01:00:00', '2024-01-08 01:00:30', 1),
        (2, 'bad$$', '{"code": 17}', '2024-01-08 01:00:00', '2024-01-08 01:00:30', 2),
        (3, 'run\\ning', null, '2024-01-08 00:59:59', null, 2)`);
      expect(await ask(server.admin, "q1_success_rate", [0, 60])).toMatchObject([
        { imports: 2, success_rate: 50 },
      ]);
      expect(await ask(server.admin, "q2_stuck_imports", [-60, 60], "1 s")).toMatchObject([
        { imports: 3, stuck: 1, late: 2, oldest_seconds: 61, examples: ["3"] },
      ]);
      expect(await ask(server.admin, "ended_imports", [0, 60])).toEqual([
        { succeeded: 1, failed: 1, success_rate: 50, p99_seconds: 30 },
      ]);
      expect(await ask(server.admin, "q4_error_patterns", [0, 60])).toMatchObject([
        { pattern: "{<text>: #}", failures: 1, last_started: 0 },
      ]);
      expect(await ask(server.admin, "q5_versions", [0, 60])).toMatchObject([
        { version: "v1", imports: 1, p50_seconds: 30 },
        { version: "v2", imports: 1 },
      ]);
      expect(await ask(server.admin, "q3_durations", [0, 60])).toHaveLength(14);
      expect(await ask(server.admin, "q6_timeline", [0, 60], 1)).toMatchObject([{ starting: 0, imports: 2 }]);
    } finally {
      await declareFunctions(server.admin, mapping());
    }
  });
});
