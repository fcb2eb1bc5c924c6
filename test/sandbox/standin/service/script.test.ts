import { describe, expect, test } from "vitest";
import { turning } from "../../../../sandbox/standin/service/plan";
import { canTurn, scriptOf } from "../../../../sandbox/standin/service/script";
import { walk } from "../../../../sandbox/standin/service/system";
import { showProblem } from "../../../../src/text/problem";
import { httpGate, requestsGate, rolloutOf, type WrittenStep } from "./rollouts";

const outcomes = (script: ReturnType<typeof scriptOf>) =>
  script.plan.parts.flatMap(({ rows, system, around }) =>
    rows.map((row) => `${row.row} ${walk(row, system.answers, around).found.outcome}`),
  );

/** Expressions, with what their value has to be. */
const EXPRESSIONS: readonly [string, object][] = [
  ["data.counts.total", { gt: 0 }],
  ["data.counts.total", { gte: 10, lt: 11 }],
  ["data.rate", { gt: 0.25, lt: 0.26, quantity: "share" }],
  ["data.change", { lt: -5, quantity: "signed" }],
  ["status", { eq: "ok" }],
  ["status", { ne: "down" }],
  ["ready", { eq: false }],
  ["ready", { ne: true }],
  ["length(data) == length(data[?author == 'ana'])", { eq: true }],
  ["length(data) > `1` && length(data[?state == 'Draft']) == `1`", { eq: true }],
  ["length(data[?state != 'Draft' && size > `10`])", { eq: 3 }],
  ["length(data[?!archived])", { gte: 2 }],
  ["data[?id == `7`] | [0].name", { eq: "seven" }],
  ["data[*].tags[] | contains(@, 'red')", { eq: true }],
  ["data[].items[].id | length(@)", { eq: 4 }],
  ["data[].items[?ok].id | [] | length(@)", { gt: 2 }],
  ["sort_by(data, &at)[0].name", { eq: "first" }],
  ["sort_by(data, &at)[-1].name == max_by(data, &at).name", { eq: true }],
  ["max_by(data, &score).score", { gt: 90 }],
  ["min_by(data, &score).name", { eq: "least" }],
  ["contains(name, 'part')", { eq: true }],
  ["contains(data[*].id, `5`)", { eq: true }],
  ["starts_with(version, '2.') && ends_with(version, '-rc')", { eq: true }],
  ["join(',', data[*].name)", { eq: "a,b" }],
  ["length(keys(data))", { eq: 3 }],
  ["contains(keys(data), 'queue')", { eq: true }],
  ["sum(data[*].amount)", { eq: 100 }],
  ["avg(data[*].amount)", { gt: 50, lt: 51 }],
  ["max(data[*].amount) == min(data[*].amount)", { eq: true }],
  ["length(values(data))", { gte: 2 }],
  ["data.*.healthy | [?@ == `true`] | length(@)", { eq: 2 }],
  ["data[0:2].id | length(@)", { eq: 2 }],
  ["data[-1].id", { eq: 9 }],
  ["reverse(data)[0].id", { eq: 9 }],
  ["not_null(data.error, 'none')", { eq: "none" }],
  ["data.error == null", { eq: true }],
  ["type(data)", { eq: "array" }],
  ["to_number(data.count)", { eq: 12 }],
  ["to_string(data.count)", { eq: "12" }],
  ["map(&to_string(id), data) | join('-', @)", { eq: "1-2" }],
  ["abs(data.drift)", { lt: 0.5 }],
  ["(data.a || data.b) == 'x'", { eq: true }],
  ["data.a > `1` || data.b > `1`", { eq: true }],
  ["{n: length(items), t: total} | n == t", { eq: true }],
  ["[first, second][1]", { eq: "two" }],
  ["length(@)", { eq: 2 }],
  ["[0].id", { eq: 3 }],
  ["length(data)", { eq: 250 }],
  ["data.total == length(data.items) && data.total > `2`", { eq: true }],
  ["matrix[0][1]", { eq: 5 }],
  ['"odd name"."with.dot"', { eq: 1 }],
];

describe("an expression", () => {
  test.each(EXPRESSIONS)("%s %j has an answer, and one that fails it", (value, expected) => {
    const script = scriptOf(rolloutOf([{ smoke: { S: requestsGate([{ value, expect: expected }]) } }]));
    expect(script.problems.map(showProblem)).toEqual([]);
    expect(outcomes(script)).toEqual(["one.S pass"]);
    expect(turning(script.plan, "one.S", "wrong")).toMatchObject({ turned: ["one.S"], clear: true });
  });
});

/** Rows that hold together, as smoke checks of one stage: what they are about, and their steps. */
const CHAINS: readonly [string, readonly (readonly WrittenStep[])[]][] = [
  [
    "a value of one answer leads into the next path, body and expression",
    [
      [
        { method: "POST", body: { a: 1 }, take: { id: "data.id", version: "data.version" } },
        {
          method: "PATCH",
          path: "/things/{id}",
          body: { version: "{version}" },
          value: "data.version > `{version}`",
          expect: { eq: true },
        },
      ],
    ],
  ],
  [
    "a stale version is told by its body",
    [
      [
        { method: "POST", take: { id: "data.id", version: "data.version" } },
        { method: "PATCH", path: "/things/{id}", body: { version: "{version}" } },
        { method: "PATCH", path: "/things/{id}", body: { version: 0 }, status: 409 },
      ],
    ],
  ],
  [
    "a list of one answer is held against another one",
    [
      [
        { as: "analyst", value: "length(data)", expect: { gte: 1 }, take: { own: "data[*].to_string(id)" } },
        {
          as: "admin",
          value: "length(data[?contains(`{own}`, to_string(id))]) >= length(`{own}`)",
          expect: { eq: true },
        },
      ],
    ],
  ],
  [
    "what is taken has to be what a later step compares",
    [
      [
        { take: { total: "data.total" } },
        { path: "/others", value: "length(data) == `{total}` && `{total}` > `7`", expect: { eq: true } },
      ],
    ],
  ],
  [
    "text that is taken is text for a later function",
    [
      [
        { take: { name: "data.name" } },
        { path: "/others", value: "length(`{name}`) > `1` && data.name == `{name}`", expect: { eq: true } },
      ],
    ],
  ],
  [
    "several rows ask the same, each something else",
    [
      [{ value: "data.counts.total", expect: { gt: 3 } }],
      [{ value: "data.counts.open", expect: { lt: 3 } }],
      [{ value: "data.counts.open < data.counts.total", expect: { eq: true } }],
      [{ value: "data.counts.total", expect: { lte: 4 } }],
    ],
  ],
  [
    "a status is one that all allow",
    [[{ status: "any" }], [{ status: [404, 410] }], [{ status: [410, 418] }]],
  ],
  ["an answer has no body where its status has none", [[{ method: "DELETE", status: 204 }]]],
  ["a HEAD is answered without a body", [[{ method: "HEAD", headers: { ETag: { is: "abc" } } }]]],
  [
    "another status will do",
    [
      [
        { method: "POST", body: { file: "f-{run}" }, take: { id: "data.id" } },
        {
          method: "POST",
          body: { file: "f-{run}" },
          value: "data.id == `{id}`",
          expect: { eq: true },
          orStatus: [409],
        },
      ],
    ],
  ],
  [
    "what is asked again after a write is more",
    [
      [
        { take: { before: "data.count" } },
        { method: "POST", path: "/others", body: {} },
        { value: "data.count > `{before}`", expect: { eq: true } },
      ],
    ],
  ],
  [
    "the same write again is refused",
    [
      [
        { method: "POST", body: { key: "{run}" }, status: 201 },
        { method: "POST", body: { key: "{run}" }, status: 409 },
      ],
    ],
  ],
  [
    "the number of a run comes back",
    [
      [
        {
          method: "POST",
          body: { key: "k-{run}", run: "{run}" },
          value: "data.run == `{run}`",
          expect: { eq: true },
        },
      ],
    ],
  ],
  [
    "dates lie where they are asked for",
    [
      [
        {
          headers: {
            Sunset: { date: "http", ahead: "7d" },
            Deprecation: { date: "structured", passed: true },
            "X-Since": { date: "http", at: "2026-01-01T00:00:00Z" },
            "Content-Type": { is: "application/problem+json" },
          },
        },
      ],
      [{ headers: { sunset: { date: "http", ahead: "30d" } } }],
    ],
  ],
];

describe("rows together", () => {
  test.each(CHAINS)("%s", (_, rows) => {
    const smoke = Object.fromEntries(rows.map((steps, index) => [`S${index}`, requestsGate(steps)]));
    const script = scriptOf(rolloutOf([{ smoke }]));
    expect(script.problems.map(showProblem)).toEqual([]);
    expect(outcomes(script)).toEqual(rows.map((_, index) => `one.S${index} pass`));
    expect(canTurn(script, "wrong")).toEqual(script.plan.rows.map(({ row }) => row));
  });

  test("that ask the same at other stages have other answers, by the flags that are live", () => {
    const gone = requestsGate([{ status: 410 }]);
    const there = requestsGate([{ status: 200 }]);
    const script = scriptOf(
      rolloutOf([{ smoke: { S: there } }, { entry: { E: there }, smoke: { S: gone } }]),
    );
    expect(script.problems).toEqual([]);
    expect(outcomes(script).sort()).toEqual(["one.S pass", "two.E pass", "two.S pass"]);
    const statuses = [10, 20].map((SHARE) =>
      [...script.plan.partFor({ SHARE }).system.answers.values()].map(({ status }) => status),
    );
    expect(statuses).toEqual([[200], [410]]);
  });

  test("a known-bad request fails, also where another row asks it for something good", () => {
    const value = { value: "data.total", expect: { gt: 3 } };
    const prove = { prove: { request: { path: "/empty" } } };
    const smoke = {
      S: requestsGate([value], prove),
      E: requestsGate([{ path: "/empty", value: "data.total", expect: { gte: 0 } }]),
    };
    const script = scriptOf(rolloutOf([{ smoke }]));
    expect(script.problems).toEqual([]);
    const [part] = script.plan.parts;
    const [row] = script.plan.rows;
    if (!part || !row) throw new Error("there is no row");
    expect(walk(row, part.system.answers, part.around, true).found.outcome).toBe("fail");
  });

  test("a gate of one request has its answer, also by dotted names that are numbers", () => {
    const smoke = {
      H: httpGate({ value: "data.0.total", expect: { gt: 3 } }),
      P: httpGate({ request: { path: "/health" }, status: 204, within: "200ms" }),
    };
    const script = scriptOf(rolloutOf([{ smoke }]));
    expect(script.problems).toEqual([]);
    expect(outcomes(script)).toEqual(["one.H pass", "one.P pass"]);
    expect(canTurn(script, "slow")).toEqual(["one.P"]);
  });
});

describe("what cannot be invented", () => {
  const impossible = requestsGate([{}, { value: "length(data) < `0`", expect: { eq: true } }]);

  test("is told with its place, what is asked and what to do", () => {
    const { problems } = scriptOf(rolloutOf([{ smoke: { S: impossible } }]));
    expect(problems).toEqual([
      {
        where: "Pulumi.one.yaml cutover:stage.smoke.S.steps[1].value",
        what: "no answer was found that meets status 2xx, length(data) < `0` = true",
        remedy: "Say what it answers under `answers` in rehearsal.ts",
      },
    ]);
  });

  test("names whoever asks the same request for something else", () => {
    const smoke = { S: requestsGate([{ status: 200 }]), T: requestsGate([{ status: 404 }]) };
    expect(scriptOf(rolloutOf([{ smoke }])).problems.map(({ where, what }) => `${where}: ${what}`)).toEqual([
      "Pulumi.one.yaml cutover:stage.smoke.S.steps[0].status: no one answer to GET /things was found that meets status 200, and what one.T asks of it",
    ]);
  });

  test("may be given, and what is given is held against the gate", () => {
    const smoke = { S: requestsGate([{ value: "data.total", expect: { gt: 3 } }]) };
    const given = (total: number) =>
      scriptOf(rolloutOf([{ smoke }]), { answers: { "one.S": [{ body: { data: { total }, own: "x" } }] } });
    expect(given(4).problems).toEqual([]);
    expect(given(4).routes).toMatchObject([{ path: "/things", answer: { body: { own: "x" } } }]);
    expect(given(2).problems.map(showProblem)).toEqual([
      "Pulumi.one.yaml cutover:stage.smoke.S.steps[0].value: the answer that rehearsal.ts gives does not meet status 2xx, data.total > 3. Correct it there",
    ]);
  });

  test("is refused where what is given is about no row, or no answer", () => {
    const smoke = { S1: requestsGate([{}]) };
    const { problems } = scriptOf(rolloutOf([{ smoke }]), {
      answers: {
        "one.S2": [{ body: {} }],
        "one.S1": [{ status: 42, headers: { "content-length": "1" } }, {}],
      },
    });
    expect(problems.map(showProblem)).toEqual([
      'rehearsal.ts answers["one.S2"]: is no gate that asks the service. Did you mean one.S1? There are one.S1',
      'rehearsal.ts answers["one.S1"]: has 2 answers for 1 requests. Say one for each step, in their order; null where one is to be made up',
      'rehearsal.ts answers["one.S1"][0].status: Too small: expected number to be >=200. An answer has a status, headers (texts by their names) and a body that JSON can write',
    ]);
  });
});
