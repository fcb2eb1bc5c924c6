import { describe, expect, it, test } from "vitest";
import { parse } from "yaml";
import type { AbortThreshold } from "../../../../src/rollout/config/abortRow";
import { stageConfig } from "../../../../src/rollout/config/stackFile";
import type { Rollout, Stage } from "../../../../src/rollout/rollout";
import { differences, weakenings } from "../../../../src/rollout/strength/compare";
import { definitionsOf } from "../../../../src/rollout/strength/definitions";
import {
  type Comparison,
  judgeStrength,
  unexplained,
  weakenedYaml,
  weakeningProblems,
} from "../../../../src/rollout/strength/judge";
import { baseline, gateOf, rollout, stageA, stageB } from "../../../support/build";

const gate = (
  source: "metric" | "sql" | "check" | "soak" | "date" | "signOff" | "requests",
  spec: object = {},
) => gateOf("X", { source, ...spec }).definition;

const E5 = (spec: object = {}) =>
  gate("metric", {
    namespace: "OpsView",
    name: "QueueLatencyMs",
    statistic: "p95",
    window: "soak",
    minSamples: 100,
    expect: { lt: 500 },
    ...spec,
  });

const asks = (spec: object) =>
  gate("requests", { steps: [{ path: "/" }, { path: "/queue", value: "data.n", ...spec }] });

const XB3 = (spec: object = {}) =>
  ({
    title: "Local and database state differ",
    metric: { namespace: "OpsView", name: "Divergences", statistic: "Sum", period: "10s" },
    threshold: { gt: 0 },
    datapoints: { of: 1, breaching: 1 },
    missingData: "notBreaching",
    action: "rollback",
    ...spec,
  }) as AbortThreshold;

const of = (a: Partial<Stage> = {}, spec: Partial<Rollout> = {}) =>
  definitionsOf(rollout({ ...spec, stages: [baseline, { ...stageA, ...a }, stageB] }));

const says = (was: Partial<Stage>, now: Partial<Stage>) =>
  weakenings(of(was), of(now)).map((one) => one.says);

describe("in words that a tired person understands", () => {
  test.each<[string, Partial<Stage>, Partial<Stage>, string[]]>([
    [
      "a stage that is no longer irreversible",
      { irreversible: { floor: "stageA", because: "v1 is gone" } },
      {},
      ["stageA is no longer irreversible: aborts go below stageA"],
    ],
    [
      "a stage that has become irreversible",
      {},
      { irreversible: { floor: { READ: true }, because: "v1 is gone" } },
      ['stageA is irreversible now: aborts go no lower than {"READ":true}'],
    ],
    [
      "another floor, and not another reason",
      { irreversible: { floor: "stageA", because: "v1 is gone" } },
      { irreversible: { floor: "baseline", because: "so is v0" } },
      ["stageA has another floor below which nothing goes: baseline, was stageA"],
    ],
    [
      "a row that freezes where there is no way back",
      { abort: { XB3: XB3() } },
      { abort: { XB3: XB3({ whenIrreversible: "freeze" }) } },
      ["XB3 where there is no way back does freeze, was revert"],
    ],
    [
      "a row that only pages",
      { abort: { XB3: XB3() } },
      { abort: { XB3: XB3({ action: "page" }) } },
      ["XB3 no longer rolls back"],
    ],
    ["a row that is gone", { abort: { XB3: XB3() } }, {}, ["XB3 is gone"]],
    [
      "a bound of one of several requests",
      { smoke: { SA1: asks({ expect: { gt: 0 }, within: "500ms" }) } },
      { smoke: { SA1: asks({ expect: { gte: 0 }, within: "500ms" }) } },
      ["SA1 in step 2 accepts 0 and more, was anything above 0"],
    ],
    [
      "a tighter one, and one request more time",
      { smoke: { SA1: asks({ expect: { gt: 0 }, within: "500ms" }) } },
      { smoke: { SA1: asks({ expect: { gt: 1 }, within: "1s" }) } },
      ["SA1 in step 2 accepts anything above 1, was 0; must answer in 1 s, was 500 ms"],
    ],
    [
      "a status that holds, too",
      { smoke: { SA1: asks({ expect: { gt: 0 } }) } },
      { smoke: { SA1: asks({ expect: { gt: 0 }, orStatus: [404, 409] }) } },
      ["SA1 in step 2 accepts status 404 or 409, too"],
    ],
    [
      "one that no longer does",
      { smoke: { SA1: asks({ expect: { gt: 0 }, orStatus: [404, 409] }) } },
      { smoke: { SA1: asks({ expect: { gt: 0 }, orStatus: [409] }) } },
      [],
    ],
    [
      "a bound",
      { exit: { E5: E5() } },
      { exit: { E5: E5({ expect: { lt: 800 } }) } },
      ["E5 accepts up to 800 ms, was 500 ms"],
    ],
    ["a check that is gone", { smoke: { SA2: gate("check", { check: "own-items" }) } }, {}, ["SA2 is gone"]],
    ["a soak", { soak: "24h" }, { soak: "1h" }, ["the soak of stageA is 1 h, was 24 h"]],
    [
      "a soak of another kind",
      { soak: "24h" },
      { soak: "1 business cycle" },
      ["the soak of stageA is 1 business cycle, was 24 h"],
    ],
    [
      "samples",
      { exit: { E5: E5() } },
      { exit: { E5: E5({ minSamples: 1 }) } },
      ["E5 wants samples, at least 1, was 100"],
    ],
    [
      "a threshold",
      { abort: { XB3: XB3() } },
      { abort: { XB3: XB3({ threshold: { gt: 1e15 } }) } },
      ["XB3 fires above 1000000000000000, was above 0"],
    ],
    [
      "a misspelt metric",
      { abort: { XB3: XB3() } },
      { abort: { XB3: XB3({ metric: { ...XB3().metric, name: "Divergence" } }) } },
      ["XB3 has another `name`: Divergence, was Divergences in its signal"],
    ],
    [
      "a part that nobody knows yet",
      { abort: { XB3: XB3() } },
      { abort: { XB3: XB3({ minSamples: 5 }) } },
      ["XB3 now says `minSamples`: 5"],
    ],
    [
      "a sign-off that became a date",
      { exit: { E4: gate("signOff") } },
      { exit: { E4: gate("date", { after: "2000-01-01T00:00:00Z" }) } },
      ["E4 asks a gate of another kind: date, was signOff"],
    ],
    [
      "what a value can be",
      { exit: { E5: E5({ expect: { lt: 500, quantity: "percent" } }) } },
      { exit: { E5: E5() } },
      ["E5 accepts anything below 500, was anything below 500 (quantity: percent)"],
    ],
    [
      "what is signed",
      { exit: { E4: gate("signOff", { title: "No anomaly is known" }) } },
      { exit: { E4: gate("signOff", { title: "Somebody looked" }) } },
      ["E4 has another statement to sign: Somebody looked, was No anomaly is known"],
    ],
    [
      "what on-call does",
      { abort: { XB3: XB3({ runbook: "Turn WRITE off" }) } },
      { abort: { XB3: XB3({ runbook: " " }) } },
      ["XB3 no longer says what on-call does (`runbook`)"],
    ],
    ...(
      [
        [
          { after: "1h", undecided: "rollback" },
          { after: "1h" },
          "no longer rolls back where nobody decided",
        ],
        [{ after: "1h", undecided: "rollback" }, undefined, "no longer rolls back where nobody decided"],
        [{ after: "1h" }, undefined, "no longer reminds on-call"],
        [
          { after: "1h", undecided: "rollback" },
          { after: "3h", undecided: "rollback" },
          "rolls back undecided after 3 h, was 1 h",
        ],
        [{ after: "1h" }, { after: "2h", undecided: "rollback" }, "rolls back undecided after 2 h, was 1 h"],
      ] as const
    ).map(([was, now, words]): [string, Partial<Stage>, Partial<Stage>, string[]] => [
      `what becomes of an alarm that nobody decided about: ${words}`,
      { abort: { XB3: XB3({ action: "page", remind: was }) } },
      { abort: { XB3: XB3({ action: "page", remind: now }) } },
      [`XB3 ${words}`],
    ]),
    ["a row that moved", { exit: { E5: E5() } }, { entry: { E5: E5() } }, ["E5 is gone from exit of stageA"]],
  ])("%s", (_, was, now, expected) => {
    expect(says(was, now)).toEqual(expected);
  });
});

describe("what is stronger, or as strong, is not named", () => {
  test.each<[string, Partial<Stage>, Partial<Stage>]>([
    [
      "words",
      { exit: { E5: E5() } },
      { exit: { E5: E5({ title: "Another title", remedy: "Another remedy" }) } },
    ],
    ["a bound", { exit: { E5: E5() } }, { exit: { E5: E5({ expect: { lt: 400, gte: 0 } }) } }],
    ["a soak", { soak: "24h" }, { soak: "2d" }],
    ["the same soak in other words", { soak: "24h" }, { soak: "1d" }],
    [
      "a row that rolls back undecided now, and sooner",
      { abort: { XB3: XB3({ action: "page", remind: { after: "1h" } }) } },
      { abort: { XB3: XB3({ action: "page", remind: { after: "30m", undecided: "rollback" } }) } },
    ],
    ["a row that rolls back now", { abort: { XB3: XB3({ action: "page" }) } }, { abort: { XB3: XB3() } }],
    [
      "a threshold, with what it is said to be taken out",
      { abort: { XB3: XB3({ threshold: { gt: 5, quantity: "percent" } }) } },
      { abort: { XB3: XB3({ threshold: { gte: 5 } }) } },
    ],
    [
      "a threshold",
      { abort: { XB3: XB3({ threshold: { gt: 5 } }) } },
      { abort: { XB3: XB3({ threshold: { gte: 5 } }) } },
    ],
    [
      "data points",
      { abort: { XB3: XB3({ datapoints: { of: 3, breaching: 3 } }) } },
      { abort: { XB3: XB3({ datapoints: { of: 5, breaching: 2 } }) } },
    ],
    [
      "a longer look at what adds up",
      { exit: { E1: E5({ statistic: "Sum", window: "24h", expect: { eq: 0 } }) } },
      { exit: { E1: E5({ statistic: "Sum", window: "48h", expect: { eq: 0 } }) } },
    ],
    [
      "the same room in other words",
      { exit: { E5: E5({ expect: { lt: 500, noWorseThan: { first: "1h", by: "5%" } } }) } },
      { exit: { E5: E5({ expect: { lt: 500, noWorseThan: { first: "60m", by: "5.0%" } } }) } },
    ],
    ["a new row", {}, { exit: { E5: E5() }, abort: { XB3: XB3() } }],
  ])("%s", (_, was, now) => {
    expect(says(was, now)).toEqual([]);
  });
});

describe("the calendar", () => {
  const office = {
    zone: "Europe/Berlin",
    days: ["mon" as const, "fri" as const],
    open: "09:00",
    close: "17:30",
    holidays: ["2026-12-25"],
  };
  test.each<[string, object, string[]]>([
    ["days in another order", { days: ["fri", "mon"] }, []],
    ["a holiday more", { holidays: ["2027-01-01", "2026-12-25"] }, []],
    ["no holiday", { holidays: undefined }, ["the calendar no longer leaves out 2026-12-25"]],
    ["another holiday", { holidays: ["2027-01-01"] }, ["the calendar no longer leaves out 2026-12-25"]],
    ["another zone", { zone: "UTC" }, ["the calendar has another `zone`: UTC, was Europe/Berlin"]],
    [
      "a day more",
      { days: ["mon", "tue", "fri"] },
      ['the calendar has another `days`: ["mon","tue","fri"], was ["mon","fri"]'],
    ],
  ])("with %s", (_, change, expected) => {
    const now = { ...office, ...change };
    expect(weakenings(of({}, { calendar: office }), of({}, { calendar: now }))).toMatchObject(
      expected.map((says) => ({ key: "calendar", says })),
    );
  });

  it("that is gone, is", () => {
    expect(weakenings(of({}, { calendar: office }), of())).toMatchObject([{ key: "calendar" }]);
  });
});

describe("a row that is renamed", () => {
  const now = { abort: { XB9: XB3({ formerly: ["XB3"] }) } };

  it("is gone, unless it says what it was called", () => {
    expect(says({ abort: { XB3: XB3() } }, { abort: { XB9: XB3() } })).toEqual(["XB3 is gone"]);
    expect(says({ abort: { XB3: XB3() } }, now)).toEqual([]);
  });

  it("is held against what it was", () => {
    const eased = { abort: { XB9: XB3({ formerly: ["XB3"], action: "page" }) } };
    expect(says({ abort: { XB3: XB3() } }, eased)).toEqual(["XB9 no longer rolls back"]);
  });

  it("takes the place of one, and of none that stood beside it", () => {
    expect(says({ abort: { XB3: XB3(), XB9: XB3() } }, now)).toEqual(["XB3 is gone"]);
    const both = { abort: { XB9: XB3({ formerly: ["XB3", "XB4"] }) } };
    expect(says({ abort: { XB3: XB3(), XB4: XB3() } }, both)).toEqual(["XB4 is gone"]);
  });
});

it("holds a renamed stage against what it was, and misses one that is gone", () => {
  const renamed = rollout({
    stages: [
      baseline,
      { ...stageA, name: "reads", formerly: ["stageA"], soak: "1h" },
      { ...stageB, predecessor: "reads" },
    ],
  });
  expect(weakenings(of(), definitionsOf(renamed)).map((one) => one.says)).toEqual([
    "the soak of reads is 1 h, was 24 h",
  ]);
  const without = rollout({ stages: [baseline, { ...stageB, predecessor: "baseline" }] });
  expect(weakenings(of(), definitionsOf(without)).map((one) => one.says)).toEqual([
    "the stage stageA is gone, with all its rows",
  ]);
});

describe("a stage that is put in between", () => {
  const entry = { B1: gate("soak", { atLeast: "24h" }), B3: gate("signOff") };
  const held = {
    ...stageB,
    entry,
    smoke: { SB1: gate("check", { check: "own-items" }) },
    abort: { XB3: XB3() },
  };
  const again = { ...stageA, name: "mid", predecessor: "stageA", flags: stageB.flags };
  const copied = {
    entry: { M1: entry.B1, M3: entry.B3 },
    smoke: { SM1: held.smoke.SB1 },
    abort: { XM3: XB3({ threshold: { gte: 0 } }) },
  };
  const said = (spec: Partial<Stage>) =>
    weakenings(
      definitionsOf(rollout({ abortTo: "off", stages: [baseline, stageA, held] })),
      definitionsOf(
        rollout({
          abortTo: "off",
          stages: [baseline, stageA, { ...again, ...spec }, { ...held, predecessor: "mid" }],
        }),
      ),
    ).map((one) => one.says);

  it("is held to what the stage after it is, under ids of its own", () => {
    expect(said(copied)).toEqual([]);
    expect(said({ ...copied, flags: stageA.flags, smoke: {}, abort: {} })).toEqual([]);
  });

  it.each<[string, Partial<Stage>, string]>([
    ["entry", { ...copied, entry: { M1: entry.B1 } }, "B3"],
    ["soak", { ...copied, entry: { ...copied.entry, M1: gate("soak", { atLeast: "1h" }) } }, "B1"],
    ["smoke", { ...copied, smoke: {} }, "SB1"],
    ["abort", { ...copied, abort: { XM3: XB3({ action: "page" }) } }, "XB3"],
    ["all", {}, "B1, B3, SB1, XB3"],
    ["even where it raises nothing", { flags: stageA.flags }, "B1, B3"],
  ])("counts as weaker: %s", (_, spec, missing) => {
    expect(said(spec)).toEqual([
      `stageB follows mid, was stageA, and mid is promoted without what stageB is held to: ${missing}`,
    ]);
  });
});

describe("subscribers whose address is encrypted", () => {
  const topics = (...onCall: Rollout["topics"]["onCall"]) =>
    of({}, { topics: { onCall, ops: [], stakeholders: [] } });
  const [one, two, three] = ["v1:one", "v1:two", "v1:three"].map((secure) => ({
    protocol: "https" as const,
    endpoint: { secure },
  }));
  const plain = { protocol: "https" as const, endpoint: "https://example.com" };
  test.each([
    ["the same ciphertext", [one], [one], 0],
    ["two, in another order", [one, two], [two, one], 0],
    ["one more", [one], [one, two], 0],
    ["another ciphertext, which may lead anywhere", [one], [two], 1],
    ["another ciphertext beside one more", [one], [two, three], 1],
    ["one of two is another", [one, two], [one, three], 1],
    ["one of two is gone", [one, two], [two], 1],
    ["of another protocol", [one], [{ ...two, protocol: "http" as const }], 1],
    ["a plain one that is encrypted now", [plain], [one], 1],
    ["one that is plain now", [one], [plain], 1],
  ])("%s", (_, was, now, count) => {
    const list = (all: unknown) => topics(...(all as Rollout["topics"]["onCall"]));
    expect(weakenings(list(was), list(now))).toHaveLength(count);
  });
});

test("of an endpoint that may lead elsewhere it is said that nobody can see it, and nothing of what it holds", () => {
  const at = (secure: string) =>
    of({}, { topics: { onCall: [{ protocol: "https", endpoint: { secure } }], ops: [], stakeholders: [] } });
  expect(weakenings(at("v1:one"), at("v1:two")).map(({ says }) => says)).toEqual([
    "the topic onCall has another secure: endpoint (https), and whether it leads to the same subscriber cannot be seen",
  ]);
});

describe("servers and the service", () => {
  const at = (urls: string[], url = "https://ops.example.com") =>
    of({}, { service: { url }, servers: { urls, ecs: [], path: "/flags", at: "" } });
  const [safe, open] = ["https://a.example.com", "http://a.example.com"];
  test.each([
    ["https given up", at([safe]), at([open]), 1],
    ["https taken up", at([open]), at([safe]), 0],
    ["one of two schemes", at([safe, open]), at([open]), 1],
    ["one of two that are called alike", at([safe, safe]), at([safe]), 0],
    ["one that is gone", at([safe, "https://b.example.com"]), at([safe]), 1],
    ["the service without TLS", at([safe]), at([safe], "http://ops.example.com"), 1],
  ])("%s", (_, was, now, count) => {
    expect(weakenings(was, now)).toHaveLength(count);
  });

  it("are read as an older version wrote them down, without the scheme", () => {
    const older = structuredClone(at([safe]));
    older.rest.service = { url: "ops.example.com" };
    older.rest.servers = { ...(older.rest.servers as object), urls: ["a.example.com"] };
    expect(weakenings(older, at([safe]))).toEqual([]);
  });
});

it("reads what an older version wrote down, which lacks later defaults", () => {
  const was = of({
    abort: { XB3: XB3() },
    exit: { A: gate("sql", { query: "select 1", expect: { eq: 1 } }) },
  });
  const older = structuredClone(was);
  for (const { rows } of older.stages) {
    delete rows.abort.XB3?.datapoints;
    delete rows.exit.A?.timeout;
  }
  expect(differences(older, was)).toEqual([]);
});

describe("reasons", () => {
  const was = of({ abort: { XB3: XB3() } });
  const now = of({ abort: { XB3: XB3({ action: "page" }) } });
  const given = (
    weakened: Record<string, { reason: string }>,
    accepted: { says: string; reason: string }[] = [],
    before: Comparison["before"] = { lastFlip: was, predecessor: was },
  ) =>
    unexplained(
      judgeStrength({
        now,
        before,
        weakened,
        accepted: accepted.map((one) => ({ key: "XB3", ...one })),
        unrecorded: false,
      }),
    ).map((one) => one.says);
  const reason = "People decide from now on";

  it("let what they are given for pass, and nothing else", () => {
    expect(given({})).toEqual(["XB3 no longer rolls back"]);
    expect(given({ XB4: { reason } })).toEqual(["XB3 no longer rolls back"]);
    expect(given({ XB3: { reason } })).toEqual([]);
  });

  it("count once: a later weakening of the same row needs another", () => {
    expect(given({ XB3: { reason } }, [{ says: "XB3 fires above 5, was above 0", reason }])).toHaveLength(1);
    const used = [{ says: "XB3 no longer rolls back", reason }];
    expect(given({ XB3: { reason } }, used)).toHaveLength(1);
    // The predecessor was promoted before both flips: it is the same easing still.
    expect(given({ XB3: { reason } }, used, { lastFlip: now, predecessor: was })).toEqual([]);
    const [open] = judgeStrength({
      now,
      before: { lastFlip: was },
      weakened: { XB3: { reason } },
      accepted: [{ key: "XB3", says: "XB3 fires above 5, was above 0", reason }],
      unrecorded: false,
    });
    expect(open && weakeningProblems([open])[0]?.remedy).toMatch(/given for something else/);
  });

  it("are asked for where the base cannot be compared with, under the key that is printed", () => {
    const base = { unusable: "its stack files cannot be used" };
    const says = ["what is weaker cannot be known: its stack files cannot be used"];
    expect(given({}, [], { predecessor: was, base })).toEqual([...says, "XB3 no longer rolls back"]);
    const list = judgeStrength({ now, before: { base }, weakened: {}, accepted: [], unrecorded: false });
    const typed = parse(weakenedYaml("stageA", list).join("\n").replace('""', JSON.stringify(reason)));
    const { weakened } = typed.config["cutover:stage"];
    expect(stageConfig.shape.weakened.parse(weakened)).toEqual({ "pullRequest.base": { reason } });
    expect(given(weakened, [], { base })).toEqual([]);
  });

  it("name each weakening once, with all that it is weaker than", () => {
    const list = judgeStrength({
      now,
      before: { lastFlip: was, predecessor: was, base: { definitions: was } },
      weakened: {},
      accepted: [],
      unrecorded: false,
    });
    expect(list).toEqual([
      { key: "XB3", says: "XB3 no longer rolls back", against: ["lastFlip", "predecessor", "base"] },
    ]);
  });
});

describe("where dumps lie", () => {
  const backup = (dumps: string, queries: Record<string, string> = {}) => ({ backup: { dumps, queries } });
  const between = (was: Partial<Rollout>, now: Partial<Rollout>) =>
    differences(of({}, was), of({}, now)).map(({ strength, says }) => [strength, says]);

  test.each<[string, Partial<Rollout>, Partial<Rollout>, string[][]]>([
    [
      "is said now",
      {},
      backup("/a"),
      [["stronger", "the rollout now says where dumps lie and what they are asked"]],
    ],
    ["is said no more", backup("/a"), {}, [["weaker", "the rollout no longer says where dumps lie"]]],
    ["is the same", backup("/a", { n: "select 1" }), backup("/a", { n: "select 1" }), []],
    [
      "with a further question",
      backup("/a"),
      backup("/a", { n: "select 1" }),
      [["stronger", "the rollout asks more of a backup"]],
    ],
  ])("%s", (_, was, now, found) => {
    expect(between(was, now)).toEqual(found);
  });

  test.each<[string, Partial<Rollout>, Partial<Rollout>]>([
    ["is elsewhere", backup("/a"), backup("/b")],
    ["with a question less", backup("/a", { n: "select 1" }), backup("/a")],
    ["with another question", backup("/a", { n: "select 1" }), backup("/a", { n: "select 2" })],
  ])("%s eases it, for all that is known", (_, was, now) => {
    expect(between(was, now)).toEqual([["incomparable", expect.stringContaining("where dumps lie")]]);
  });
});
