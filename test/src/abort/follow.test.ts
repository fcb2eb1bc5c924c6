import { describe, expect, test } from "vitest";
import type { ServerReport } from "../../../src/abort/drillServers";
import { type Differing, type FollowWorld, follow } from "../../../src/abort/follow";
import type { LogLines } from "../../../src/aws/logLines";
import type { Seen } from "../../../src/gates/observation";
import { type AfterAbort, afterAbort } from "../../../src/rollout/config/afterAbort";

const FLAGS = { P: 0, ON: false };
const down = (server: string): ServerReport => ({ server, flags: FLAGS });
const up = (server: string): ServerReport => ({ server, flags: { P: 50, ON: false } });
const gone = (server: string): ServerReport => ({ server, error: "ECONNREFUSED" });
const AFTER = afterAbort.parse({
  inFlight: { title: "imports", query: "select count(*) from imports", limit: "1m" },
  lookAt: ["cutover query Q4", "cutover query Q6"],
});
const value = (left: unknown): Seen => ({ kind: "value", value: left });
const failure: Seen = { kind: "failure", failure: "unreachable", message: "connect ECONNREFUSED" };

interface Script {
  /** What each round of looks at the servers finds; the last one over and over. */
  readonly servers?: readonly ((server: string) => ServerReport)[][];
  readonly urls?: readonly string[] | Error | undefined;
  /** What the query yields in turn; the last one over and over. */
  readonly counts?: readonly (Seen | Error)[];
  /** What the log yields in turn; the last one over and over. */
  readonly lines?: readonly (LogLines | Error)[];
  readonly differences?: readonly Differing[] | Error;
  /** How much time each look takes, in ms. */
  readonly takes?: number;
}

async function run(script: Script, after: AfterAbort | undefined = AFTER) {
  const printed: string[] = [];
  const { urls = ["http://a", "http://b"], takes = 1_000 } = script;
  const rounds = script.servers ?? [[down, down]];
  const counts = script.counts ?? [value(0)];
  const lines = script.lines ?? [{ count: 1 }];
  let [now, asked, counted, read] = [0, 0, 0, 0];
  const world: FollowWorld = {
    servers: async () => {
      if (urls instanceof Error) throw urls;
      const round = rounds[Math.min(asked, rounds.length - 1)] ?? [];
      asked++;
      now += takes;
      return urls.map((url, index) => (round[index] ?? down)(new URL(url).host));
    },
    count: async () => {
      const seen = counts[Math.min(counted, counts.length - 1)] as Seen | Error;
      counted++;
      now += takes;
      if (seen instanceof Error) throw seen;
      return seen;
    },
    logged: async () => {
      const seen = lines[Math.min(read++, lines.length - 1)] as LogLines | Error;
      now += takes;
      if (seen instanceof Error) throw seen;
      return seen;
    },
    differences: async () => {
      if (script.differences instanceof Error) throw script.differences;
      return script.differences ?? [];
    },
    print: (line) => void printed.push(line),
    pause: 0,
    now: () => now,
  };
  const followed = await follow({ flags: FLAGS, after, region: "eu-central-1" }, world);
  // Without a declared log the line to type stands there each time; its own test looks at it.
  return {
    followed,
    all: printed,
    printed: printed.filter((line) => !/^Logs: not/.test(line)),
    counted,
    now,
  };
}

test("confirms the servers, waits for what is in flight, and says where to look", async () => {
  const { followed, printed } = await run({
    servers: [
      [up, down],
      [gone, down],
      [down, down],
    ],
    counts: [value(7), value(7), value(2), value(0)],
  });
  expect(followed).toMatchObject({ servers: "agreed", inFlight: "none" });
  expect(printed).toEqual([
    "Servers: 1 of 2 report the flags; waiting for a (has the flags of before)",
    "Servers: 1 of 2 report the flags; waiting for a (ECONNREFUSED)",
    "Servers: all 2 report P 0 %, ON false",
    "In flight: 7 imports, waiting up to 1m in all",
    "In flight: 2 imports, waiting up to 1m in all",
    "In flight: no imports any more",
    "To look at first:",
    "  cutover query Q4",
    "  cutover query Q6",
  ]);
});

describe("the app's log", () => {
  const logging = afterAbort.parse({
    logs: { group: "/ecs/imports", pattern: '{ $.pipeline_version = "v1" }', limit: "1m" },
  });
  const of = async (lines: Script["lines"], after: AfterAbort | undefined = logging) => {
    const { followed, all, now } = await run(lines ? { lines } : {}, after);
    return { logs: followed.logs, said: all.filter((line) => /Logs|\/ecs/.test(line)), now };
  };
  const BY_HAND = `By hand: aws logs tail /ecs/imports --since 10m --filter-pattern '{ $.pipeline_version = "v1" }' --region eu-central-1`;

  test("is waited for until a line confirms it", async () => {
    const { logs, said } = await of([{ count: 0 }, { count: 0 }, { count: 3, first: 0 }]);
    expect(logs).toBe("confirmed");
    expect(said).toEqual([
      'Logs: no line of /ecs/imports matches { $.pipeline_version = "v1" } yet, waiting up to 1m in all',
      'Logs: 3 lines of /ecs/imports confirm it ({ $.pipeline_version = "v1" }), the first at 1970-01-01T00:00:00.000Z',
    ]);
  });

  test("that stays silent is warned of in time, with the line to type", async () => {
    const { logs, said, now } = await of([{ count: 0 }]);
    expect(logs).toBe("silent");
    expect(said.at(-1)).toBe(
      `WARNING: after 1m no line of /ecs/imports matches { $.pipeline_version = "v1" }. ${BY_HAND}`,
    );
    expect(now).toBeLessThan(70_000);
  });

  test("that cannot be read is unknown, with the line to type; one failure alone is none", async () => {
    const denied = new Error("AccessDenied");
    expect(await of([denied])).toMatchObject({
      logs: "unknown",
      said: [`Logs: unknown, /ecs/imports cannot be read (AccessDenied). ${BY_HAND}`],
    });
    expect((await of([denied, { count: 1 }])).logs).toBe("confirmed");
  });

  test("that nobody declared is not read: the line to type is printed", async () => {
    expect(await of(undefined, AFTER)).toMatchObject({
      logs: "unknown",
      said: [
        "Logs: not read, afterAbort.logs declares none. By hand: aws logs tail GROUP --since 10m --filter-pattern PATTERN --region eu-central-1",
      ],
    });
  });
});

describe("servers", () => {
  test("that never agree are named, and the rest goes on", async () => {
    const { followed, printed, now } = await run({ servers: [[down, up]] });
    expect(followed).toMatchObject({ servers: "open", inFlight: "none" });
    expect(printed.find((line) => line.startsWith("WARNING"))).toBe(
      "WARNING: after 2 m, 1 of 2 servers do not report the flags: b (has the flags of before). Restart them",
    );
    expect(now).toBeLessThan(130_000);
    // A sign of life now and then, not a line for each look.
    expect(printed.filter((line) => line.startsWith("Servers:")).length).toBeLessThanOrEqual(5);
  });

  test.each<[string, Script["urls"], RegExp]>([
    ["of which none is listed", [], /^Servers: unknown, the rollout lists none/],
    ["that cannot be listed", new Error("AccessDenied"), /^Servers: unknown, .*AccessDenied/],
  ])("%s are told to be unknown, and the rest goes on", async (_, urls, told) => {
    const { followed, printed } = await run({ urls });
    expect(followed).toMatchObject({ servers: "unknown", inFlight: "none" });
    expect(printed[0]).toMatch(told);
  });
});

describe("work in flight", () => {
  test("that does not finish is told once its time is over", async () => {
    const { followed, printed, now } = await run({ counts: [value(3)] });
    expect(followed.inFlight).toBe("left");
    expect(printed).toContain("WARNING: after 1m there are still 3 imports. Look at them by hand");
    expect(now).toBeLessThan(70_000);
  });

  test("may rise for a while", async () => {
    expect((await run({ counts: [value(1), value(4), value(0)] })).followed.inFlight).toBe("none");
  });

  test("is waited for on through a failure that passes", async () => {
    const { followed, counted } = await run({
      counts: [value(3), failure, new Error("timeout"), failure, failure, value(0)],
    });
    expect(followed.inFlight).toBe("none");
    expect(counted).toBe(6);
  });

  test.each<[string, Seen | Error, RegExp]>([
    ["cannot be reached", failure, /unknown, the database does not say \(connect ECONNREFUSED\)/],
    ["cannot be asked", new Error("the rollout declares no database"), /declares no database/],
    ["yields no number", value("7"), /the query yields no number/],
    ["yields nothing", value(null), /the query yields no number/],
  ])("is told to be unknown where the database %s, soon", async (_, seen, told) => {
    const { followed, printed, counted } = await run({ counts: [seen] });
    expect(followed.inFlight).toBe("unknown");
    expect(printed.find((line) => line.startsWith("In flight"))).toMatch(told);
    expect(counted).toBe(5);
    expect(printed).toContain("To look at first:");
  });

  test("is not waited for where config says nothing of it", async () => {
    const { followed, printed, counted } = await run({}, afterAbort.parse({}));
    expect(followed).toMatchObject({ servers: "agreed", inFlight: "unknown" });
    expect([counted, printed]).toEqual([0, ["Servers: all 2 report P 0 %, ON false"]]);
  });
});

describe("sources that were compared", () => {
  const differing = (seen: Seen) => [{ title: "Items", seen, line: "psql …" }];
  test.each<[string, readonly Differing[] | Error, string]>([
    ["agree", differing(value(0)), "Reconcile: nothing differs in Items"],
    ["differ", differing(value(3)), "WARNING: 3 rows to reconcile by hand in Items: psql …"],
    [
      "differ in more rows than are named",
      differing(value(100)),
      "WARNING: at least 100 rows to reconcile by hand in Items: psql …",
    ],
    [
      "do not answer",
      differing(failure),
      "Reconcile: unknown in Items, the database does not say (connect ECONNREFUSED). By hand: psql …",
    ],
    ["cannot be asked", new Error("no login"), "Reconcile: unknown, the database cannot be asked (no login)"],
  ])("that %s are told of, last", async (_, differences, line) => {
    const { printed } = await run({ differences }, afterAbort.parse({}));
    expect(printed.at(-1)).toBe(line);
  });
});
