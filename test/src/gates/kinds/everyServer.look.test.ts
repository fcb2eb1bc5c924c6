import { expect, it } from "vitest";
import { judge } from "../../../../src/gates/judge";
import { look } from "../../../../src/gates/kinds/everyServer.look";
import type { Sources } from "../../../../src/gates/look";
import { outbound } from "../../../../src/gates/outbound";
import { gateOf, NOW, observe } from "../../../support/build";
import { json, nobody, type StandIn, standIn } from "../../../support/standIn";

const FLAGS = { data: { flags: { READ: true } } };
const gateWithin = (timeout: string) =>
  gateOf("V1", {
    source: "everyServer",
    path: "/version?full=1",
    value: "data.build",
    expect: { eq: "2.5.0" },
    timeout,
  }) as Parameters<typeof look>[0];
/** A server that tells its flags at one path, and at the other what it is. */
const running = (of: unknown, status = 200) =>
  standIn((request, response) =>
    request.path.startsWith("/flags") ? json(response, FLAGS) : json(response, of, status),
  );
const hostOf = ({ url }: Pick<StandIn, "url">) => new URL(url).host;
const seenWithin = (timeout: string, ...urls: string[]) => {
  const servers = { urls, ecs: [], path: "/flags", at: "data.flags" };
  return look(gateWithin(timeout), { servers, region: "eu-central-1" } as unknown as Sources);
};
// Those that answer are waited for, however busy the machine is.
const seenOf = (...urls: string[]) => seenWithin("60s", ...urls);

it("finds the old server that reports the flags like any other", async () => {
  const [now, old] = [
    await running({ data: { build: "2.5.0" } }),
    await running({ data: { build: "2.4.9" } }),
  ];
  expect(await seenOf(now.url, `${old.url}/base/`)).toEqual({
    kind: "everyServer",
    servers: [
      { server: hostOf(now), value: "2.5.0" },
      { server: `${hostOf(old)}/base`, value: "2.4.9" },
    ],
  });
  expect(old.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /base/version?full=1"]);
});

it("keeps the value alone, and of anything greater what it is", async () => {
  const whole = await running({ data: { build: { of: "somebody@example.com" } }, more: "x" });
  const seen = await seenOf(whole.url);
  expect(seen).toEqual({ kind: "everyServer", servers: [{ server: hostOf(whole), value: {} }] });
  // Anything but the old build: of what is no value that is not known.
  const other = gateOf("V1", { ...gateWithin("60s").definition, expect: { ne: "2.4.9" } } as never);
  expect(judge(other, observe(other, seen), { now: NOW, timeScale: 1, attempt: 1 })).toMatchObject({
    outcome: "inconclusive",
    observed: expect.stringContaining("the value is an object, not text"),
  });
});

it("says of each server what keeps it from an answer", async () => {
  const [broken, text] = [
    await running({ data: { build: "2.5.0" } }, 503),
    await standIn((_, response) => void response.end("2.5.0")),
  ];
  const other = await running({ build: "2.5.0" });
  const gone = await nobody();
  const seen = await seenOf(broken.url, text.url, other.url, gone);
  expect(seen).toMatchObject({
    servers: [
      { server: hostOf(broken), error: "answered 503" },
      { error: "answers what is not valid JSON" },
      { server: hostOf(other) },
      { error: expect.stringContaining("ECONNREFUSED") },
    ],
  });
  const { servers } = seen as Extract<typeof seen, { kind: "everyServer" }>;
  expect(servers.every(({ value }) => value === undefined)).toBe(true);
});

it("takes an empty text for no value, and what else is said as it is", async () => {
  const [empty, odd] = [
    await running({ data: { build: "" } }),
    await running({ data: { build: "2.5.0\u200b" } }),
  ];
  const seen = await seenOf(empty.url, odd.url);
  const judged = (expected: object) => {
    const gate = gateOf("V1", { ...gateWithin("60s").definition, expect: expected } as never);
    return judge(gate, observe(gate, outbound(seen, [])), { now: NOW, timeScale: 1, attempt: 1 });
  };
  expect(judged({ ne: "2.4.0" })).toMatchObject({
    outcome: "inconclusive",
    observed: `1 of 2 do not: ${hostOf(empty)}: nothing at data.build; ${hostOf(odd)}: "2.5.0\\u{200b}"`,
  });
  expect(judged({ eq: "2.5.0" })).toMatchObject({
    outcome: "fail",
    observed: expect.stringContaining("2 of 2 do not"),
  });
});

it("says of a server that it does not answer in time", async () => {
  const silent = await standIn(() => {});
  expect(await seenWithin("250ms", silent.url)).toEqual({
    kind: "everyServer",
    servers: [{ server: hostOf(silent), error: expect.stringMatching(/timeout|aborted/) }],
  });
});

it("says so where the rollout has no servers", async () => {
  const sources = { servers: undefined, region: "eu-central-1" } as unknown as Sources;
  expect(await look(gateWithin("60s"), sources)).toMatchObject({
    kind: "failure",
    message: "the rollout declares no servers",
  });
});
