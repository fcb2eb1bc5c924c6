import { describe, expect, test } from "vitest";
import { canTurn } from "../../../../sandbox/standin/service/script";
import { walk } from "../../../../sandbox/standin/service/system";
import { showProblem } from "../../../../src/text/problem";
import { httpGate, requestsGate, rolloutOf, scriptAt, type WrittenStep } from "./rollouts";

const outcomes = (script: ReturnType<typeof scriptAt>) =>
  script.plan.parts.flatMap(({ rows, system, around }) =>
    rows.map((row) => `${row.row} ${walk(row, system.answers, around).found.outcome}`),
  );

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
    const script = scriptAt(rolloutOf([{ smoke }]));
    expect(script.problems.map(showProblem)).toEqual([]);
    expect(outcomes(script)).toEqual(rows.map((_, index) => `one.S${index} pass`));
    expect(canTurn(script, "wrong")).toEqual(script.plan.rows.map(({ row }) => row));
  });

  test("that ask the same at other stages have other answers, by the flags that are live", () => {
    const gone = requestsGate([{ status: 410 }]);
    const there = requestsGate([{ status: 200 }]);
    const script = scriptAt(
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
    const script = scriptAt(rolloutOf([{ smoke }]));
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
    const script = scriptAt(rolloutOf([{ smoke }]));
    expect(script.problems).toEqual([]);
    expect(outcomes(script)).toEqual(["one.H pass", "one.P pass"]);
    expect(canTurn(script, "slow")).toEqual(["one.P"]);
  });
});
