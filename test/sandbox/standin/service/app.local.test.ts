import { describe, expect, test } from "vitest";
import type { ServersConfig } from "../../../../src/flags/servers";
import { observeServers } from "../../../../src/gates/kinds/convergence.look";
import { requestsGate, rolloutOf, type WrittenStep } from "./rollouts";
import { serve } from "./served";

const SERVERS: ServersConfig = {
  urls: ["http://127.0.0.1:1"],
  ecs: [],
  path: "/told",
  at: "data.flags",
  source: "data.source",
};

async function told(url: string, path = "/told") {
  const [server] = (await observeServers({ ...SERVERS, path, urls: [url] }, "us-east-1", ["SHARE"]).then(
    (seen) => (seen.kind === "servers" ? seen.servers : []),
  )) as { flags?: object; error?: string }[];
  return server?.flags ?? server?.error;
}

describe("flags", () => {
  test("are told as they are, as all off, or not at all", async () => {
    const { url, live, faults } = await serve(rolloutOf([{}], { servers: SERVERS }));
    live({ flags: { SHARE: 10 }, drill: "t-1" });
    expect(await told(url)).toEqual({ SHARE: 10 });
    const whole = async () => (await (await fetch(`${url}/told`)).json()) as object;
    expect(await whole()).toMatchObject({ data: { source: "appconfig", drill: "t-1", server: "app-1" } });
    await faults({ flags: "stale" });
    expect(await told(url)).toEqual({ SHARE: 0 });
    expect(await whole()).not.toHaveProperty("data.drill");
    await faults({ flags: "missing" });
    expect(await told(url)).toEqual({});
    await faults({});
    live({ source: "code" });
    expect(await whole()).toMatchObject({ data: { source: "code", flags: { SHARE: 10 } } });
  });

  test("are told at a place of its own where a rollout has no servers", async () => {
    const { url, live } = await serve(rolloutOf([{}]));
    live({ flags: { SHARE: 10 } });
    expect(await told(url, "/feature-flags")).toEqual({ SHARE: 10 });
    expect(await told(url, "/_flags")).toEqual({ SHARE: 10 });
  });

  test("are what gates ask for, as they are live", async () => {
    const smoke = (share: number) => ({
      S: requestsGate([
        { path: "/told", value: "data.flags.SHARE", expect: { eq: share } },
        { path: "/told", value: "data.extra", expect: { eq: "x" } },
      ]),
    });
    const served = await serve(rolloutOf([{ smoke: smoke(10) }, { smoke: smoke(20) }], { servers: SERVERS }));
    const [one, two] = served.script.plan.rows;
    if (!one || !two) throw new Error("there are no rows");
    expect(served.script.problems).toEqual([]);
    served.live({ flags: { SHARE: 20 } });
    expect([await served.outcome(one), await served.outcome(two)]).toEqual(["fail", "pass"]);
  });
});

describe("requests that no gate sends", () => {
  test("are refused by what is wrong with them", async () => {
    const smoke = { S: requestsGate([{ method: "POST", as: "admin", body: { a: 1 } }]) };
    const { url } = await serve(rolloutOf([{ smoke }]));
    const status = async (path: string, token: string | undefined, body: string, method = "POST") =>
      (
        await fetch(`${url}${path}`, {
          method,
          body,
          headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        })
      ).status;
    expect(await status("/things", "t-admin", '{"a":1}')).toBe(200);
    expect(await status("/things", undefined, '{"a":1}')).toBe(401);
    expect(await status("/things", "t-nobody", '{"a":1}')).toBe(401);
    expect(await status("/things", "t-analyst", '{"a":1}')).toBe(403);
    expect(await status("/things", "t-admin", '{"a":2}')).toBe(400);
    expect(await status("/things", "t-admin", "no JSON")).toBe(400);
    expect(await status("/things", "t-admin", '{"a":1}', "PUT")).toBe(404);
    expect(await status("/nothing", "t-admin", '{"a":1}')).toBe(404);
  });

  test("are refused as faults, with the names that there are", async () => {
    const { faults } = await serve(
      rolloutOf([{ smoke: { S1: requestsGate([{ within: "1s" }]), S2: requestsGate([{}]) } }]),
    );
    await expect(faults({ wrong: ["one.S3"] })).rejects.toThrow("Did you mean one.S1? Did you mean one.S2?");
    await expect(faults({ slow: ["one.S2"] })).rejects.toThrow(
      "one.S2 is no row that asks for an answer within a time. Did you mean one.S1? There are: one.S1",
    );
  });
});

describe("what is asked more than once", () => {
  const again = requestsGate([
    { take: { before: "data.count" } },
    { method: "POST", path: "/others", body: {} },
    { value: "data.count > `{before}`", expect: { eq: true } },
  ]);
  const twice = requestsGate([
    { method: "POST", body: { key: "{run}" }, status: 201 },
    { method: "POST", body: { key: "{run}" }, status: 409 },
  ]);
  const comesBack = requestsGate([
    {
      method: "POST",
      path: "/runs",
      body: { key: "k-{run}" },
      value: "data.run == `{run}`",
      expect: { eq: true },
    },
    {
      path: "/runs/last",
      value: "data.run == `{run}`",
      expect: { eq: true },
    },
  ]);

  test("is answered as its place in the row asks, each time that the row is looked at", async () => {
    const served = await serve(rolloutOf([{ smoke: { again, twice, comesBack } }]));
    expect(served.script.problems).toEqual([]);
    for (let time = 0; time < 3; time++)
      for (const row of served.script.plan.rows)
        expect(await served.outcome(row), `${row.row}, ${time}`).toBe("pass");
  });
});

test.each<[string, WrittenStep]>([
  ["HEAD", { method: "HEAD", headers: { ETag: { is: "abc" } } }],
  ["204", { method: "DELETE", status: 204 }],
  ["304", { status: 304 }],
  ["a redirect", { status: 302 }],
  ["a server error", { status: 503, value: "error", expect: { eq: "closed" } }],
  [
    "a query in the path",
    { path: "/things?state=open&name=%C3%A9", value: "length(data)", expect: { gt: 1 } },
  ],
  ["a path with a space", { path: "/things/a b/ü" }],
  [
    "a date ahead",
    { headers: { Sunset: { date: "http", ahead: "7d" }, "Content-Type": { is: "text/plain" } } },
  ],
])("%s is answered over HTTP", async (_, step) => {
  const served = await serve(rolloutOf([{ smoke: { S: requestsGate([step]) } }]));
  const [row] = served.script.plan.rows;
  expect(served.script.problems).toEqual([]);
  expect(row && (await served.outcome(row))).toBe("pass");
  await served.faults({ wrong: ["one.S"] });
  expect(row && (await served.outcome(row))).toBe("fail");
});
