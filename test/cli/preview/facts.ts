import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PreviewFacts } from "../../../cli/preview/facts";
import { markdownOf } from "../../../cli/preview/markdown";
import { type PreviewView, viewOf } from "../../../cli/preview/view";
import type { Ledger } from "../../../src/flags/ledger";
import type { Gate } from "../../../src/gates/gate";
import { gateHash } from "../../../src/gates/hash";
import type { Observation, Seen, Subject } from "../../../src/gates/observation";
import { gatesFor } from "../../../src/promotion/resolve";
import { liveReport } from "../../../src/promotion/runReport";
import { loadRollout } from "../../../src/rollout/load";
import { plan } from "../../../src/rollout/plan";
import { type Rollout, requireStage } from "../../../src/rollout/rollout";
import { definitionsOf } from "../../../src/rollout/strength/definitions";
import type { Comparison } from "../../../src/rollout/strength/judge";
import { redactor } from "../../../src/text/redact";
import { COVERED } from "../../support/build";

/** A rollout as people write one, in stack files of its own: comments are compared to the byte. */
export const OPS_VIEW = join(__dirname, "fixtures", "ops-view");
export const opsView: Rollout = loadRollout(OPS_VIEW);

export const HOUR = 3_600_000;
export const NOON = Date.parse("2026-11-21T12:00:00.000Z");
export const at = (ms: number) => new Date(ms).toISOString();

const hosts = ["ops-db.internal", "ops.example.com"];
const redact = redactor({ secrets: ["a-secret-of-this-run"], hosts });

/** What the engine would do for a first promotion, in an order of its own. */
export function stepsOf(stage: string): NonNullable<PreviewFacts["engine"]>["steps"] {
  return [
    ["same", "pulumi:pulumi:Stack", `ops-view-${stage}`],
    ["create", "aws:rds/snapshot:Snapshot", `${stage}-snapshot`],
    ["create", "cutover:index:Stage", stage],
    ["create", "aws:appconfig/hostedConfigurationVersion:HostedConfigurationVersion", `${stage}-flags`],
    ["create", "aws:appconfig/deployment:Deployment", `${stage}-flags`],
    ["create", "aws:cloudwatch/metricAlarm:MetricAlarm", `${stage}-X2`],
    ["create", "aws:cloudwatch/metricAlarm:MetricAlarm", `${stage}-X1`],
  ].map(([op = "", type = "", name = ""]) => ({
    op,
    type,
    urn: `urn:pulumi:${stage}::ops-view::${type}::${name}`,
  }));
}

/** What each source sees when all is well, 30 h after stage A went live. */
function healthy({ id, definition }: Gate, liveSince: string): Seen {
  switch (definition.source) {
    case "soak":
      return { kind: "occupancy", stage: "stageA", since: liveSince, deployment: 2 };
    case "signOff":
      return {
        kind: "signOff",
        by: "ada@example.com",
        at: at(NOON - HOUR),
        statement: `What ${id} asks for is so`,
        attempt: 1,
        liveSince,
      };
    case "alarms":
      return {
        kind: "alarms",
        since: liveSince,
        alarms: ["XA1", "XA2", "XA3", "XA4"].map((row) => ({ row, state: "OK" as const })),
      };
    case "metric":
      return {
        kind: "metric",
        value: id === "E5" ? 212.5 : 0,
        samples: 5_400,
        window: {
          from:
            definition.window === "soak" || Date.parse(liveSince) > NOON - 24 * HOUR
              ? liveSince
              : at(NOON - 24 * HOUR),
          to: at(NOON),
        },
        coverage: COVERED,
      };
    case "check":
      return { kind: "check", holds: true, said: `${id} looked at 40 items` };
    default:
      return { kind: "value", value: 1 };
  }
}

export interface Situation {
  readonly stage?: string;
  readonly rollout?: Rollout;
  readonly ledger: Ledger;
  /** What sources saw instead of what they see when all is well; `null` for a gate that nothing was seen of. */
  readonly seen?: Readonly<Record<string, Seen | null>>;
  readonly engine?: PreviewFacts["engine"];
  /** What the stage is held to, and was before. */
  readonly strength?: Comparison;
}

/** The facts of a preview, planned and measured as the program does. */
export function factsOf({
  stage = "stageB",
  rollout = opsView,
  ledger,
  seen = {},
  engine,
  strength,
}: Situation): PreviewFacts {
  const spec = requireStage(rollout, stage);
  const planned = plan(rollout, spec, ledger);
  const live = liveReport(ledger);
  const liveSince = ledger.live?.completedAt ?? at(0);
  const common = {
    name: rollout.name,
    stage,
    rollout,
    engine: engine ?? { violations: [], steps: stepsOf(stage) },
  };
  if (planned.kind === "none") return { ...common, report: { plan: planned, live, strength } };
  const subject: Subject = {
    rollout: rollout.name,
    stage,
    attempt: spec.attempt,
    from: { ...planned.from },
    to: { ...planned.to },
    liveDeployment: planned.liveDeployment,
    liveSince,
    commit: "0123456789ab",
  };
  const gates = planned.kind === "raise" ? gatesFor(rollout, spec) : [];
  const observations = gates.flatMap((gate): Observation[] => {
    if (["exit", "snapshot"].includes(gate.definition.source)) return [];
    const saw = seen[gate.id] === undefined ? healthy(gate, liveSince) : seen[gate.id];
    return saw ? [{ gate: gate.id, definition: gateHash(gate), at: at(NOON), tookMs: 12, seen: saw }] : [];
  });
  return {
    ...common,
    report: {
      plan: planned,
      live,
      strength,
      promotion: {
        plan: structuredClone(planned) as never,
        subject,
        gates,
        evidence: planned.kind === "raise" ? { subject, measuredAt: at(NOON), observations } : undefined,
        timeScale: 1,
      },
    },
  };
}

export function commentOf(facts: PreviewFacts): { comment: string; view: PreviewView } {
  const view = viewOf(facts, redact);
  return { comment: markdownOf(view), view };
}

export function fixture(name: string): string {
  return readFileSync(join(__dirname, "fixtures", `${name}.md`), "utf8");
}

/** The rollout as it was, before stage B lost a check, a row stopped rolling back and the soak was cut. */
const BEFORE = definitionsOf(opsView);
const eased = structuredClone(BEFORE);
for (const { name, rows, rest } of eased.stages) {
  if (name === "stageA") rest.soak = "1h";
  if (name !== "stageB") continue;
  rows.abort.XB1 = { ...rows.abort.XB1, action: "page" };
  delete rows.smoke.SB3;
}

/** Held to less than at both flips; one of three has a reason. */
export const WEAKER: Comparison = {
  now: eased,
  before: { lastFlip: BEFORE, predecessor: BEFORE },
  weakened: { "stageA.soak": { reason: "Support asked for a shorter soak, see OPS-12" } },
  accepted: [],
  unrecorded: false,
};
