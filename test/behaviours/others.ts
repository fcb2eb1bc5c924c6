import type { Flags } from "../../src/flags/flags";
import { type Gate, kindOf } from "../../src/gates/gate";
import { gateHash } from "../../src/gates/hash";
import { judgeInScope, type Outcome } from "../../src/gates/judge";
import type { Seen } from "../../src/gates/observation";
import { prove } from "../../src/promotion/prove";
import type { Rollout } from "../../src/rollout/rollout";
import { milliseconds } from "../../src/text/duration";
import { type Behaviour, type Shipped, same } from "./behaviour";
import { type App, asked, TOKENS } from "./world/app";
import { ago, DAY, HOUR, MINUTE, NOW, SECOND } from "./world/clock";
import { exitOf, gateBefore, outcomeOf, smokeOf, sourcesOf, stageOf } from "./world/gates";
import { queue } from "./world/queue";

/** How a gate comes out on what was seen, while its stage has been live for two days. */
function onSeen(gate: Gate, seen: Seen, now = NOW): Outcome {
  const observation = {
    gate: gate.id,
    definition: gateHash(gate),
    at: new Date(now).toISOString(),
    tookMs: 1,
    seen,
  };
  const live = { liveSince: ago(2 * DAY), liveDeployment: 2 };
  return judgeInScope(gate, observation, live, { now, timeScale: 1, attempt: 1 }).outcome;
}

type Find = (rollout: Rollout, stage: string, id: string) => Gate;

/** A person has to state it, for this attempt, since the stage is live. */
const stated = (of: Shipped, id: string, stage: string, find: Find = gateBefore): Behaviour => ({
  rollout: of,
  rows: [id],
  title: `${id}: before ${stage}, somebody states it for this attempt, since it is live`,
  async run(rollout) {
    const gate = find(rollout, stage, id);
    const statement = { by: "ada@example.com", at: ago(HOUR), statement: "so it is", attempt: 1 };
    const outcome = (signOffs: Readonly<Record<string, typeof statement>>) =>
      outcomeOf(gate, {
        rollout,
        promoted: stage,
        liveMs: DAY,
        sources: { promoted: { name: stage, signOffs } },
      });
    same(await outcome({}), "inconclusive", "nobody has stated it");
    same(await outcome({ another: statement }), "inconclusive", "something else was stated");
    same(await outcome({ [id]: statement }), "pass", "it was stated");
    same(await outcome({ [id]: { ...statement, at: ago(2 * DAY) } }), "fail", "it was stated before");
    same(await outcome({ [id]: { ...statement, attempt: 2 } }), "fail", "it was stated of another attempt");
  },
});

/** All alarms of these rows are quiet, and were. */
const quiet = (of: Shipped, id: string, stage: string, rows: readonly string[]): Behaviour => ({
  rollout: of,
  rows: [id],
  title: `${id}: ${stage} waits while ${rows.join(", ")} are not quiet, or were not`,
  async run(rollout) {
    const gate = gateBefore(rollout, stage, id);
    const seen = (odd?: string, how: object = {}): Seen => ({
      kind: "alarms",
      since: ago(2 * DAY),
      alarms: rows.map((row) => ({ row, state: "OK" as const, ...(row === odd ? how : {}) })),
    });
    same(Object.keys(gate.alarms ?? {}).sort(), [...rows].sort(), "the alarms that are looked at");
    same(onSeen(gate, seen()), "pass", "all of them are quiet");
    for (const row of rows) {
      same(onSeen(gate, seen(row, { state: "ALARM" })), "fail", `${row} fires`);
      same(onSeen(gate, seen(row, { firedAt: ago(DAY) })), "fail", `${row} has fired`);
      same(onSeen(gate, seen(row, { state: "missing" })), "inconclusive", `${row} has no alarm`);
    }
  },
});

const drilled = (of: Shipped, id: string, stage: string, path: string): Behaviour => ({
  rollout: of,
  rows: [id],
  title: `${id}: the way down from before ${stage} was drilled within two minutes, not longer ago than 30 days`,
  async run(rollout) {
    const gate = gateBefore(rollout, stage, id);
    const seen = (agoMs: number, tookMs: number, drilledStage = path): Seen => ({
      ...{ kind: "drill", rollout: rollout.name, stage: drilledStage, deployment: 1 },
      ...{ completedAt: ago(agoMs), breachAt: ago(agoMs + tookMs) },
    });
    same(onSeen(gate, seen(DAY, 119 * SECOND)), "pass", "119 s");
    same(onSeen(gate, seen(DAY, 120 * SECOND)), "fail", "120 s");
    same(onSeen(gate, seen(31 * DAY, SECOND)), "fail", "31 days ago");
    same(onSeen(gate, seen(DAY, SECOND, "another")), "fail", "that of another stage");
  },
});

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

/** Every server tells the stage's flags. */
const converged = (of: Shipped, id: string, stage: string, flags: Flags): Behaviour => ({
  rollout: of,
  rows: [id, "servers"],
  title: `${id}: after ${stage}, every server tells the flags, within five minutes`,
  async run(rollout) {
    const gate = smokeOf(rollout, stage, id);
    const servers = rollout.servers;
    const path = of === "ops-view" ? "/api/v2.5/feature-flags" : "/feature-flags";
    const told =
      (odd?: Flags): App =>
      ({ url }) =>
        url.pathname === path
          ? { json: { data: { flags: odd && url.hostname.includes("-2.") ? odd : flags } } }
          : { status: 404 };
    const outcome = (app: App) =>
      asked(app, () => outcomeOf(gate, { rollout, promoted: stage, liveMs: HOUR, sources: { servers } }));
    same(await outcome(told()), "pass", "all of them tell them");
    for (const [flag, value] of Object.entries(flags))
      same(
        await outcome(told({ ...flags, [flag]: typeof value === "number" ? value + 1 : !value })),
        "fail",
        `one tells another ${flag}`,
      );
    same(
      milliseconds(kindOf(gate.definition).settlesWithin?.(gate.definition) ?? "0ms"),
      5 * MINUTE,
      "how long they may take",
    );
  },
});

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

const v2 = (percent: number, deprecated = false, removed = false): Flags => ({
  ...{ V2_ROLLOUT_PERCENT: percent, V1_DEPRECATED: deprecated, V1_REMOVED: removed },
});
const T = ["T1", "T2", "T3", "T4"];
const FOLLOWING = ["percent50", "percent100", "deprecate-v1", "remove-v1"];
const VALUES: readonly (readonly [string, Flags])[] = [
  ["percent10", v2(10)],
  ["percent50", v2(50)],
  ["percent100", v2(100)],
  ["deprecate-v1", v2(100, true)],
  ["remove-v1", v2(100, true, true)],
];

export const OTHERS: readonly Behaviour[] = [
  stated("ops-view", "E4", "stageB"),
  stated("ops-view", "B3", "stageB"),
  stated("ops-view", "F4s", "stageB", exitOf),
  ...["percent50", "percent100", "deprecate-v1"].map((stage) => stated("v2-pipeline", "G4", stage)),
  quiet("ops-view", "XA", "stageB", ["XA1", "XA2", "XA3", "XA4", "XA4q"]),
  ...FOLLOWING.map((stage) => quiet("v2-pipeline", "A0", stage, stage === "remove-v1" ? [...T, "D5"] : T)),
  drilled("ops-view", "B5", "stageB", "stageA"),
  ...FOLLOWING.map((stage) =>
    drilled("v2-pipeline", "A1", stage, stage === "remove-v1" ? "deprecate-v1" : "percent10"),
  ),
  converged("ops-view", "A2", "stageA", { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false }),
  converged("ops-view", "SB0", "stageB", { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true }),
  ...VALUES.map(([stage, flags]) => converged("v2-pipeline", "S1", stage, flags)),
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
  {
    rollout: "ops-view",
    rows: ["B4", "snapshot"],
    title: "B4: the snapshot is of the gates' own database, available, of this attempt and not a day old",
    async run(rollout) {
      const gate = gateBefore(rollout, "stageB", "B4");
      const host = String(rollout.database?.host);
      const of = host.split(".")[0];
      const sound = {
        kind: "snapshot",
        id: "ops-view-stageb-attempt-1",
        of,
        status: "available",
        createdAt: ago(23 * HOUR),
        endpoints: [host] as string[],
      } as const;
      same(onSeen(gate, sound as Seen), "pass", "one of today");
      for (const odd of [
        { of: "another" },
        { status: "creating" },
        { id: "ops-view-stageb-attempt-0" },
        { createdAt: ago(25 * HOUR) },
        { endpoints: ["another.c4k2m8p1x7qz.eu-central-1.rds.amazonaws.com"] },
      ])
        same(onSeen(gate, { ...sound, ...odd } as Seen), "fail", JSON.stringify(odd));
      same(onSeen(gate, { ...sound, endpoints: [] } as Seen), "inconclusive", "RDS does not say of which");
    },
  },
  {
    rollout: "ops-view",
    rows: ["B1"],
    title: "B1: every exit gate of stage A has to pass",
    async run(rollout) {
      const gate = gateBefore(rollout, "stageB", "B1");
      const exits = Object.keys(stageOf(rollout, "stageA").exit);
      same(exits.sort(), ["E1", "E2", "E3", "E4", "E5"], "the exit gates of stage A");
      const judged = (odd: Outcome) => {
        const verdicts = exits.map((id) => ({ gate: id, outcome: id === "E5" ? odd : "pass" }));
        return kindOf(gate.definition).rollUp?.judge(verdicts as never).outcome;
      };
      same(
        [judged("pass"), judged("fail"), judged("inconclusive")],
        ["pass", "fail", "inconclusive"],
        "B1 by its exit gates",
      );
    },
  },
  {
    rollout: "v2-pipeline",
    rows: ["G1", "G3"],
    title: "G1, G3: a percentage beyond what there can be is no evidence",
    async run(rollout) {
      const window = { from: ago(2 * DAY), to: ago(0) };
      for (const stage of ["percent50", "percent100", "deprecate-v1"])
        for (const id of ["G1", "G3"])
          for (const value of [120, -1])
            same(
              onSeen(gateBefore(rollout, stage, id), { kind: "value", value, window }),
              "inconclusive",
              `${value} % for ${id}`,
            );
    },
  },
  {
    rollout: "v2-pipeline",
    rows: ["X2"],
    title: "X2: v1 is not removed before the sunset that was announced",
    async run(rollout) {
      const gate = gateBefore(rollout, "remove-v1", "X2");
      const sunset = Date.parse(String(rollout.parameters.sunset));
      const at = (now: number) => onSeen(gate, { kind: "clock", now: new Date(now).toISOString() }, now);
      same([at(sunset - SECOND), at(sunset)], ["fail", "pass"], "a second before, and then");
    },
  },
];
