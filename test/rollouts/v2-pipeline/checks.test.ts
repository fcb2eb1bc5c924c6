import { describe, expect, test } from "vitest";
import { checksOf } from "../../../rollouts/checks";
import type { CheckGate } from "../../../src/gates/kinds/check";
import { observeCheck } from "../../../src/gates/kinds/check.look";
import { gateOf } from "../../support/build";
import { json, standIn } from "../../support/standIn";

const DAY = 86_400_000;
const seconds = (ms: number) => Math.floor(ms / 1_000);
const whole = (ms: number) => seconds(ms) * 1_000;

interface Service {
  readonly v1?: { readonly get: number; readonly post: number };
  readonly health?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Runs a check against a service whose answers the test decides. */
async function run(check: string, service: Service, sunset: unknown, timeScale = 1) {
  const server = await standIn(({ method, path }, response) => {
    if (path === "/health") return json(response, {}, service.health ?? 200);
    for (const [name, value] of Object.entries(service.headers ?? {})) response.setHeader(name, value);
    const { get = 200, post = 405 } = service.v1 ?? {};
    return json(response, {}, method === "GET" ? get : post);
  });
  const gate = gateOf("D4", { source: "check", check, timeout: "5s" }).definition as CheckGate;
  const sources = {
    checks: checksOf("v2-pipeline") ?? {},
    service: { url: server.url, tokens: {} },
    sql: undefined,
    parameters: { sunset: sunset as string },
    timeScale,
  };
  // As the stacks have it: only the last one asks as a caller of v1 would.
  const seen = await observeCheck(gate, sources, check === "v1-is-gone");
  return { seen, asked: server.asked };
}

describe("v1-still-announces", () => {
  const now = Date.now();
  const sunset = whole(now - DAY);
  const iso = new Date(sunset).toISOString();
  const headers = { Deprecation: `@${seconds(now - 8 * DAY)}`, Sunset: new Date(sunset).toUTCString() };

  test.each<[string, Service, boolean, string | RegExp]>([
    ["holds where the headers are as declared, the end passed or not", { headers }, true, /sunset 20/],
    [
      "does not call an endpoint that takes POST alone",
      { v1: { get: 405, post: 202 } },
      true,
      /takes POST alone, which is not sent/,
    ],
    [
      "reads the headers of a 405 where it has them",
      { v1: { get: 405, post: 202 }, headers },
      true,
      /sunset 20/,
    ],
    ["finds headers that are gone", {}, false, "there is no Deprecation header"],
    ["finds one that is gone", { headers: { Deprecation: "@1" } }, false, "there is no Sunset header"],
    [
      "finds another end than the declared one",
      { headers: { ...headers, Sunset: new Date(now + DAY).toUTCString() } },
      false,
      /v1 announces its end for 20.*, the rollout for 20/,
    ],
    [
      "finds a deprecation that is ahead",
      { headers: { ...headers, Deprecation: `@${seconds(now + DAY)}` } },
      false,
      /still ahead/,
    ],
    ["finds v1 gone before its end", { v1: { get: 404, post: 404 }, headers }, false, /before its end/],
    ["finds v1 off before its end", { v1: { get: 410, post: 410 }, headers }, false, /before its end/],
    ["finds it broken", { v1: { get: 500, post: 500 }, headers }, false, /answered 500/],
  ])("%s", async (_, service, holds, said) => {
    const { seen, asked } = await run("v1-still-announces", service, iso);
    expect(seen).toMatchObject({
      kind: "check",
      holds,
      said: typeof said === "string" ? said : expect.stringMatching(said),
    });
    expect(asked.map(({ method }) => method)).toEqual(["GET"]);
  });
});

describe("v1-is-deprecated", () => {
  const now = Date.now();
  const sunset = whole(now + 8 * DAY);
  const headers = (changes: Record<string, string> = {}) => ({
    Deprecation: `@${seconds(now - DAY)}`,
    Sunset: new Date(sunset).toUTCString(),
    ...changes,
  });
  const iso = new Date(sunset).toISOString();

  test("holds where v1 says since when and until when, and is only looked at", async () => {
    const { seen, asked } = await run("v1-is-deprecated", { headers: headers() }, iso);
    expect(seen).toMatchObject({ kind: "check", holds: true, said: expect.stringContaining("sunset 20") });
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /process-full"]);
  });

  const sooner = (days: number) => ({ Sunset: new Date(now + days * DAY).toUTCString() });
  test.each<[string, Service, unknown, string | RegExp]>([
    ["v1 answers nobody", { v1: { get: 410, post: 410 }, headers: headers() }, iso, /answered 410, not 200/],
    ["nothing is announced", {}, iso, "there is no Deprecation header"],
    ["no end is announced", { headers: { Deprecation: "@1" } }, iso, "there is no Sunset header"],
    [
      "an older draft is followed",
      { headers: headers({ Deprecation: "true" }) },
      iso,
      /not a structured date/,
    ],
    ["the end is no HTTP-date", { headers: headers({ Sunset: iso }) }, iso, /not an HTTP-date/],
    [
      "it is deprecated tomorrow only",
      { headers: headers({ Deprecation: `@${seconds(now + DAY)}` }) },
      iso,
      /which is still ahead/,
    ],
    ["the end is six days ahead", { headers: headers(sooner(6)) }, iso, /is only 5 d 23 h ahead/],
    [
      "the end has passed",
      { headers: headers({ Deprecation: "@1", ...sooner(-1) }) },
      iso,
      /has passed already/,
    ],
    [
      "it ends before it is deprecated",
      { headers: headers({ Deprecation: `@${seconds(now)}`, Sunset: new Date(now - DAY).toUTCString() }) },
      iso,
      /lies before Deprecation/,
    ],
    [
      "the rollout says another end",
      { headers: headers() },
      new Date(sunset + DAY).toISOString(),
      /v1 announces its end for .*, the rollout for/,
    ],
    ["the rollout says no end", { headers: headers() }, "soon", "the rollout's parameter sunset is no time"],
  ])("does not where %s", async (_, service, declared, said) => {
    const { seen } = await run("v1-is-deprecated", service, declared);
    expect(seen).toMatchObject({ kind: "check", holds: false });
    expect((seen as { said: string }).said).toMatch(said);
  });
});

describe("sunset-is-ahead", () => {
  test.each<[string, unknown, number, boolean]>([
    ["eight days ahead", 8 * DAY, 1, true],
    ["a week ahead", 7 * DAY + 60_000, 1, true],
    ["six days ahead", 6 * DAY, 1, false],
    ["over", -1, 1, false],
    ["as far ahead as scaled days are long", DAY, 8, true],
    ["not as far ahead as scaled days are long", DAY, 6, false],
  ])("of a sunset that is %s", async (_, ahead, timeScale, holds) => {
    const sunset = new Date(Date.now() + Number(ahead)).toISOString();
    const { seen, asked } = await run("sunset-is-ahead", {}, sunset, timeScale);
    expect(seen).toMatchObject({ kind: "check", holds });
    expect(asked).toEqual([]);
  });
});

describe("v1-is-gone", () => {
  test.each<[string, Service, boolean, string]>([
    ["v1 answers 410", { v1: { get: 410, post: 410 } }, true, "/process-full answers 410"],
    [
      "v1 still takes imports",
      { v1: { get: 410, post: 202 } },
      false,
      "POST /process-full answered 202, not 410",
    ],
    ["v1 may come back", { v1: { get: 404, post: 404 } }, false, "GET /process-full answered 404, not 410"],
    [
      "v2 went with it",
      { v1: { get: 410, post: 410 }, health: 503 },
      false,
      "GET /health answered 503, not 200: v1 is gone, and v2 with it",
    ],
  ])("where %s: %s", async (_, service, holds, said) => {
    expect((await run("v1-is-gone", service, "")).seen).toEqual({ kind: "check", holds, said });
  });
});
