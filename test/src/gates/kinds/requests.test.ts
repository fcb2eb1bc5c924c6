import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { judge } from "../../../../src/gates/judge";
import type { RequestsGate } from "../../../../src/gates/kinds/requests";
import { requests } from "../../../../src/gates/kinds/requests";
import { look } from "../../../../src/gates/kinds/requests.look";
import type { Seen } from "../../../../src/gates/observation";
import { gateAs, gateOf, NOW, observe } from "../../../support/build";
import { json, type StandIn, standIn } from "../../../support/standIn";

const define = (definition: object, phase: "exit" | "smoke" = "exit") => ({
  ...gateOf("E2", { source: "requests", ...definition }),
  phase,
});
const context = { now: NOW, timeScale: 1, attempt: 1 };
const judged = (gate: ReturnType<typeof define>, seen: Seen) => judge(gate, observe(gate, seen), context);

async function run(definition: object, server: StandIn, writing = false, sql?: unknown) {
  const gate = define(definition);
  const service = { url: server.url, tokens: { admin: "s3cr3t-of-an-admin" } };
  const sources = { service, sql: sql as undefined, timeScale: 1 };
  const asked = gateAs({ ...(gate.definition as RequestsGate), writes: writing });
  const seen = await look(asked, { ...sources, acting: writing });
  return { seen, verdict: judged(gate, seen) };
}

const TWO = {
  steps: [
    { path: "/a", take: { id: "data.id", size: "data.size" } },
    { path: "/b/{id}", value: "data.size > `{size}`", expect: { eq: true } },
  ],
};

describe("a value from one answer", () => {
  it.each<[string, unknown, unknown, string]>([
    ["a number", 7, "/b/7", "pass"],
    ["a text, as one part of the path", "x/../y?z", "/b/x%2F..%2Fy%3Fz", "pass"],
    ["true", true, "/b/true", "pass"],
  ])("goes into the next request: %s", async (_, id, path, outcome) => {
    const server = await standIn((asked, response) =>
      json(response, { data: asked.path === "/a" ? { id, size: 1 } : { size: 2 } }),
    );
    const { verdict } = await run(TWO, server);
    expect(server.asked.map((one) => one.path)).toEqual(["/a", path]);
    expect(verdict.outcome).toBe(outcome);
  });

  it.each([[undefined], [null], [""], [{}], [[1]]])(
    "that is none (%j) fails the gate, and nothing is sent after it",
    async (id) => {
      const server = await standIn((_, response) => json(response, { data: { id, size: 1 } }));
      const { verdict } = await run(TWO, server);
      expect(verdict).toMatchObject({
        outcome: "fail",
        observed: expect.stringMatching(/^1\. GET \/a: 200/),
      });
      expect(server.asked).toHaveLength(1);
    },
  );

  // A comparison and a negation have a value for what is not there, too.
  it.each([
    ["status != 'degraded'", {}, "it holds no status"],
    ["!degraded", {}, "it holds no degraded"],
    ["data.status != 'degraded'", { data: {} }, "it holds no data.status"],
    ["data.late < `5`", { data: { late: "9" } }, "holds no|is no number"],
  ])("is not made of what the answer lacks: %s of %j", async (value, answer, why) => {
    const server = await standIn((_, response) => json(response, answer));
    const { verdict } = await run({ steps: [{ path: "/health", value, expect: { eq: true } }] }, server);
    expect(verdict).toMatchObject({ outcome: "fail", observed: expect.stringMatching(why) });
  });

  it("may be a list, where expressions alone name it: an empty one, too", async () => {
    const gate = {
      steps: [
        { path: "/a", take: { ids: "data[*].id" } },
        {
          path: "/b",
          value: "length(data[?contains(`{ids}`, id)]) >= length(`{ids}`)",
          expect: { eq: true },
        },
      ],
    };
    const outcome = async (first: unknown[], then: unknown[]) => {
      const server = await standIn(({ path }, response) =>
        json(response, { data: (path === "/a" ? first : then).map((id) => ({ id })) }),
      );
      return (await run(gate, server)).verdict.outcome;
    };
    expect(await outcome([], [])).toBe("pass");
    expect(await outcome(["a`'\"b", 2], [2, 3, "a`'\"b"])).toBe("pass");
    expect(await outcome([2, 4], [2, 3])).toBe("fail");
    expect(await outcome(["2"], [2])).toBe("fail");
    // No list of values.
    expect(await outcome([[1]], [[1]])).toBe("fail");
  });

  it("is no evidence: it may be anybody's", async () => {
    const server = await standIn((_, response) => json(response, { data: { id: "of-a-user", size: 1 } }));
    expect(JSON.stringify((await run(TWO, server)).seen)).not.toContain("of-a-user");
  });

  it("keeps its type in a body, and ends no text of an expression", async () => {
    const odd = "a`b'c\"d\\";
    const server = await standIn((asked, response) =>
      json(response, asked.path === "/a" ? { n: 3, t: odd } : { same: odd }),
    );
    const { verdict } = await run(
      {
        writes: true,
        steps: [
          { path: "/a", take: { n: "n", t: "t" } },
          {
            method: "POST",
            path: "/b",
            body: { n: "{n}", t: "{t}", in: { list: ["{n}", "n is {n}"] } },
            value: "same == `{t}`",
            expect: { eq: true },
          },
        ],
      },
      server,
      true,
    );
    expect(JSON.parse(server.asked[1]?.body ?? "")).toEqual({ n: 3, t: odd, in: { list: [3, "n is 3"] } });
    expect(verdict).toMatchObject({ outcome: "pass" });
  });
});

it("names what must be new by a number that is another one each time", async () => {
  const server = await standIn((_, response) => json(response, { n: 1 }));
  const gate = {
    writes: true,
    steps: [{ method: "POST", path: "/{run}", body: { a: "{run}", b: "smoke-{run}.csv" } }],
  };
  const before = Math.floor(Date.now() / 1_000);
  await run(gate, server, true);
  const { a, b } = JSON.parse(server.asked[0]?.body ?? "");
  expect(a).toBeGreaterThanOrEqual(before);
  expect(a).toBeLessThanOrEqual(Date.now() / 1_000);
  expect([b, server.asked[0]?.path]).toEqual([`smoke-${a}.csv`, `/${a}`]);
});

describe("what is known", () => {
  const known = {
    known: { least: { query: "select 1" } },
    steps: [{ path: "/", value: "n >= `{least}`", expect: { eq: true } }],
  };
  const at = (value: unknown) => ({ observe: async () => ({ kind: "value", value }) });
  it.each<[unknown, string]>([
    [3, "pass"],
    [4, "fail"],
    // Text is no number.
    ["3", "fail"],
    [null, "inconclusive"],
    [[3], "inconclusive"],
  ])("in the database, %j: %s", async (value, outcome) => {
    const server = await standIn((_, response) => json(response, { n: 3 }));
    expect((await run(known, server, false, at(value))).verdict.outcome).toBe(outcome);
  });

  it("nowhere is inconclusive, and nothing is sent", async () => {
    const server = await standIn((_, response) => json(response, {}));
    expect((await run(known, server)).seen).toMatchObject({ message: "the rollout declares no database" });
    expect(server.asked).toEqual([]);
  });

  it("has any name, also that of a field of ours", async () => {
    const server = await standIn((_, response) => json(response, { data: 3 }));
    const gate = {
      known: { kind: { query: "select 1" } },
      steps: [{ path: "/a", value: "data >= `{kind}`", expect: { eq: true } }],
    };
    expect((await run(gate, server, false, at(2))).verdict.outcome).toBe("pass");
  });
});

describe("a gate that only looks", () => {
  it("sends nothing at all where one of its requests would change something", async () => {
    const server = await standIn((_, response) => json(response, {}));
    const steps = [{ path: "/" }, { method: "POST", path: "/patches" }];
    const { seen } = await run({ steps, writes: true }, server);
    expect(seen).toMatchObject({
      kind: "failure",
      message: expect.stringContaining("POST /patches is not sent"),
    });
    expect(server.asked).toEqual([]);
  });
});

test("an answer that never ends is none", async () => {
  const server = await standIn((_, response) => response.write("{"));
  const { verdict } = await run({ steps: [{ path: "/" }], timeout: "50ms" }, server);
  expect(verdict.outcome).toBe("inconclusive");
});

test("HEAD is a look, too", async () => {
  const server = await standIn((_, response) => response.writeHead(405, { sunset: "x" }).end());
  const steps = [{ method: "HEAD", path: "/", status: "any", headers: { Sunset: { is: "x" } } }];
  expect((await run({ steps }, server)).verdict.outcome).toBe("pass");
});

describe("a status", () => {
  it.each<[unknown, number[], number[]]>([
    [undefined, [200, 201, 204, 299], [199, 302, 304, 400, 404, 409, 500]],
    [409, [409], [200, 400, 302]],
    [
      [404, 410],
      [404, 410],
      [200, 405, 302],
    ],
    ["any", [200, 400, 401, 404, 405], [301, 302, 307, 500, 503]],
  ])("%j: %j, and not %j", (status, good, bad) => {
    const gate = define({ steps: [{ path: "/", ...(status === undefined ? {} : { status }) }] });
    const of = (code: number) =>
      judged(gate, { kind: "answers", answers: [{ status: code, ms: 1 }] }).outcome;
    expect(good.map(of)).toEqual(good.map(() => "pass"));
    expect(bad.map(of)).toEqual(bad.map(() => "fail"));
  });
});

describe("another status", () => {
  const gate = (more: object = {}) =>
    define({
      steps: [
        { path: "/", value: "n", expect: { eq: 1 }, headers: { A: { is: "b" } }, orStatus: [409], ...more },
      ],
    });
  const of = (seen: object, more?: object) =>
    judged(gate(more), { kind: "answers", answers: [{ ms: 1, ...seen }] } as Seen);

  it("holds, whatever else is in the answer", () => {
    expect(of({ status: 409, lacks: "it is no JSON" })).toMatchObject({
      outcome: "pass",
      observed: "409 in 1 ms",
    });
    expect(of({ status: 409, value: 2 }).outcome).toBe("pass");
    expect(of({ status: 200, value: 1, headers: { a: "b" } }).outcome).toBe("pass");
  });

  it("holds no answer of a status beside it, and none that is late", () => {
    for (const seen of [
      { status: 200, value: 2, headers: { a: "b" } },
      { status: 200, lacks: "it is no JSON" },
      { status: 400 },
      { status: 302 },
      { status: 500 },
    ])
      expect(of(seen).outcome, JSON.stringify(seen)).toBe("fail");
    expect(of({ status: 409, ms: 600 }, { within: "500ms" }).outcome).toBe("fail");
  });

  it("is said in what is demanded", () => {
    expect(of({ status: 409 }).required).toBe("status 2xx, n = 1, A is b; or status 409");
  });
});

describe("whatever was seen", () => {
  const gate = define({
    steps: [
      { path: "/", value: "n", expect: { gte: 1 }, within: "1s", headers: { A: { is: "b" } } },
      { path: "/x", status: 409 },
    ],
  });
  const answer = fc.record(
    {
      status: fc.constantFrom(200, 409, 302, 500),
      ms: fc.constantFrom(0, 999, 1_000),
      value: fc.oneof(
        fc.integer({ min: 0, max: 2 }),
        fc.string(),
        fc.constant(null),
        fc.constant(Number.NaN),
      ),
      lacks: fc.string(),
      headers: fc.constantFrom({ a: "b" }, { a: "c" }, {}),
    },
    { requiredKeys: ["status", "ms"] },
  );
  it("it passes only where every step has an answer, and each is what is demanded", () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 3 }), (answers) => {
        const { outcome } = judged(gate, { kind: "answers", answers } as Seen);
        const [one, two] = answers;
        const holds =
          one?.status === 200 &&
          one.ms < 1_000 &&
          one.lacks === undefined &&
          typeof one.value === "number" &&
          one.value >= 1 &&
          (one.headers as { a?: string } | undefined)?.a === "b" &&
          two?.status === 409 &&
          two.lacks === undefined;
        expect(outcome === "pass").toBe(holds);
      }),
    );
  });
});

describe("the schema", () => {
  const error = (step: object) => {
    const { error } = requests.schema.safeParse({
      source: "requests",
      title: "A title",
      steps: [{ path: "/", ...step }],
    });
    return error && JSON.stringify(error.issues);
  };
  it.each<[object, RegExp | undefined]>([
    [{ value: "data.n", expect: { gt: 0 } }, undefined],
    [{ value: "data.n" }, /`value` and `expect` together/],
    [{ expect: { gt: 0 } }, /`value` and `expect` together/],
    [{ value: "data[", expect: { gt: 0 } }, /an expression of JMESPath/],
    [{ value: "'OK'", expect: { eq: "OK" } }, /an expression that looks at the answer/],
    [{ value: "length(`[1]`)", expect: { eq: 1 } }, /an expression that looks at the answer/],
    [{ value: "nosuch(data)", expect: { gt: 0 } }, /an expression of JMESPath: Unknown function/],
    [{ value: "constructor", expect: { gt: 0 } }, /an expression of JMESPath/],
    [{ value: "data[?a == '{b}']", expect: { gt: 0 } }, /`\{b\}` in backticks/],
    [{ take: { PATH: "data.id" } }, /a name for a value/],
    [{ take: { id: "data." } }, /an expression of JMESPath/],
    [{ value: "n", expect: { eq: 1 }, orStatus: [409] }, undefined],
    [{ status: 410, value: "n", expect: { eq: 1 }, orStatus: [404, 405] }, undefined],
    [{ orStatus: [] }, /too_small/],
    [{ value: "n", expect: { eq: 1 }, orStatus: [200] }, /200 holds already: its value would never count/],
    [{ status: "any", value: "n", expect: { eq: 1 }, orStatus: [409] }, /409 holds already/],
    [{ status: [409, 200], value: "n", expect: { eq: 1 }, orStatus: [409] }, /409 holds already/],
    [{ take: { id: "id" }, orStatus: [409] }, /nothing could be taken from such an answer/],
    [{ headers: { A: {} } }, /either `is` or `date`/],
    [{ headers: { A: { is: "x", ahead: "7d" } } }, /`date` beside/],
    [{ headers: { A: { date: "http", passed: true, ahead: "7d" } } }, /either `passed` or `ahead`/],
    [{ headers: { "a b": { is: "x" } } }, /the name of a header/],
  ])("of %j: %s", (step, said) => {
    if (said === undefined) expect(error(step)).toBeUndefined();
    else expect(error(step)).toMatch(said);
  });
});

describe("errors", () => {
  const errors = (definition: object, parameters: object = {}) =>
    requests
      .fieldErrors?.(
        define(definition).definition as RequestsGate,
        { rollout: { name: "r", service: {}, parameters }, line: [], promoted: {} } as never,
        define(definition).definition as RequestsGate,
      )
      .map(({ path, what }) => `${path.join(".")}: ${what}`);
  it.each<[string, object, string[], object?]>([
    ["nothing", TWO, []],
    [
      "a request that changes something, unsaid",
      { steps: [{ path: "/" }, { method: "PATCH", path: "/" }] },
      ["steps.1.method: is PATCH, which changes something in the app, and the gate does not say so"],
    ],
    ...(
      [
        ["data.n == `1`", { eq: "true" }, "data.n == `1` is true or false"],
        ["length(data)", { lt: 0.5, gt: 0 }, "length(data) is a count"],
        ["data[].n", { gt: 0 }, "data[].n is a list"],
        ["state", { eq: "" }, "text that is empty is no value"],
      ] as const
    ).map(([value, expected, why]): [string, object, string[]] => [
      `what no ${value} can be`,
      { steps: [{ path: "/" }, { path: "/", value, expect: expected }] },
      [`steps.1.expect: can never hold: ${why}`],
    ]),
    [
      "a header by two cases",
      { steps: [{ path: "/", headers: { Sunset: { is: "a" }, sunset: { is: "b" } } }] },
      ["steps.0.headers.sunset: is there twice: headers are told apart by no letter's case"],
    ],
    [
      "a header's date that is none",
      { steps: [{ path: "/", headers: { Sunset: { date: "http", at: "soon" } } }] },
      ["steps.0.headers.Sunset.at: is soon, which is no time: no header can name it"],
    ],
    [
      "dates that are there, or come",
      {
        steps: [
          { path: "/", take: { end: "end" } },
          { path: "/", headers: { A: { date: "http", at: "{end}" }, B: { date: "http", at: "2027-03-01" } } },
          { path: "/", value: "state", expect: { ne: "" } },
        ],
      },
      [],
    ],
    ["the same, said", { writes: true, steps: [{ method: "PATCH", path: "/" }] }, []],
    [
      "a value before it is there",
      { steps: [{ path: "/{id}" }, { path: "/", take: { id: "id" } }] },
      ["steps.0: names {id}, which no step before it takes"],
    ],
    [
      "a value of the step itself",
      { steps: [{ path: "/", take: { id: "id" }, value: "x == `{id}`", expect: { eq: true } }] },
      ["steps.0: names {id}, which no step before it takes"],
    ],
    [
      "a name for two values",
      {
        steps: [
          { path: "/", take: { id: "id" } },
          { path: "/", take: { id: "id" } },
        ],
      },
      ["steps: takes {id}, which is the name of another value already"],
    ],
    ["what is another one each time", { steps: [{ path: "/{run}" }] }, []],
    [
      "that name for another value",
      { steps: [{ path: "/{run}" }] },
      ["steps: takes {run}, which is the name of another value already"],
      { run: 1 },
    ],
    [
      "a parameter's name",
      { steps: [{ path: "/", take: { id: "id" } }] },
      ["steps: takes {id}, which is the name of another value already"],
      { id: 1 },
    ],
    [
      "a probe that writes",
      { steps: [{ path: "/" }], prove: { request: { method: "POST", path: "/" } } },
      ["prove.request.method: is POST, and a probe only looks"],
    ],
    [
      "a probe after steps that write",
      {
        writes: true,
        steps: [{ method: "POST", path: "/" }, { path: "/" }],
        prove: { request: { path: "/x" } },
      },
      ["prove: comes after steps that change something, and a probe only looks"],
    ],
    [
      "a database that nobody declares",
      { known: { n: { query: "select 1" } }, steps: [{ path: "/" }] },
      ["source: needs a database, and the rollout declares none"],
    ],
  ])("of %s", (_, definition, expected, parameters) => {
    expect(errors(definition, parameters)).toEqual(expected);
  });
});

test("a probe is sent in place of the last request, and held against what the last step demands", () => {
  const { definition } = define({
    steps: [{ path: "/a", as: "admin", value: "n", expect: { gt: 0 } }],
    prove: { request: { path: "/none" } },
  });
  expect(requests.probe?.(definition as RequestsGate)).toMatchObject({
    steps: [{ method: "GET", path: "/none", value: "n", expect: { gt: 0 } }],
  });
  expect(JSON.stringify(requests.probe?.(definition as RequestsGate)?.steps)).not.toContain("admin");
});
