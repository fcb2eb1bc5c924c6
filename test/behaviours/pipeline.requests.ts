import type { Outcome } from "../../src/gates/judge";
import type { Rollout } from "../../src/rollout/rollout";
import { type Behaviour, same } from "./behaviour";
import { type Answer, type App, asked, TOKENS } from "./world/app";
import { DAY, HOUR, MINUTE, SECOND } from "./world/clock";
import { outcomeOf, smokeOf } from "./world/gates";

const SERVICE = { url: "https://app.example.com", tokens: TOKENS };

const sunsetOf = ({ parameters }: Rollout) => Date.parse(String(parameters.sunset));

interface At {
  readonly rollout: Rollout;
  readonly stage: string;
  readonly now: number;
}

/** How a row comes out on an app, looked at some time. */
const found = (id: string, { rollout, stage, now }: At, app: App): Promise<Outcome> =>
  asked(app, () =>
    outcomeOf(
      smokeOf(rollout, stage, id),
      { rollout, promoted: stage, liveMs: HOUR, sources: { service: SERVICE } },
      now,
    ),
  );

/** v1 of the service, which takes POST alone: what it answers to an empty body, which is no import. */
const v1 =
  (answer: Answer): App =>
  ({ method, url, agent, body }) => {
    if (url.pathname !== "/process-full") return { status: 404 };
    if (method !== "POST") return { status: 405 };
    same(agent, "cutover", "by what D2, X3, X5 and D5 tell it from a caller of v1");
    same(body, {}, "what v1 is sent: nothing that it would import");
    return answer;
  };

const httpDate = (ms: number) => new Date(ms).toUTCString();
const structured = (ms: number) => `@${Math.floor(ms / SECOND)}`;

type Headers = Readonly<Record<string, string>>;
type Announced = (sound: Headers, at: { readonly now: number; readonly sunset: number }) => Answer;

/** What v1 may answer, while it says that it is deprecated and when it ends. */
const ANNOUNCED: readonly (readonly [when: string, answer: Announced, outcome: Outcome])[] = [
  ["it refuses what is no import", (headers) => ({ status: 422, headers }), "pass"],
  ["it takes it", (headers) => ({ status: 202, headers }), "pass"],
  ["it asks for a token", (headers) => ({ status: 401, headers }), "pass"],
  ["it announces nothing", () => ({ status: 422 }), "fail"],
  ["it does not say that it is deprecated", ({ Sunset = "" }) => ({ headers: { Sunset } }), "fail"],
  ["it does not say when it ends", ({ Deprecation = "" }) => ({ headers: { Deprecation } }), "fail"],
  ["it follows an older draft", (sound) => ({ headers: { ...sound, Deprecation: "true" } }), "fail"],
  [
    "its deprecation is an HTTP-date",
    (sound, { now }) => ({ headers: { ...sound, Deprecation: httpDate(now - DAY) } }),
    "fail",
  ],
  [
    "it is deprecated tomorrow only",
    (sound, { now }) => ({ headers: { ...sound, Deprecation: structured(now + DAY) } }),
    "fail",
  ],
  [
    "its end is a structured date",
    (sound, { sunset }) => ({ headers: { ...sound, Sunset: structured(sunset) } }),
    "fail",
  ],
  [
    "it ends another day than announced",
    (sound, { sunset }) => ({ headers: { ...sound, Sunset: httpDate(sunset + DAY) } }),
    "fail",
  ],
  ["it leads elsewhere", (headers) => ({ status: 302, headers }), "fail"],
  ["it fails", (headers) => ({ status: 500, headers }), "fail"],
];

const announced: Behaviour = {
  rollout: "v2-pipeline",
  rows: ["D4", "D2", "X3", "D5"],
  title: "D4: right after its deprecation, v1 says so on its answers to POST, and when it ends",
  async run(rollout) {
    const sunset = sunsetOf(rollout);
    const now = sunset - 8 * DAY;
    const sound = { Deprecation: structured(now - DAY), Sunset: httpDate(sunset) };
    const at = { rollout, stage: "deprecate-v1", now };
    for (const [when, answer, outcome] of ANNOUNCED)
      same(await found("D4", at, v1(answer(sound, { now, sunset }))), outcome, when);
  },
};

const noticed: Behaviour = {
  rollout: "v2-pipeline",
  rows: ["D4"],
  title: "D4: the end that v1 announces is seven days ahead, or more",
  async run(rollout) {
    const sunset = sunsetOf(rollout);
    for (const [aheadMs, outcome] of [
      [7 * DAY, "pass"],
      [7 * DAY - MINUTE, "fail"],
      [-HOUR, "fail"],
    ] as const) {
      const now = sunset - aheadMs;
      const headers = { Deprecation: structured(now - DAY), Sunset: httpDate(sunset) };
      same(
        await found("D4", { rollout, stage: "deprecate-v1", now }, v1({ status: 422, headers })),
        outcome,
        `${aheadMs / HOUR} h ahead`,
      );
    }
  },
};

const gone: Behaviour = {
  rollout: "v2-pipeline",
  rows: ["X4", "X5"],
  title: "X4: v1 takes no import any more, and the service is well without it",
  async run(rollout) {
    const at = { rollout, stage: "remove-v1", now: sunsetOf(rollout) + HOUR };
    const sent: string[] = [];
    const app =
      (post: number, health = 200): App =>
      ({ method, url, agent, body }) => {
        same(agent, "cutover", "by what X5 tells it from somebody who still calls v1");
        const is = `${method} ${url.pathname}`;
        sent.push(body === undefined ? is : `${is} ${JSON.stringify(body)}`);
        if (is === "POST /process-full") return { status: post };
        return { status: is === "GET /health" ? health : 404 };
      };
    for (const [post, health, outcome] of [
      [404, 200, "pass"],
      [410, 200, "pass"],
      [202, 200, "fail"],
      [405, 200, "fail"],
      [409, 200, "fail"],
      [422, 200, "fail"],
      [308, 200, "fail"],
      [500, 200, "fail"],
      [404, 404, "fail"],
      [410, 503, "fail"],
    ] as const)
      same(await found("X4", at, app(post, health)), outcome, `v1: ${post}, health: ${health}`);
    same(
      sent.slice(0, 2),
      ["POST /process-full {}", "GET /health"],
      "what is sent: nothing that v1 would import",
    );
  },
};

export const PIPELINE_REQUESTS: readonly Behaviour[] = [announced, noticed, gone];
