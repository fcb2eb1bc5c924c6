import { describe, expect, test } from "vitest";
import { turning } from "../../../../sandbox/standin/service/plan";
import { walk } from "../../../../sandbox/standin/service/system";
import { showProblem } from "../../../../src/text/problem";
import { requestsGate, rolloutOf, scriptAt } from "./rollouts";

const outcomes = (script: ReturnType<typeof scriptAt>) =>
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
  ["data[::-1] | [0].id", { eq: 9 }],
  ["(data.error || 'none')", { eq: "none" }],
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
    const script = scriptAt(rolloutOf([{ smoke: { S: requestsGate([{ value, expect: expected }]) } }]));
    expect(script.problems.map(showProblem)).toEqual([]);
    expect(outcomes(script)).toEqual(["one.S pass"]);
    expect(turning(script.plan, "one.S", "wrong")).toMatchObject({ turned: ["one.S"], clear: true });
  });
});

describe("what cannot be invented", () => {
  const impossible = requestsGate([{}, { value: "length(data) < `0`", expect: { eq: true } }]);

  test("is told with its place, what is asked and what to do", () => {
    const { problems } = scriptAt(rolloutOf([{ smoke: { S: impossible } }]));
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
    expect(scriptAt(rolloutOf([{ smoke }])).problems.map(({ where, what }) => `${where}: ${what}`)).toEqual([
      "Pulumi.one.yaml cutover:stage.smoke.S.steps[0].status: no one answer to GET /things was found that meets status 200, and what one.T asks of it",
    ]);
  });

  test("may be given, and what is given is held against the gate", () => {
    const smoke = { S: requestsGate([{ value: "data.total", expect: { gt: 3 } }]) };
    const given = (total: number) =>
      scriptAt(rolloutOf([{ smoke }]), { answers: { "one.S": [{ body: { data: { total }, own: "x" } }] } });
    expect(given(4).problems).toEqual([]);
    expect(given(4).routes).toMatchObject([{ path: "/things", answer: { body: { own: "x" } } }]);
    expect(given(2).problems.map(showProblem)).toEqual([
      "Pulumi.one.yaml cutover:stage.smoke.S.steps[0].value: the answer that rehearsal.ts gives does not meet status 2xx, data.total > 3. Correct it there",
    ]);
  });

  test("is refused where what is given is about no row, or no answer", () => {
    const smoke = { S1: requestsGate([{}]) };
    const { problems } = scriptAt(rolloutOf([{ smoke }]), {
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
