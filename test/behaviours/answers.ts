import type { Gate } from "../../src/gates/gate";
import type { Outcome } from "../../src/gates/judge";
import { prove } from "../../src/promotion/prove";
import type { Rollout } from "../../src/rollout/rollout";
import { type Behaviour, type Shipped, same } from "./behaviour";
import { type App, asked, TOKENS } from "./world/app";
import { HOUR } from "./world/clock";
import { gateBefore, outcomeOf, smokeOf, sourcesOf } from "./world/gates";
import { queue } from "./world/queue";

type Find = (rollout: Rollout, stage: string, id: string) => Gate;

/** One app after the other, request by request; the last one from then on. */
const inTurn = (apps: readonly App[]): App => {
  let at = 0;
  return (request) => (apps[Math.min(at++, apps.length - 1)] as App)(request);
};

/** An app that answers an admin alone. */
const toAdmins =
  (app: App): App =>
  (request) =>
    request.as === "admin" ? app(request) : { status: 403 };

/** A check that sends requests, against apps of which the first is sound. */
const requests = (
  of: Shipped,
  id: string,
  stage: string,
  find: Find,
  title: string,
  cases: readonly (readonly [when: string, app: App | readonly App[], outcomes: readonly Outcome[]])[],
  proven = true,
): Behaviour => ({
  rollout: of,
  rows: [id],
  title: `${id}: ${title}`,
  async run(rollout) {
    const gate = find(rollout, stage, id);
    const service = { url: "https://app.example.com", tokens: TOKENS };
    for (const [when, app, outcomes] of cases) {
      const found = await asked(typeof app === "function" ? app : inTurn(app), () =>
        outcomeOf(gate, { rollout, promoted: stage, liveMs: HOUR, sources: { service } }),
      );
      same(outcomes.includes(found), true, `${when} (${found})`);
    }
    const sound = cases[0]?.[1];
    if (typeof sound !== "function" || !proven) return;
    const sources = { ...sourcesOf({ rollout, promoted: stage, liveMs: HOUR }), service };
    const [proof] = await asked(sound, () => prove([gate], sources, 1));
    same(proof?.outcome, "proven", `what is known to be bad for ${id}`);
  },
});

const NOT_A_PASS: readonly Outcome[] = ["fail", "inconclusive"];
const health =
  (json: unknown, status = 200): App =>
  ({ url }) =>
    url.pathname === "/health" ? { json, status } : { status: 404 };

export const ANSWERS: readonly Behaviour[] = [
  requests("ops-view", "SA1", "stageA", smokeOf, "an admin's queue is not empty", [
    ["one item", queue(1, 0), ["pass"]],
    ["none", queue(0, 5), ["fail"]],
    ["an error", () => ({ status: 500, json: { data: { counts: { total: 3 } } } }), NOT_A_PASS],
    ["another answer", () => ({ json: { counts: { total: 3 } } }), NOT_A_PASS],
  ]),
  requests(
    "ops-view",
    "SA4",
    "stageA",
    smokeOf,
    "an admin's queue is answered within 500 ms",
    [
      ["490 ms", queue(1, 0, 490), ["pass"]],
      ["490 ms, and nobody else may see it", toAdmins(queue(1, 0, 490)), ["pass"]],
      ["520 ms", queue(1, 0, 520), ["fail"]],
      ["490 ms, and a cold one before it", [queue(1, 0, 4_000), queue(1, 0, 490)], ["pass"]],
      ["520 ms, after one of 490 ms", [queue(1, 0, 490), queue(1, 0, 520)], ["fail"]],
      ["an empty one", queue(0, 0), ["pass"]],
      ["a page of HTML", () => ({ text: "<html>Sign in</html>" }), ["fail"]],
      ["nothing", () => ({ text: "" }), ["fail"]],
      ["a way to a login", () => ({ status: 302, headers: { location: "/login" } }), ["fail"]],
      ["a queue in another place", () => ({ json: { counts: { total: 7 } } }), ["fail"]],
      ["an error", () => ({ status: 500 }), NOT_A_PASS],
    ],
    false,
  ),
  requests(
    "v2-pipeline",
    "H0",
    "percent10",
    gateBefore,
    "the service is healthy, and its processors are available",
    [
      ["they are", health({ processors_available: true }), ["pass"]],
      ["they are not", health({ processors_available: false }), ["fail"]],
      ["it is not", health({ processors_available: true }, 503), NOT_A_PASS],
      ["it does not say", health({}), NOT_A_PASS],
    ],
  ),
];
