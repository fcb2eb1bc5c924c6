import { gateHash } from "../../src/gates/hash";
import type { Observation, Seen } from "../../src/gates/observation";
import type { Promotion } from "../../src/promotion/request";
import type { Definitions } from "../../src/rollout/strength/definitions";

type Gate = Promotion["gates"][number];

/** The moment at which the compliant stage is promoted. */
export const NOW = Date.parse("2026-11-21T12:00:00.000Z");

export const minutesAgo = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

const SOAK: Gate = {
  id: "B2",
  phase: "entry",
  stage: "stageB",
  definition: { source: "soak", title: "Stage A has been live for 24 h", atLeast: "24h" },
  soaks: ["24h"],
};

const QUERY: Gate = {
  id: "E2",
  phase: "exit",
  stage: "stageA",
  definition: {
    source: "sql",
    title: "Counts are within 5 %",
    query: "select 1.5",
    values: [],
    expect: { lte: 5 },
    timeout: "5s",
  },
};

function observed(gate: Gate, seen: Seen): Observation {
  return { gate: gate.id, definition: gateHash(gate), at: minutesAgo(1), tookMs: 12, seen };
}

const from = { READ: true, WRITE: false };
const to = { READ: true, WRITE: true };

function raise(): Promotion {
  const subject = {
    rollout: "ops-view",
    stage: "stageB",
    attempt: 1,
    from,
    to,
    liveDeployment: 2,
    liveSince: minutesAgo(25 * 60),
    commit: "0123456789ab",
  };
  return {
    plan: {
      kind: "raise",
      from,
      to,
      changes: [{ flag: "WRITE", from: false, to: true, direction: "raise" }],
      liveDeployment: 2,
    },
    subject,
    gates: [SOAK, QUERY],
    evidence: {
      subject,
      measuredAt: minutesAgo(1),
      observations: [
        observed(SOAK, { kind: "occupancy", stage: "stageA", since: minutesAgo(25 * 60), deployment: 2 }),
        observed(QUERY, { kind: "value", value: 1.5 }),
      ],
    },
    strength: {
      now: HELD_TO,
      before: { lastFlip: HELD_TO, predecessor: HELD_TO },
      weakened: {},
      accepted: [],
      unrecorded: false,
    },
    timeScale: 1,
  };
}

/** What the whole rollout is held to: as before. */
const HELD_TO: Definitions = {
  version: 1,
  rollout: "ops-view",
  flags: {},
  parameters: {},
  topics: {},
  rollback: {},
  rest: {},
  stages: [
    {
      name: "stageA",
      formerly: [],
      flags: from,
      floor: { READ: false, WRITE: false },
      rows: {
        entry: {},
        exit: {},
        smoke: {},
        abort: { XA1: { title: "Errors", action: "rollback", threshold: { gt: 0 } } },
        messages: {},
        rollback: {},
      },
      rest: { soak: "24h" },
    },
  ],
};

/** The inputs of a stage that every rule lets pass: stage B, raising WRITE over stage A on passing evidence. */
export function compliantStage() {
  // A change to one part must not show up in another: nothing is shared between them.
  return unshared({
    rollout: "ops-view",
    stage: "stageB",
    attempt: 1,
    flags: to,
    flagSpecs: {
      READ: { kind: "boolean", off: false, requires: [] as string[], writes: false },
      WRITE: { kind: "boolean", off: false, requires: ["READ"], writes: true },
    },
    predecessor: { stage: "stageA", flags: from, soak: "24h" },
    isLast: true,
    soak: "48h",
    gates: { entry: ["B2"], predecessorExit: ["E2"] },
    abort: {},
    snapshot: { instance: "ops-db" },
    promotion: raise(),
  });
}

function unshared<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** A plan that takes WRITE back, and the inputs that differ where a stage is brought up to lower flags. */
export function lowering(reason?: string): Record<string, unknown> {
  const plan = {
    kind: "lower",
    from: to,
    to: from,
    changes: [{ flag: "WRITE", from: true, to: false, direction: "lower" }],
    liveDeployment: 3,
    ...(reason === undefined ? {} : { reason }),
  };
  return {
    stage: "stageA",
    flags: from,
    predecessor: { stage: "baseline", flags: { READ: false, WRITE: false } },
    "promotion.plan": plan,
    "promotion.gates": [],
    "promotion.evidence": undefined,
  };
}

/** A plan that was refused, for the reasons given. */
export function refused(...whats: string[]): Record<string, unknown> {
  const problems = whats.map((what) => ({ where: "stage stageB", what, remedy: "Mend it" }));
  return {
    "promotion.plan": { kind: "refused", from, to, liveDeployment: 2, problems },
    "promotion.gates": [],
    "promotion.evidence": undefined,
  };
}

/** A plan that deploys the very flags that are live, for another attempt of the stage. Measured for nothing. */
export function restarting(plan: object = {}): Record<string, unknown> {
  return {
    "promotion.plan": { kind: "restart", from: to, to, liveDeployment: 3, ...plan },
    "promotion.gates": [],
    "promotion.evidence": undefined,
  };
}
