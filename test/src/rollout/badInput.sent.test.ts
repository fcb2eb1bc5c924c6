import { describe, expect, test } from "vitest";
import { type Added, problems, READY } from "./small";

/** What is sent somewhere, or waited for, that could never come to what was meant. */

const stage = (says: string, more = ""): Added => ({
  rollout: `service: { url: "https://shop.example.com" }
    servers: { urls: [https://app-1.example.com], path: /flags }
    sources: { dd: { url: "https://api.example.com" } }
    parameters: { build: "2.5.0", monitor: "91234567" }${more}`,
  stage: says,
});
const gate = (says: string) => stage(`entry: { A1: { title: All is well, ${says} } }`);
const smoke = (says: string) => stage(`${READY}\n    smoke: { S1: { title: All is well, ${says} } }`);

describe("roles that no token's key can have", () => {
  test.each(["api_admin", "api admin", "", "1st", "__proto__"])("as: %j", (as) => {
    const told = problems(gate(`source: http, request: { path: /a, as: ${JSON.stringify(as)} }`));
    expect(told).toEqual([expect.stringMatching(/A1\.request\.as: must be a role as in cutover:token-ROLE/)]);
  });

  test("one that it can have", () => {
    expect(problems(gate("source: http, request: { path: /a, as: api-admin2 }"))).toEqual([]);
  });
});

describe("a parameter that is named where none is filled in", () => {
  const http = (path: string, expected: string) =>
    gate(`source: http, request: { path: ${path} }, value: a, expect: { eq: "${expected}" }`);
  test.each<[string, Added, RegExp]>([
    [
      "the path of a source",
      gate('source: elsewhere, from: dd, path: "/monitor/{monitor}", value: a, expect: { eq: 1 }'),
      /A1\.path: names the parameter \{monitor\}, and none is filled in here\. Write its value$/,
    ],
    [
      "what every server says",
      gate('source: everyServer, path: /version, value: build, expect: { eq: "{build}" }'),
      /A1\.expect\.eq: names the parameter \{build\}/,
    ],
    ["what an answer says", http("/version", "{build}"), /A1\.expect\.eq: names the parameter \{build\}/],
  ])("%s", (_, added, told) => {
    expect(problems(added)).toEqual([expect.stringMatching(told)]);
  });

  test.each<[string, Added]>([
    ["where one is", http('"/version/{build}"', "ok")],
    [
      "what is none",
      gate('source: elsewhere, from: dd, path: "/q?query=avg:a{prod}", value: a, expect: { eq: 1 }'),
    ],
    ["what people read", gate("source: signOff, remedy: 'Look at {monitor}'")],
  ])("not %s", (_, added) => {
    expect(problems(added)).toEqual([]);
  });
});

describe("a path with a name in braces that no value can have", () => {
  test.each<[string, string]>([
    ["a request's", 'source: http, request: { path: "/a/{no_pe}" }'],
    ["a step's", 'source: requests, steps: [{ path: "/a/{no-pe}" }]'],
    ["every server's", 'source: everyServer, path: "/{2.5}", value: build, expect: { eq: "2" }'],
  ])("%s", (_, says) => {
    expect(problems(gate(says))).toEqual([
      expect.stringMatching(/path: must be a path whose names in braces are of letters and digits alone/),
    ]);
  });
});

describe("a path on more than one line", () => {
  test.each<[string, string]>([
    ["a source's", "source: elsewhere, from: dd, value: a, expect: { eq: 1 }, path: "],
    ["every server's", "source: everyServer, value: a, expect: { eq: 1 }, path: "],
  ])("%s", (_, says) => {
    const told = problems(gate(`${says}"/a?b=c\\n"`));
    expect(told).toEqual([expect.stringMatching(/A1\.path: must be a path on one line.*>-/)]);
  });
});

test.each<[string, string]>([
  ["convergence, within: 16m", "within: is 16m"],
  ["http, request: { path: /a }, timeout: 1h", "timeout: is 1h"],
])("a smoke check that takes longer than smoke checks have: %s", (says, told) => {
  const found = problems(smoke(`source: ${says}`));
  expect(found).toEqual([expect.stringContaining(`S1.${told}, and smoke checks have 15 m in all`)]);
  expect(problems(gate(`source: ${says}`))).toEqual([]);
});

test.each(["constructor", "__proto__", "toString"])("a row that goes by what nobody compares, %s", (of) => {
  const row = `abort: { X1: { title: It differs, reconcile: { of: ${of} }, threshold: { gt: 0 }, action: page, runbook: Look } }`;
  const told = problems({ stage: `${READY}\n    ${row}` });
  expect(told.join()).toMatch(/X1\.reconcile\.of: (is .*, which this stage does not compare|must be)/);
});

describe("a secret in a source's header, whatever the header is called", () => {
  const header = (says: string) =>
    problems({ rollout: `sources: { hc: { url: "https://a.example.com", headers: { ${says} } } }` });
  test.each([
    "X-Honeycomb-Team: aB3dE5fG7hI9jK1lM3nO5p",
    "X-Honeycomb-Team: abcdefghijklmnopqrst",
    "X-Auth: abcdefghijklmnop",
    "X-Team: ghp_0123456789abcdefghijABCDEFGHIJ012345",
    'X-Team: "Key aB3dE5fG7hI9jK1lM3nO5p for {team}"',
  ])("%s", (says) => {
    const told = header(says);
    expect(told).toEqual([expect.stringContaining("has a secret written out")]);
    expect(told.join()).not.toMatch(/aB3d|ghp_|abcdefgh/);
  });

  test.each(["X-Scope-OrgID: checkout-team-europe-west-1", 'X-Honeycomb-Team: "{honeycomb}"'])(
    "none: %s",
    (says) => {
      expect(header(says)).toEqual([]);
    },
  );
});

describe("a zone in letters that other tools do not know", () => {
  const zoned = (zone: string) =>
    problems({ rollout: `calendar: { zone: "${zone}", days: [mon], open: "09:00", close: "17:30" }` });
  test.each([
    ["europe/berlin", /is not how it is spelled, .* Write Europe\/Berlin$/],
    ["EUROPE/BERLIN", /Write Europe\/Berlin$/],
    ["asia/nowhere", /is not a time zone/],
  ])("%s", (zone, told) => {
    expect(zoned(zone)).toEqual([expect.stringMatching(told)]);
  });

  test.each(["Europe/Berlin", "America/Port-au-Prince", "UTC", "Asia/Kolkata", "US/Eastern", "Etc/GMT+1"])(
    "%s",
    (zone) => {
      expect(zoned(zone)).toEqual([]);
    },
  );
});

describe("what no client sends, and what no answer has", () => {
  const step = (says: string) => gate(`source: requests, steps: [{ path: /a, ${says} }]`);
  const http = (request: string, more = "") => gate(`source: http, request: { path: /a, ${request} }${more}`);
  const VALUE = ", value: a, expect: { eq: 1 }";
  test.each<[string, Added, string]>([
    ["a body of GET", http("body: { a: 1 }"), "A1.request.body: is sent with no GET. Write method: POST"],
    [
      "a body of a step's HEAD",
      step("method: HEAD, body: { a: 1 }"),
      "A1.steps.0.body: is sent with no HEAD",
    ],
    [
      "a value of HEAD",
      http("method: HEAD", VALUE),
      "A1.value: asks for what is in the answer, and an answer to HEAD",
    ],
    [
      "a value of no content",
      http("method: GET", `, status: 204${VALUE}`),
      "an answer of status 204 has nothing in it",
    ],
    [
      "what a step takes",
      step("status: [204, 304], take: { id: id }"),
      "A1.steps.0.take: asks for what is in the answer",
    ],
  ])("%s", (_, added, told) => {
    expect(problems(added)).toEqual([expect.stringContaining(told)]);
  });

  test.each<[string, Added]>([
    ["a value where it may be there", step("status: [200, 204], value: id, expect: { eq: 1 }")],
    ["no content", http("method: HEAD", ", status: 204")],
  ])("not %s", (_, added) => {
    expect(problems(added)).toEqual([]);
  });
});

describe("a first time that is never covered", () => {
  const metric = (window: string, first: string, every = "1m") =>
    gate(
      `source: metric, namespace: Shop, name: Latency, statistic: Average, every: ${every}, window: ${window}, minSamples: 10, samplesFrom: Requests, expect: { lt: 300, noWorseThan: { first: ${first}, by: 25% } }`,
    );
  test.each<[string, Added, RegExp]>([
    [
      "longer than both are kept",
      metric("8d", "8d"),
      /looks at 8d and 8d after it, and CloudWatch keeps data of every 1m for 14 d 23 h/,
    ],
    ["itself longer", metric("1h", "70d", "5m"), /looks at 70d and 1h after it/],
    ["shorter than its data", metric("1h", "1s"), /compares with 1s, which may hold no data/],
  ])("%s", (_, added, told) => {
    expect(problems(added).join()).toMatch(told);
  });

  test("one that is", () => {
    expect(problems(metric("7d", "7d")).join()).not.toMatch(/looks at|compares with/);
    expect(problems(metric("1h", "1m")).join()).not.toMatch(/looks at|compares with/);
  });
});
