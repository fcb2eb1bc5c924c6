import { describe, expect, it } from "vitest";
import { judge } from "../../../../src/gates/judge";
import { observe } from "../../../../src/promotion/measure";
import { gateOf, NOW, observe as observation, sourcesWith } from "../../../support/build";
import { json, standIn } from "../../../support/standIn";

const SECRET = "s3cret-s3cret-s3cret";

function asking(url: string, more: object = {}) {
  const headers = { "DD-API-KEY": "{dd}", Authorization: "Bearer {dd}" };
  return sourcesWith({ elsewhere: { sources: { dd: { url, headers } }, tokens: { dd: SECRET }, ...more } });
}

const gate = gateOf("E5", {
  source: "elsewhere",
  from: "dd",
  path: "/monitor/1",
  value: "state",
  expect: { eq: "OK" },
});

describe("a gate on a named source", () => {
  it("is asked with the headers of its source, and judged by what stands in the answer", async () => {
    const { url, asked } = await standIn((_, response) => json(response, { state: "OK" }));
    const observation = await observe(gate, asking(`${url}/api`), undefined, {});
    expect(asked).toMatchObject([
      {
        method: "GET",
        path: "/api/monitor/1",
        headers: { "dd-api-key": SECRET, authorization: `Bearer ${SECRET}` },
      },
    ]);
    expect(observation.seen).toEqual({ kind: "elsewhere", value: "OK" });
    expect(judge(gate, observation, { now: 0, timeScale: 1, attempt: 1 }).outcome).toBe("pass");
  });

  it.each([
    ["says its secret back", { state: SECRET }, 200],
    ["breaks off", { state: SECRET }, 500],
    ["says it in an error of Prometheus", { status: "error", error: `no key ${SECRET}` }, 400],
  ])("keeps no secret where the source %s", async (_, body, status) => {
    const { url } = await standIn((__, response) => json(response, body, status));
    const prom = gateOf("E6", { source: "elsewhere", from: "dd", promql: "up", expect: { eq: 1 } });
    for (const one of [gate, prom]) {
      const observation = await observe(one, asking(url), undefined, {});
      expect(JSON.stringify(observation)).not.toContain(SECRET);
      expect(judge(one, observation, { now: 0, timeScale: 1, attempt: 1 }).outcome).not.toBe("pass");
    }
  });

  it.each([
    ["without its token", { tokens: {} }, /no token for dd/],
    ["with a token that no header carries", { tokens: { dd: "a\nb" } }, /no header can carry/],
    ["where secrets are withheld", { withheld: "no secret is sent" }, /no secret is sent/],
    ["by a name that nobody declares", { sources: {} }, /no source is called dd/],
  ])("sends nothing %s", async (_, more, message) => {
    const { url, asked } = await standIn((__, response) => json(response, { state: "OK" }));
    const { seen } = await observe(gate, asking(url, more), undefined, {});
    expect(seen).toMatchObject({ kind: "failure", message: expect.stringMatching(message) });
    expect(asked).toEqual([]);
  });

  it("follows no redirect: it would carry the secret elsewhere", async () => {
    const other = await standIn((_, response) => json(response, { state: "OK" }));
    const { url } = await standIn((_, response) => response.writeHead(302, { location: other.url }).end());
    const { seen } = await observe(gate, asking(url), undefined, {});
    expect(seen).toMatchObject({ kind: "failure", failure: "bad-answer" });
    expect(other.asked).toEqual([]);
  });
});

it.each([
  ["OK", { warnings: ["partial response"] }, "inconclusive"],
  ["OK", { infos: ["not a counter"] }, "pass"],
  ["Alert", { warnings: ["partial response"] }, "fail"],
])("what its source itself warns of passes nothing: %s %j", (value, more, outcome) => {
  const seen = observation(gate, { kind: "elsewhere", value, ...more });
  const verdict = judge(gate, seen, { now: NOW, timeScale: 1, attempt: 1 });
  expect(verdict.outcome).toBe(outcome);
  expect(verdict.observed).toContain(Object.values(more).flat()[0]);
});
