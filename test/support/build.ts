import { heldAgainstFacts } from "../../src/flags/facts";
import type { FlagSpec, FlagSpecs, Flags } from "../../src/flags/flags";
import { type Ledger, type LedgerEntry, type LiveFlags, liveSince, type Note } from "../../src/flags/ledger";
import { type Gate, type GateDefinition, gateDefinition } from "../../src/gates/gate";
import { gateHash } from "../../src/gates/hash";
import type { SoakGate } from "../../src/gates/kinds/soak";
import type { SqlGate } from "../../src/gates/kinds/sql";
import type { Sources } from "../../src/gates/look";
import type { Evidence, Observation, Seen, Subject } from "../../src/gates/observation";
import type { Proof } from "../../src/promotion/prove";
import type { Situation } from "../../src/promotion/sources";
import type { Plan } from "../../src/rollout/plan";
import type { Rollout, Stage } from "../../src/rollout/rollout";
import { definitionsOf } from "../../src/rollout/strength/definitions";
import type { Comparison } from "../../src/rollout/strength/judge";

/** Builders of sound values: a test changes the one thing that it is about. */

export const READ = "OPS_VIEW_DB_READ";
export const WRITE = "OPS_VIEW_DB_WRITE";

export function booleanFlag(spec: Partial<FlagSpec> = {}): FlagSpec {
  return { kind: "boolean", off: false, requires: [], writes: false, ...spec };
}

export function percentageFlag(spec: Partial<FlagSpec> = {}): FlagSpec {
  return { kind: "percentage", off: 0, requires: [], writes: false, ...spec };
}

export function statesFlag(spec: Partial<FlagSpec> = {}): FlagSpec {
  const states = ["off", "shadow", "enforce"];
  return { kind: "states", states, off: "off", requires: [], writes: false, ...spec };
}

/** The flags of the first rollout: write requires read. */
export const opsFlags: FlagSpecs = {
  [READ]: booleanFlag(),
  [WRITE]: booleanFlag({ requires: [READ], writes: true }),
};

export function flags(read: boolean, write: boolean): Flags {
  return { [READ]: read, [WRITE]: write };
}

export function stage(name: string, spec: Partial<Stage> = {}): Stage {
  return {
    name,
    attempt: 1,
    flags: flags(false, false),
    entry: {},
    exit: {},
    smoke: {},
    signOffs: {},
    abort: {},
    messages: {},
    rollback: {},
    ...spec,
  };
}

export const baseline = stage("baseline");
export const stageA = stage("stageA", { predecessor: "baseline", flags: flags(true, false), soak: "24h" });
export const stageB = stage("stageB", { predecessor: "stageA", flags: flags(true, true), soak: "48h" });

export const OFF = flags(false, false);
export const READING = flags(true, false);
export const WRITING = flags(true, true);

/** An abort row as config writes it. */
export const alarm = {
  title: "Errors",
  metric: { namespace: "App", name: "Errors", statistic: "Sum" },
  threshold: { gt: 0 },
  missingData: "notBreaching",
  action: "rollback",
};

/** The same stage in another attempt. */
export const again = (of: Stage, attempt: number): Stage => ({ ...of, attempt });

/** What a run goes by whose rollout stands in the checkout. */
export const settings: Situation["settings"] = {
  region: "eu-central-1",
  timeScale: 1,
  tokens: {},
  awsEndpoint: undefined,
  folder: "/nowhere",
  checkout: "/nowhere",
};

export function rollout(spec: Partial<Rollout> = {}): Rollout {
  return {
    name: "ops-view",
    flags: opsFlags,
    parameters: { workspace: "ws-ops" },
    topics: { onCall: [], ops: [], stakeholders: [] },
    reservedConcurrency: 5,
    stages: [baseline, stageA, stageB],
    ...spec,
  };
}

/** Nothing was written down before, so nothing is weaker. */
export const unweakened: Comparison = {
  now: definitionsOf(rollout()),
  before: {},
  weakened: {},
  accepted: [],
  unrecorded: false,
};

export function note(spec: Partial<Note> = {}): Note {
  return { cutover: 1, rollout: "ops-view", kind: "promote", stage: "stageA", attempt: 1, ...spec };
}

/** A completed deployment by this tool. */
export function entry(deployment: number, spec: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    deployment,
    state: "complete",
    completedAt: `2026-11-${String(deployment).padStart(2, "0")}T12:00:00.000Z`,
    configurationVersion: String(deployment),
    note: note(),
    ...spec,
  };
}

/** A ledger whose newest completed entry is live with `live` flags. */
export function ledger(
  live: Flags,
  history: readonly LedgerEntry[],
  undeclared: readonly string[] = [],
): Ledger {
  const newest = heldAgainstFacts(opsFlags, history);
  const on = newest.find((one) => one.state === "complete");
  return {
    history: newest,
    live:
      on &&
      ({ ...on, completedAt: liveSince(newest) ?? "", flags: live, undeclared, doors: {} } as LiveFlags),
    newest: newest[0]?.deployment ?? 0,
  };
}

/** Coverage of a window that has data in every minute. */
export const COVERED = { parts: 1_440, covered: 1_440, alive: 0, partMs: 60_000, period: 60 };

/** Noon of a day on which nothing special happens. */
export const NOW = Date.parse("2026-11-21T12:00:00.000Z");

export function ago(ms: number): string {
  return new Date(NOW - ms).toISOString();
}

export function sqlGate(id: string, definition: Partial<SqlGate> = {}, spec: Partial<Gate> = {}): Gate {
  return {
    id,
    phase: "entry",
    stage: "stageA",
    definition: {
      source: "sql",
      title: `What ${id} demands`,
      query: "select count(*) from patches",
      values: [],
      expect: { gt: 0 },
      timeout: "5s",
      ...definition,
    },
    ...spec,
  };
}

export function soakGate(id: string, definition: Partial<SoakGate> = {}, spec: Partial<Gate> = {}): Gate {
  return {
    id,
    phase: "entry",
    stage: "stageB",
    definition: { source: "soak", title: `What ${id} demands`, ...definition },
    soaks: ["24h"],
    ...spec,
  };
}

/** A gate as its own kind looks at it. */
export const gateAs = <D>(definition: D) =>
  ({ id: "B3", phase: "exit", stage: "stageA", definition }) as const;

/** A gate of any source, by what its definition says beside the title. */
export function gateOf(
  id: string,
  definition: { source: GateDefinition["source"] } & Record<string, unknown>,
  spec: Partial<Gate> = {},
): Gate {
  return {
    id,
    phase: "entry",
    stage: "stageB",
    definition: gateDefinition.parse({ title: `What ${id} demands`, ...definition }),
    ...spec,
  };
}

/** A gate on errors over a day: what config says of it. */
export const errorsOfADay = {
  source: "metric",
  title: "A gate",
  namespace: "OpsView",
  name: "Read5xx",
  statistic: "Sum",
  window: "24h",
  minSamples: 100,
  expect: { eq: 0 },
} as const;

/** How a gate came out on what is known to be bad. */
export const proof = (gate: string, outcome: Proof["outcome"], observed = ""): Proof => ({
  gate,
  title: "What it demands",
  outcome,
  observed,
});

export function value(of: unknown): Seen {
  return { kind: "value", value: of };
}

/** The flags of `stageA`, live for so long by deployment 2. */
export function liveFor(ms: number): Seen {
  return { kind: "occupancy", stage: "stageA", since: ago(ms), deployment: 2 };
}

/** A fresh observation of this very gate. */
export function observe(gate: Gate, seen: Seen, spec: Partial<Observation> = {}): Observation {
  return { gate: gate.id, definition: gateHash(gate), at: ago(1_000), tookMs: 3, seen, ...spec };
}

/** Where gates of stageB's promotion look: nothing is there to be asked but what a test adds. */
export function sourcesWith(more: Partial<Sources> = {}): Sources {
  return {
    ledger: ledger(flags(true, false), [entry(2)]),
    live: "stageA",
    promoted: stage("stageB"),
    parameters: {},
    checks: {},
    region: "eu-central-1",
    timeScale: 1,
    ...more,
  };
}

export function subject(spec: Partial<Subject> = {}): Subject {
  return {
    rollout: "ops-view",
    stage: "stageB",
    attempt: 1,
    from: flags(true, false),
    to: flags(true, true),
    liveDeployment: 2,
    liveSince: ago(25 * 3_600_000),
    commit: "0123456789ab",
    ...spec,
  };
}

export function evidence(observations: readonly Observation[], about: Subject = subject()): Evidence {
  return { subject: about, measuredAt: ago(1_000), observations: [...observations] };
}

/** A plan's kind, with the problems where it is refused: a failing test then says why. */
export function gist(made: Plan): string {
  return made.kind === "refused"
    ? `refused: ${made.problems.map(({ what, remedy }) => `${what} -> ${remedy}`).join("; ")}`
    : made.kind;
}
