import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Pool } from "pg";
import { describe, expect, it, onTestFinished, test } from "vitest";
import { close, listen } from "../../../sandbox/demo/service/http";
import { createApp } from "../../../sandbox/demo/v2-pipeline/app";
import { FaultSwitch } from "../../../sandbox/demo/v2-pipeline/faults";
import { DECLARED } from "../../../sandbox/demo/v2-pipeline/flags";
import { Signals } from "../../../sandbox/demo/v2-pipeline/signals";
import type { Verdict } from "../../../src/gates/judge";
import type { Sources } from "../../../src/gates/look";
import { loadRollout } from "../../../src/rollout/load";
import { NOWHERE, served } from "../../sandbox/demo/service/served";
import { entry, ledger } from "../../support/build";
import { json, standIn } from "../../support/standIn";
import { askingRows, judged } from "../judged";

/** The shipped rows that ask the app, against three apps: the demo, the plan's own and no more, and broken ones. */

const DAY = 86_400_000;
const NOW = Date.now();
const whole = (ms: number) => Math.floor(ms / 1_000) * 1_000;
const SUNSET = whole(NOW + 8 * DAY);
const FLAGS = { V2_ROLLOUT_PERCENT: 100, V1_DEPRECATED: true, V1_REMOVED: false };

const folder = join(__dirname, "..", "..", "..", "rollouts", "v2-pipeline");
/** As shipped, with an end of v1 that is as far ahead of today as the row wants it. */
const shipped = loadRollout(folder);
const rows = (sunset = new Date(SUNSET).toISOString()) =>
  askingRows({ ...shipped, parameters: { ...shipped.parameters, sunset } });

function verdictOf(id: string, url: string, sunset?: string): Promise<Verdict> {
  const sources: Sources = {
    ledger: ledger(FLAGS, [entry(2)]),
    live: "deprecate-v1",
    promoted: shipped.stages[5] as never,
    parameters: shipped.parameters,
    checks: {},
    service: { url, tokens: {} },
    region: "eu-central-1",
    timeScale: 1,
  };
  return judged(rows(sunset)[id], sources);
}

/** What an app answers: to GET /health, and to /process-full by the method. */
interface Answers {
  readonly health?: unknown;
  readonly healthStatus?: number;
  /** In place of JSON. */
  readonly healthText?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** To a POST; to anything else, which has none of the headers. */
  readonly post?: number;
  readonly other?: number;
}

const ANNOUNCED = {
  Deprecation: `@${whole(NOW - DAY) / 1_000}`,
  Sunset: new Date(SUNSET).toUTCString(),
};

/** The service as the plan has it, and no more: an endpoint that takes POST alone, and a word on its processors. */
async function planApp(answers: Answers = {}): Promise<string> {
  const { headers = ANNOUNCED, post = 422, other = 405 } = answers;
  const { url } = await standIn(({ method, path }, response) => {
    if (method === "GET" && path === "/health") {
      const { health = { processors_available: true }, healthStatus = 200, healthText } = answers;
      if (healthText !== undefined) return response.writeHead(healthStatus).end(healthText);
      return json(response, health, healthStatus);
    }
    if (path !== "/process-full") return response.writeHead(404).end();
    // As a router does it: what v1 says of itself stands on the answers of its own method alone.
    if (method !== "POST") return response.writeHead(other).end();
    return response.writeHead(post, headers).end();
  });
  return url;
}

async function demoApp(removed: boolean, signals = new Signals(NOWHERE)): Promise<string> {
  const app = createApp({
    server: "imports-1",
    pool: { query: () => Promise.reject(new Error("the database was asked")) } as unknown as Pool,
    flags: served(DECLARED, () => ({ flags: { ...FLAGS, V1_REMOVED: removed }, version: "1" })),
    retirement: () => ({ deprecatedAt: new Date(NOW - DAY), sunsetAt: new Date(SUNSET) }),
    signals,
    faults: new FaultSwitch(),
  });
  const http = await listen(app.fetch, 0);
  onTestFinished(() => close(http));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

const IDS = ["H0", "D4", "X4"];

test("these are all", () => {
  expect(Object.keys(rows())).toEqual(IDS);
});

test.each(IDS)("on the demo, %s holds", async (id) => {
  expect(await verdictOf(id, await demoApp(id === "X4"))).toMatchObject({ outcome: "pass" });
});

/** Whoever still calls v1 keeps it from being deprecated and removed, and pages once it is gone: D2, X3, X5, D5. */
test.each(["D4", "X4"])("what %s itself asks of v1 counts as no caller of it", async (id) => {
  const signals = new Signals(NOWHERE);
  const url = await demoApp(id === "X4", signals);
  await verdictOf(id, url);
  const callers = () =>
    signals
      .drain(new Date(0))
      .filter(({ MetricName = "", Value = 0 }) => MetricName.startsWith("V1") && Value > 0);
  expect(callers()).toEqual([]);
  await fetch(`${url}/process-full`, { method: "POST" });
  expect(callers()).toHaveLength(1);
});

describe("on an app that has what the plan says, and no more", () => {
  it.each<[string, string, Answers]>([
    ["H0", "has its processors", {}],
    ["D4", "takes POST alone", {}],
    ["D4", "answers a GET", { other: 200 }],
    ["D4", "asks for a token", { post: 401 }],
    ["X4", "has v1 taken out of its code", { post: 404, other: 404, headers: {} }],
    ["X4", "has a tombstone", { post: 410, other: 410 }],
  ])("%s holds where it %s", async (id, _, answers) => {
    expect(await verdictOf(id, await planApp(answers))).toMatchObject({ outcome: "pass" });
  });
});

const headers = (changes: Record<string, string>) => ({ headers: { ...ANNOUNCED, ...changes } });
const sunsetIn = (days: number) => headers({ Sunset: new Date(NOW + days * DAY).toUTCString() });

describe("on an app that", () => {
  it.each<[string, string, Answers, RegExp, string?]>([
    ["has no processors", "H0", { health: { processors_available: false } }, /^false/],
    ["says so in text", "H0", { health: { processors_available: "true" } }, /text/],
    ["says nothing of them", "H0", { health: { status: "ok" } }, /holds no processors_available/],
    ["says so elsewhere", "H0", { health: { data: { processors_available: true } } }, /holds no/],
    ["answers HTML", "H0", { healthText: "<html>Sign in</html>" }, /no JSON/],
    ["answers nothing", "H0", { healthText: "" }, /no JSON/],
    ["is ill", "H0", { healthStatus: 503 }, /^503/],
    ["leads elsewhere", "H0", { healthStatus: 302 }, /^302/],
    ["announces nothing", "D4", { headers: {} }, /no Deprecation header/],
    ["announces no end", "D4", { headers: { Deprecation: "@1" } }, /no Sunset header/],
    ["follows an older draft", "D4", headers({ Deprecation: "true" }), /not a structured date/],
    ["names an end that is no HTTP-date", "D4", headers({ Sunset: "2027-03-01" }), /not an HTTP-date/],
    [
      "is deprecated tomorrow only",
      "D4",
      headers({ Deprecation: `@${whole(NOW + DAY) / 1_000}` }),
      /still ahead/,
    ],
    ["ends another day", "D4", sunsetIn(9), /Sunset says .*, not /],
    [
      "leaves six days",
      "D4",
      sunsetIn(6),
      /only 5 d 23 h ahead/,
      new Date(whole(NOW + 6 * DAY)).toISOString(),
    ],
    ["has ended", "D4", sunsetIn(-1), /has passed/, new Date(whole(NOW - DAY)).toISOString()],
    ["sends v1's callers elsewhere", "D4", { post: 302 }, /^302/],
    ["fails on v1", "D4", { post: 500 }, /^500/],
    ["still takes imports on v1", "X4", { post: 202 }, /^1\. POST \/process-full: 202/],
    ["still reads what v1 is sent", "X4", { post: 422 }, /^1\. POST \/process-full: 422/],
    ["sends v1's callers elsewhere, still", "X4", { post: 308 }, /^1\. POST \/process-full: 308/],
    ["lost v2 with v1", "X4", { post: 404, healthStatus: 503 }, /^2\. GET \/health: 503/],
  ])("%s, %s does not hold", async (_, id, answers, said, sunset) => {
    const verdict = await verdictOf(id, await planApp(answers), sunset);
    expect(verdict).toMatchObject({ outcome: "fail", observed: expect.stringMatching(said) });
  });
});
