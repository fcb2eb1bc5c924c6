import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { pathOf, questionShape, readAnswer, sourceErrors } from "../../../../src/gates/elsewhere/question";

const PROM = { from: "prom", promql: "up" };
const vector = (...values: unknown[]) => ({
  status: "success",
  data: {
    resultType: "vector",
    result: values.map((value) => ({ metric: {}, value: [1_700_000_000.1, value] })),
  },
});
const scalar = (value: unknown) => ({
  status: "success",
  data: { resultType: "scalar", result: [1_700_000_000, value] },
});

describe("what Prometheus answers", () => {
  it.each([
    ["one sample", vector("0.25"), 0.25],
    ["a scalar", scalar("3"), 3],
    ["an exponent", vector("1e-7"), 1e-7],
    ["less than nothing", vector("-1"), -1],
  ])("is a value: %s", (_, json, value) => {
    expect(readAnswer(PROM, { status: 200, json })).toEqual({ kind: "elsewhere", value });
  });

  it.each([
    ["no sample", 200, vector(), "no-data"],
    ["two samples", 200, vector("1", "1"), "bad-answer"],
    ["NaN", 200, vector("NaN"), "bad-answer"],
    ["+Inf", 200, vector("+Inf"), "bad-answer"],
    ["-Inf", 200, scalar("-Inf"), "bad-answer"],
    ["a value without digits", 200, vector(" "), "bad-answer"],
    ["a number that is no text", 200, vector(1), "bad-answer"],
    [
      "a histogram",
      200,
      { status: "success", data: { resultType: "vector", result: [{ metric: {}, histogram: [] }] } },
      "bad-answer",
    ],
    ["a range", 200, { status: "success", data: { resultType: "matrix", result: [] } }, "bad-answer"],
    ["a string", 200, { status: "success", data: { resultType: "string", result: [1, "1"] } }, "bad-answer"],
    ["no JSON", 200, undefined, "bad-answer"],
    ["a success that is none", 503, vector("0"), "bad-answer"],
    ["an error", 400, { status: "error", errorType: "bad_data", error: "parse error" }, "bad-answer"],
    ["no way in", 401, undefined, "refused"],
    ["too many questions", 429, undefined, "throttled"],
    ["a redirect", 302, undefined, "bad-answer"],
  ])("is none, which says why: %s", (_, status, json, failure) => {
    expect(readAnswer(PROM, { status, json })).toMatchObject({ kind: "failure", failure });
  });

  it("is shown with what it warns of, clipped, and on one line", () => {
    const json = { ...vector("1"), warnings: ["a\nb", "w".repeat(500)], infos: ["not a counter"] };
    const told = readAnswer(PROM, { status: 200, json }) as { warnings?: string[]; infos?: string[] };
    const { warnings = [], infos = [] } = told;
    expect([...warnings, ...infos].map(({ length }) => length)).toEqual([3, 200, 13]);
    expect(infos).toEqual(["not a counter"]);
    expect(warnings[0]).not.toContain("\n");
  });
});

it.each([
  [true, ["isPartial: a part of what it stores did not answer"]],
  [false, undefined],
])("an answer of a part alone is one that its source warns of: isPartial %s", (isPartial, warnings) => {
  expect(readAnswer(PROM, { status: 200, json: { ...vector("0"), isPartial } })).toEqual({
    kind: "elsewhere",
    value: 0,
    ...(warnings ? { warnings } : {}),
  });
});

describe("what any other source answers", () => {
  const monitor = { from: "dd", path: "/api/v1/monitor/1", value: "overall_state" };

  it.each([
    [200, { overall_state: "OK" }, { kind: "elsewhere", value: "OK" }],
    [200, { overall_state: false }, { kind: "elsewhere", value: false }],
    [200, {}, { kind: "failure", failure: "bad-answer" }],
    [200, { overall_state: { of: 1 } }, { kind: "failure", failure: "bad-answer" }],
    [200, { overall_state: null }, { kind: "failure", failure: "bad-answer" }],
    [404, { overall_state: "OK" }, { kind: "failure", failure: "bad-answer" }],
    [500, { overall_state: "OK" }, { kind: "failure", failure: "bad-answer" }],
    [403, { overall_state: "OK" }, { kind: "failure", failure: "refused" }],
  ])("is read by its path: %i %j", (status, json, told) => {
    expect(readAnswer(monitor, { status, json })).toMatchObject(told);
  });
});

describe("a value that an expression would make of nothing", () => {
  const told = (value: string, json: unknown) =>
    readAnswer({ from: "dd", path: "/monitor", value }, { status: 200, json });

  it.each<[string, unknown, string]>([
    ...[{}, [], null, { errors: ["Forbidden"] }, { overal_state: "OK" }, { overall_state: null }].map(
      (json): [string, unknown, string] => ["overall_state != 'Alert'", json, "it holds no overall_state"],
    ),
    ["overall_state == 'Alert'", {}, "it holds no overall_state"],
    ["overall_state != 'Alert'", { overall_state: " " }, "it holds no overall_state"],
    ["'Alert' != overall_state", {}, "it holds no overall_state"],
    ["!failing", {}, "it holds no failing"],
    ["!failing", { failing: "" }, "it holds no failing"],
    ["!(failing && critical)", { failing: true }, "it holds no critical"],
    ["!(failing || critical)", { failing: false }, "it holds no critical"],
    ["data.monitor.state != 'Alert'", { data: {} }, "it holds no data.monitor.state"],
    ["monitors[0].state != 'Alert'", { monitors: [] }, "it holds no monitors.0.state"],
    ["data | state != 'Alert'", { data: {} }, "it holds no state"],
    ["state == 'OK' || other == 'OK'", { state: "OK" }, "it holds no other"],
    ["error == `null`", {}, "it holds no error"],
    ["@ != 'Alert'", null, "it holds no value"],
    ["!(rate > `5`)", { rate: "9" }, "its rate is no number"],
    ["to_number(rate)", { rate: "" }, "it holds no rate"],
    ["to_number(rate)", { rate: " " }, "it holds no rate"],
    ["to_number(rate) != `0`", { rate: "many" }, "its rate is no number"],
    ["to_string(state) != 'Alert'", {}, "it holds no state"],
    ['!contains(`["Alert"]`, state)', {}, "it holds no state"],
    ["!(monitors[?state == 'Alert'])", {}, "it holds no monitors"],
    ["monitors[?state == 'Alert'] | !@", {}, "it holds no monitors"],
    ["monitors[?state == 'Alert'] == `[]`", {}, "it holds no monitors"],
    ["constructor != 'Alert'", {}, "it holds no constructor"],
    ["contains([db.state, cache.state], 'DOWN')", { db: { state: "UP" } }, "it holds no cache.state"],
    ["length([db, cache][?@ == 'DOWN'])", {}, "it holds no db"],
    ["[db, cache] != `[1, 2]`", {}, "it holds no db"],
    ["(data || result).state != 'DOWN'", {}, "it holds no data or result.state"],
    ["data | result | state != 'DOWN'", { data: { result: {} } }, "it holds no state"],
  ])("is none: %s of %j", (value, json, why) => {
    expect(told(value, json)).toMatchObject({
      failure: "bad-answer",
      message: `the answer of dd has no value: ${why}`,
    });
  });

  it.each<[string, unknown, unknown]>([
    ["overall_state != 'Alert'", { overall_state: "OK" }, true],
    ["!failing", { failing: false }, true],
    ["failing != `true`", { failing: 0 }, true],
    ["error == `null`", { error: null }, true],
    ["error == ''", { error: "" }, true],
    ["(state || 'none') != 'Alert'", {}, true],
    ["not_null(state, 'none') != 'Alert'", {}, true],
    ["type(state) == 'null'", {}, true],
    ["monitors[0].state != 'Alert'", { monitors: [{ state: "OK" }] }, true],
    ["[0].state != 'Alert'", [{ state: "OK" }], true],
    ["(data || result).state != 'Alert'", { result: { state: "OK" } }, true],
    ["contains([db, cache], 'DOWN')", { db: "UP", cache: "DOWN" }, true],
    ["data | state != 'Alert'", { data: { state: "OK" } }, true],
    ["!(monitors[?state == 'Alert'])", { monitors: [{}] }, true],
    ["length(monitors[?state == 'Alert'])", { monitors: [{}] }, 0],
    ["to_number(rate)", { rate: "0" }, 0],
    ["to_number(rate) > `5`", { rate: "9" }, true],
    ["sum(rates)", { rates: [] }, 0],
  ])("is one where the answer says it: %s of %j", (value, json, found) => {
    expect(told(value, json)).toEqual({ kind: "elsewhere", value: found });
  });
});

test("a query of Prometheus is asked by its own API, with nothing of it left as it is", () => {
  expect(pathOf({ from: "p", promql: 'sum(a{b="c&d"}) + 1' })).toBe(
    `/api/v1/query?query=${encodeURIComponent('sum(a{b="c&d"}) + 1')}`,
  );
});

it.each(["", "   ", "\n"])("a query of Prometheus has a text: not %j", (promql) => {
  expect(z.object(questionShape).safeParse({ from: "p", promql }).success).toBe(false);
});

describe("a path below its source's url", () => {
  const errors = (path: string, url = "https://h.example.com/tenant-a") =>
    sourceErrors({ from: "one", path }, { sources: { one: { url, headers: {} } } });

  it.each([
    ["/x", "https://h.example.com/tenant-a"],
    ["/", "https://h.example.com/tenant-a"],
    ["/a/../x", "https://h.example.com/tenant-a"],
    ["/..x", "https://h.example.com/tenant-a"],
    ["/x?to=/../y", "https://h.example.com/tenant-a"],
    ["/../tenant-a/x", "https://h.example.com/tenant-a"],
    ["/../x", "https://h.example.com"],
  ])("is asked: %s", (path, url) => {
    expect(errors(path, url)).toEqual([]);
  });

  it.each([
    "/../tenant-b/x",
    "/..",
    "/%2e%2e/tenant-b/x",
    "/.%2E/x",
    "/a/../../x",
    "/..\\x",
    "/../tenant-ab/x",
  ])("is refused where it leads out of it: %s", (path) => {
    expect(errors(path)).toEqual([
      {
        path: ["path"],
        what: "leads out of https://h.example.com/tenant-a, the url of one",
        remedy: "Write a path below it; what lies beside it is a source of its own",
      },
    ]);
  });
});

describe("a path", () => {
  const problem = (path: string) =>
    z.object(questionShape).safeParse({ from: "dd", path, value: "a" }).error?.issues[0]?.message;

  it.each([
    "/",
    "/api/v1/monitor/1234?group_states=all&with_downtimes=true",
    "/api/0/organizations/acme/issues/?query=is:unresolved&sort=freq&postcode=10115",
    "/v1/checks/3f2504e0-4f89-11d3-9a0c-0305e82c3301?sort_key=name",
    "/a//b",
  ])("may be %s", (path) => {
    expect(problem(path)).toBeUndefined();
  });

  it.each([
    ["https://other.example.com/api", /begins with \//],
    ["//other.example.com/api", /leads to another/],
    ["/\\other.example.com/api", /leads to another/],
    ["/\t/other.example.com/api", /on one line/],
    ["//", /leads to another/],
    ["/api?api_key=0123456789abcdef", /\{ROLE\}/],
    ["/api?apiKey=0123456789abcdef", /\{ROLE\}/],
    ["/api?x=1&application_key=0123456789abcdef", /\{ROLE\}/],
    ["/api?access_token=abc", /\{ROLE\}/],
    ["/api?key=abc", /\{ROLE\}/],
    ["/api?p%61ssword=abc", /\{ROLE\}/],
    ["/api#token=abc", /\{ROLE\}/],
    ["/services/xoxb-1234567890-abcdef", /\{ROLE\}/],
    ["/api?x=eyJhbGciOiJIUzI1NiJ9.e30.abc", /\{ROLE\}/],
  ])("is refused: %s", (path, message) => {
    expect(problem(path)).toMatch(message);
  });
});

describe("a query of Prometheus", () => {
  const sources = { prom: { url: "https://prom.example.com", headers: {} } };
  const told = (promql: string) => sourceErrors({ from: "prom", promql }, { sources } as never);

  it.each([
    "vector(0)",
    "1",
    "time() > bool 5",
    "vector(1) or vector(0) # up",
    'vector(0) + label_replace(vector(1), "a", "b", "c", "d")',
    "sum(vector(0)) by (job)",
    "sum BY (job, instance) (vector(0))",
    "max without(pod) (vector(1)) * on(job) group_left (team) vector(0)",
    "vector(1) / ignoring (code) group_right vector(2)",
  ])("that names no metric yields the same whatever happens: %s", (promql) => {
    expect(told(promql)).toEqual([
      { path: ["promql"], what: expect.stringMatching(/^names no metric/), remedy: expect.any(String) },
    ]);
  });

  it.each([
    "up",
    "sum by (job) (rate(a:b[5m]))",
    '{__name__="up"}',
    "vector(1) and up",
    "sum(up) or vector(0)",
    "sum by (job) (up)",
    "sum(up) without (job)",
    "vector(1) * on (job) group_left (team) up",
  ])("is one of a metric: %s", (promql) => {
    expect(told(promql)).toEqual([]);
  });
});
