import { describe, expect, test } from "vitest";
import { parseTwo, problemsIn } from "./twoStages";

const VPC = { subnetIds: ["subnet-0a1b2c3d"], securityGroupIds: ["sg-0a1b2c3d"] };
const sql = { title: "Rows", source: "sql", query: "select count(*) from t", expect: { gt: 0 } };
const check = { title: "By code", source: "check", check: "own" };

/** What is wrong with a rollout of two stages, by its measuring function and the gates of its second stage. */
function problems(measure: unknown, stage: object = {}, rollout: object = {}): string[] {
  const declared = {
    flags: { READ: { kind: "boolean" } },
    database: { host: "db.internal", name: "shop", reads: ["t"] },
    service: { url: "https://shop.internal" },
    measure,
    ...rollout,
  };
  const only = { flags: { READ: true }, entry: { A1: sql }, ...stage };
  return problemsIn(parseTwo(declared, { flags: { READ: false } }, only));
}

test("a function with what it needs is sound, and has 5 minutes by itself", () => {
  expect(problems({ vpc: VPC })).toEqual([]);
  expect(problems({ vpc: VPC, timeout: "15m" })).toEqual([]);
});

describe("what config may not say of it", () => {
  test.each<[string, unknown, RegExp]>([
    ["no network", {}, /measure\.vpc/],
    ["no subnet", { vpc: { ...VPC, subnetIds: [] } }, /measure\.vpc\.subnetIds/],
    [
      "a subnet by its name",
      { vpc: { ...VPC, subnetIds: ["private-a"] } },
      /the id of a subnet, such as subnet-/,
    ],
    ["a group by its name", { vpc: { ...VPC, securityGroupIds: ["default"] } }, /the id of a security group/],
    [
      "six groups, where Lambda takes five",
      { vpc: { ...VPC, securityGroupIds: Array(6).fill("sg-0a") } },
      /securityGroupIds/,
    ],
    ["longer than a function runs", { vpc: VPC, timeout: "16m" }, /at most 15m/],
    ["too short to look at anything", { vpc: VPC, timeout: "9s" }, /at least 10s/],
    ["no time", { vpc: VPC, timeout: "0s" }, /timeout/],
    ["another key", { vpc: VPC, memory: 512 }, /memory/],
  ])("%s", (_, measure, words) => {
    const found = problems(measure);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(words);
  });
});

describe("what the function could not look at", () => {
  test.each(["entry", "smoke", "exit"])("a gate by the rollout's own code under %s", (section) => {
    const stage = { entry: { A1: sql }, [section]: { A2: check } };
    expect(problems(undefined, stage)).toEqual([]);
    expect(problems({ vpc: VPC }, stage)).toEqual([
      `Pulumi.only.yaml cutover:stage.${section}.A2.source: is looked at by the rollout's own code (own), which the measuring function does not carry. Write it with source: requests, sql or http; or leave measure out, and run pulumi in the VPC`,
    ]);
  });

  test("a gate that may take longer than the function has", () => {
    const stage = { entry: { A1: { ...sql, timeout: "56s" }, A2: { ...sql, timeout: "55s" } } };
    expect(problems({ vpc: VPC, timeout: "1m" }, stage)).toEqual([
      "Pulumi.only.yaml cutover:stage.entry.A1.timeout: is 56s, and the function that looks at it has 1m for all gates together. Shorten it, or raise measure.timeout of cutover:rollout, to at most 15m",
    ]);
  });

  test("a shared gate, where it is written", () => {
    const found = problems(
      { vpc: VPC },
      { entry: { A1: { source: "shared" } } },
      {
        gates: { A1: check },
      },
    );
    expect(found).toEqual([
      expect.stringMatching(/^Pulumi\.baseline\.yaml cutover:rollout\.gates\.A1\.source: /),
    ]);
  });

  test("nothing at all", () => {
    const found = problems({ vpc: VPC }, { entry: {} }, { database: undefined, service: undefined });
    expect(found).toEqual([
      "Pulumi.baseline.yaml cutover:rollout.measure: declares a measuring function, and the rollout has no database, service, sources or servers to look at. Take it out, or declare what it is to reach",
    ]);
  });
});

describe("a gate that asks another service than the rollout's own", () => {
  const tracker = {
    title: "No open incident",
    source: "requests",
    steps: [{ url: "https://api.pagerduty.com", path: "/incidents", as: "pager" }],
  };
  const step = (more: object) => ({ ...tracker, steps: [{ ...tracker.steps[0], ...more }] });

  test("is asked from where pulumi runs, and never by the function", () => {
    expect(problems(undefined, { entry: { A1: tracker } })).toEqual([]);
    expect(problems({ vpc: VPC }, { entry: { A1: tracker } })).toEqual([
      expect.stringMatching(
        /A1\.source: asks api\.pagerduty\.com, and the measuring function asks nobody but/,
      ),
    ]);
  });

  test.each<[string, object, RegExp]>([
    ["by http", { url: "http://api.pagerduty.com" }, /an https URL/],
    ["with a password in it", { url: "https://a:b@api.pagerduty.com" }, /without a password/],
    ["with a header that says no token", { authorization: "Token token=abc" }, /\{token\} in it/],
    [
      "with a header, and nobody whose token it is",
      { as: undefined, authorization: "Token {token}" },
      /authorization: says how a token is sent, and the request sends none/,
    ],
  ])("is not asked %s", (_, more, says) => {
    const found = problems(undefined, { entry: { A1: step(more) } });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(says);
  });
});
