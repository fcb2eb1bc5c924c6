import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { curl } from "../../../../src/gates/byHand";
import { judge } from "../../../../src/gates/judge";
import { type RequestsGate, requests } from "../../../../src/gates/kinds/requests";
import { look as lookAt } from "../../../../src/gates/kinds/requests.look";
import { gateAs, gateOf, NOW, observe } from "../../../support/build";
import { json, nobody, standIn } from "../../../support/standIn";

/** The gates of the page, as they stand there, asking stand-ins that answer as the trackers' public references say. */
const PAGE = readFileSync(
  join(__dirname, "..", "..", "..", "..", "docs", "how-to", "incident-tracker.md"),
  "utf8",
);
const [pagerDuty, statuspage, jira] = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map(
  ([, text = ""]) =>
    parse(text).config["cutover:stage"].entry.B3 as {
      source: "requests";
      steps: { url: string }[];
      prove?: object;
    },
);
const TOKEN = "s3cr3t-of-the-tracker";
type Page = typeof pagerDuty;

async function ask(gate: Page, url: string, tokens: Record<string, string>) {
  const own = await standIn((_, response) => json(response, {}, 500));
  const steps = gate?.steps.map((one) => ({ ...one, url }));
  const prove = gate?.prove && { request: { ...(gate.prove as { request: object }).request, url } };
  const defined = {
    ...gateOf("B3", { source: "requests", ...gate, steps, ...(prove ? { prove } : {}) }),
    phase: "entry" as const,
  };
  const service = { url: own.url, tokens };
  const look = async (definition: RequestsGate) => {
    const seen = await lookAt(gateAs(definition), { service, sql: undefined, timeScale: 1 });
    return { seen, verdict: judge(defined, observe(defined, seen), { now: NOW, timeScale: 1, attempt: 1 }) };
  };
  const found = await look(defined.definition as RequestsGate);
  // Nothing of it went to the rollout's own service.
  expect(own.asked).toEqual([]);
  return { ...found, definition: defined.definition as RequestsGate, look };
}

const CASES: readonly (readonly [string, Page, role: string, header: string, none: unknown, one: unknown])[] =
  [
    [
      "PagerDuty",
      pagerDuty,
      "pagerduty",
      `Token token=${TOKEN}`,
      { incidents: [], limit: 1, offset: 0, total: null, more: false },
      { incidents: [{ id: "Q1", status: "triggered" }], limit: 1, offset: 0, total: null, more: true },
    ],
    ["Statuspage", statuspage, "statuspage", `OAuth ${TOKEN}`, [], [{ id: "i1", status: "investigating" }]],
    [
      "Jira",
      jira,
      "jira",
      `Basic ${TOKEN}`,
      { issues: [], isLast: true },
      { issues: [{ id: "1", key: "OPS-1" }], isLast: false, nextPageToken: "x" },
    ],
  ];

describe.each(CASES)("%s", (_, gate, role, header, none, one) => {
  const tokens = { [role]: TOKEN };

  test("without an open incident passes, and was sent its token as it takes it", async () => {
    const server = await standIn((__, response) => json(response, none));
    const { verdict, seen } = await ask(gate, server.url, tokens);
    expect(verdict).toMatchObject({ outcome: "pass" });
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([header]);
    expect(JSON.stringify({ verdict, seen })).not.toContain(TOKEN);
  });

  test("with one fails", async () => {
    const server = await standIn((__, response) => json(response, one));
    expect((await ask(gate, server.url, tokens)).verdict).toMatchObject({
      outcome: "fail",
      observed: expect.stringMatching(/^1 /),
    });
  });

  test.each<[string, unknown, number]>([
    ["says that the token counts no more", { error: { message: "Unauthorized" } }, 401],
    ["throttles", { message: "Rate Limit Exceeded" }, 429],
    ["answers in another shape", { data: { incidents: [] } }, 200],
    ["answers with a text", "ok", 200],
    ["answers with nothing in it", {}, 200],
    ["has no list where it is", { incidents: "", issues: {} }, 200],
    ["answers with null", null, 200],
    ["fails", {}, 503],
  ])("that %s is no pass", async (__, body, status) => {
    const server = await standIn((___, response) => json(response, body, status));
    const { verdict } = await ask(gate, server.url, tokens);
    expect(verdict.outcome).not.toBe("pass");
  });

  test("that shows a login page is no pass", async () => {
    const server = await standIn((__, response) => response.end("<html>Log in</html>"));
    expect((await ask(gate, server.url, tokens)).verdict.outcome).not.toBe("pass");
  });

  test("that is down, or a token that is not there, is no pass", async () => {
    expect((await ask(gate, await nobody(), tokens)).verdict.outcome).toBe("inconclusive");
    const server = await standIn((__, response) => json(response, none));
    const { verdict } = await ask(gate, server.url, {});
    expect(verdict).toMatchObject({
      outcome: "inconclusive",
      observed: expect.stringContaining(`no token for ${role}`),
    });
    expect(server.asked).toEqual([]);
  });
});

test("the known-bad probe asks the tracker for what is resolved, and fails the gate", async () => {
  const server = await standIn(({ path }, response) =>
    json(response, { incidents: path.includes("resolved") ? [{ id: "Q0" }] : [] }),
  );
  const { definition, look } = await ask(pagerDuty, server.url, { pagerduty: TOKEN });
  const probe = requests.probe?.(definition) as RequestsGate;
  expect((await look(probe)).verdict.outcome).toBe("fail");
  expect(server.asked.at(-1)?.headers.authorization).toBe(`Token token=${TOKEN}`);
  expect(requests.elsewhere?.(definition)).toEqual([server.url, server.url]);
});

test("the line that a person types asks the tracker, with the token from their shell", () => {
  const step = pagerDuty?.steps[0] as never;
  expect(curl("https://app.example.com", step)).toContain(
    `'https://api.pagerduty.com/incidents?statuses%5B%5D=triggered&statuses%5B%5D=acknowledged&service_ids%5B%5D=PABC123&limit=1' -H "Authorization: Token token=$`,
  );
});
