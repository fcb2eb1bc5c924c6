import fc from "fast-check";
import { expect, it, test } from "vitest";
import { judge } from "../../../../src/gates/judge";
import type { Seen } from "../../../../src/gates/observation";
import { gateOf, NOW, observe } from "../../../support/build";

const V1 = { source: "everyServer", path: "/version", value: "build", expect: { eq: "2.5.0" } } as const;
const each = { urls: ["app-1", "app-2"], ecs: [] as string[] };
type Server = Extract<Seen, { kind: "everyServer" }>["servers"][number];
const judged = (servers: readonly Server[], of: Partial<typeof each> | undefined = {}) => {
  const gate = gateOf("V1", V1, of && { each: { ...each, ...of } });
  const seen: Seen = { kind: "everyServer", servers: [...servers] };
  return judge(gate, observe(gate, seen), { now: NOW, timeScale: 1, attempt: 1 });
};
const NEW = { server: "app-1", value: "2.5.0" };

test.each<[string, readonly Server[], string, string]>([
  [
    "passes where each answers it, and shows each answer",
    [NEW, { server: "app-2", value: "2.5.0" }],
    "pass",
    'app-1: "2.5.0"; app-2: "2.5.0"',
  ],
  [
    "fails by one old server, which stands first",
    [NEW, { server: "app-2", value: "2.4.9" }],
    "fail",
    '1 of 2 do not: app-2: "2.4.9"; app-1: "2.5.0"',
  ],
  [
    "is inconclusive where one does not say",
    [NEW, { server: "app-2" }],
    "inconclusive",
    '1 of 2 do not: app-2: nothing at build; app-1: "2.5.0"',
  ],
  [
    "is inconclusive where one does not answer, whatever is said beside that",
    [NEW, { server: "app-2", value: "2.5.0", error: "answered 503" }],
    "inconclusive",
    '1 of 2 do not: app-2: answered 503; app-1: "2.5.0"',
  ],
  [
    "fails where one does not answer, and another is old",
    [
      { server: "app-1", error: "connect ECONNREFUSED" },
      { server: "app-2", value: "2.4.9" },
    ],
    "fail",
    '2 of 2 do not: app-1: connect ECONNREFUSED; app-2: "2.4.9"',
  ],
  ["is inconclusive where one was not asked", [NEW], "inconclusive", "not asked: app-2"],
  ["is inconclusive where none is listed", [], "inconclusive", "no server is listed"],
])("a gate on every server %s", (_, servers, outcome, observed) => {
  expect(judged(servers)).toMatchObject({ outcome, observed });
});

it("has at least one task of each service among those that were asked", () => {
  const both = [NEW, { server: "app-2", value: "2.5.0" }];
  expect(judged(both, { ecs: ["shop/app:80"] })).toMatchObject({
    outcome: "inconclusive",
    observed: "not asked: shop/app:80",
  });
  expect(judged([...both, { server: "10.0.0.1:80", value: "2.5.0" }], { ecs: ["shop/app:80"] }).outcome).toBe(
    "pass",
  );
});

test.each<[string | number | boolean, unknown, string]>([
  [1432, "1432", "Write the value of eq in quotes: what is measured is text"],
  [2.1, "2.10", "Write the value of eq in quotes: what is measured is text"],
  ["1432", 1432, "Write the value of eq without quotes: what is measured is a number"],
  ["true", true, "Write the value of eq without quotes: what is measured is a boolean"],
  [1432, "1431", "Deploy these servers anew"],
  ["0", "", "Deploy these servers anew"],
  [0, "", "Deploy these servers anew"],
  ["null", null, "Deploy these servers anew"],
])("where config expects %j and the server says %j, the remedy is: %s", (eq, value, remedy) => {
  const gate = gateOf("V1", { ...V1, expect: { eq } });
  const seen: Seen = { kind: "everyServer", servers: [NEW, { server: "app-2", value }] };
  const found = judge(gate, observe(gate, seen), { now: NOW, timeScale: 1, attempt: 1 });
  expect(found.outcome).not.toBe("pass");
  expect(found).toMatchObject({ remedy: expect.stringContaining(remedy) });
});

it("says what it demands of each", () => {
  expect(judged([NEW]).required).toBe("every server: build = 2.5.0");
});

it("law: passes only where every listed server was asked and answered what is expected, and shows them all", () => {
  const answer = fc.oneof(
    fc.record({ value: fc.constantFrom<unknown>("2.5.0", "2.5.0", "2.4.9", 2.5, null, "a list") }),
    fc.record({ error: fc.constantFrom("answered 503", "timeout") }),
    fc.constant({}),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("app-1", "app-2", "app-3"), answer), (by) => {
      const servers = Object.entries(by).map(([server, one]) => ({ server, ...one }));
      const { outcome, observed } = judged(servers);
      const all = each.urls.every((url) => Object.hasOwn(by, url));
      expect(outcome === "pass").toBe(all && servers.every((one) => "value" in one && one.value === "2.5.0"));
      if (all) for (const { server } of servers) expect(observed).toContain(`${server}: `);
    }),
  );
});
