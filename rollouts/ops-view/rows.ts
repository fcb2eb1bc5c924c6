import type { PlanRow } from "../planRow";
import { FIRED, PROMOTED } from "../steps";
import { WHOLE } from "./rows.whole";

/** What the rollout is left by: the kind of gate, and the command that asks all of them. */
const atFinish = (kind: string) => [`src/gates/kinds/${kind}.ts:${kind}`, "src/promotion/finish.ts:finish"];
/** What the app's own tests, beside its behaviours, hold it against: the demo, the plan's own app, and broken ones. */
const onApps = (id: string) => [
  `test/behaviours: ${id}:`,
  "test/rollouts/ops-view/rows.test.ts: on an app that has what the plan says, and no more",
];

/** The rows of the operations view's cutover plan, v2.54.1. */
export const OPS_VIEW_ROWS: readonly PlanRow[] = [
  {
    id: "order",
    says: "Baseline false/false, stage A true/false, stage B true/true, one after the other",
    declared: [
      "baseline cutover:stage.flags",
      "stageA cutover:stage.flags",
      "stageB cutover:stage.flags",
      "stageA cutover:stage.predecessor",
      "stageB cutover:stage.predecessor",
    ],
    enforced: ["src/rollout/plan.ts:plan", "policies/rules/promoteStagesInOrder.ts:promoteStagesInOrder"],
    rehearsed: [PROMOTED],
  },
  {
    id: "requires",
    says: "OPS_VIEW_DB_WRITE requires OPS_VIEW_DB_READ",
    declared: ["baseline cutover:rollout.flags.OPS_VIEW_DB_WRITE.requires"],
    enforced: ["src/flags/flags.ts:brokenRequirements", "src/flags/document.ts:documentSchema"],
    rehearsed: ["rehearsal.ts: no client ever saw write without read"],
  },
  {
    id: "soaks",
    says: "Minimum soak time between stages: 24 h (or 1 full business cycle)",
    declared: ["stageA cutover:stage.soak", "stageB cutover:stage.soak"],
    enforced: ["policies/rules/soakLongEnough.ts:soakLongEnough", "src/gates/soakEnd.ts:soakEnd"],
    rehearsed: ["cli/rehearse/derived/promote.ts: waits until every gate passes"],
  },
  ...WHOLE,
  {
    id: "A1",
    says: "Migrations 012 + 013 applied successfully",
  },
  {
    id: "A2",
    says: "Server restarted with flags set: /api/v2.5/feature-flags",
  },
  { id: "A3", says: "SELECT count(*) FROM patches WHERE workspace_id = ? returns > 0" },
  { id: "A4", says: "At least one admin user exists in workspace" },
  {
    id: "SA1",
    says: "Queue loads from DB: data.counts.total > 0 for an admin",
    tested: onApps("SA1"),
  },
  {
    id: "SA2",
    says: "Role-scoped: every patch of an analyst has their own author_id",
    tested: onApps("SA2"),
  },
  { id: "SA3", says: "No 500 errors in last 5 minutes" },
  {
    id: "SA4",
    says: "Response times normal (< 500ms for queue endpoint)",
    tested: onApps("SA4"),
  },
  {
    id: "E1",
    says: "Zero 500-level errors on queue/list endpoints: 0 in 24h",
  },
  {
    id: "E2",
    says: "Queue data matches expected workspace counts: ±5% of known items",
    tested: onApps("E2"),
  },
  {
    id: "E3",
    says: "Role-scoped filtering verified for Analyst, Verifier, Admin",
    tested: onApps("E3"),
  },
  { id: "E4", says: "No user-reported data visibility anomalies: 0 reports" },
  {
    id: "E5",
    says: "Response time p95 < 500ms on queue endpoint, measured over soak period",
  },
  {
    id: "XA1",
    says: "Any 500 on /operations/queue: set OPS_VIEW_DB_READ=false, restart",
  },
  {
    id: "XA2",
    says: "Queue returns empty for admin: set OPS_VIEW_DB_READ=false, investigate DB connectivity",
  },
  {
    id: "XA3",
    says: "Analyst sees other users' items: investigate role_scope.py, no flag change needed",
  },
  {
    id: "XA4",
    says: "Response time p95 > 2s: set OPS_VIEW_DB_READ=false, investigate query performance",
  },
  {
    id: "XA4q",
    says: "Response time p95 > 2s: over ten minutes, for quiet hours",
  },
  { id: "B1", says: "Stage A exit criteria all met" },
  { id: "B2", says: "Minimum 24h soak at Stage A" },
  { id: "B3", says: "No open incidents from Stage A" },
  { id: "B4", says: "Backup/checkpoint taken" },
  {
    id: "SB1",
    says: "Create a test patch and submit it: its version rises",
    tested: onApps("SB1"),
  },
  {
    id: "SB2",
    says: "Create a test RFI, open → awaiting_verifier",
    tested: onApps("SB2"),
  },
  {
    id: "SB3",
    says: "409 on stale version",
    tested: onApps("SB3"),
  },
  { id: "SB4", says: "Audit events in last 10 minutes" },
  {
    id: "F1",
    says: "Zero 500-level errors on write endpoints: 0 in 48h",
    enforced: atFinish("metric"),
  },
  {
    id: "F2",
    says: "409 STALE_VERSION rate < 5% of writes, measured over soak period",
    enforced: atFinish("metric"),
  },
  {
    id: "F3",
    says: "All custody transitions produce audit events",
    enforced: atFinish("sql"),
  },
  {
    id: "F4",
    says: "No local/DB state divergence reports: 0 reports in 48h",
    enforced: atFinish("sql"),
  },
  {
    id: "F4s",
    says: "No local/DB state divergence reports: what people know of",
    enforced: atFinish("signOff"),
  },
  {
    id: "F5",
    says: "Drive dedupe correctly prevents duplicate batches",
    enforced: atFinish("requests"),
    tested: onApps("F5"),
  },
  {
    id: "XB1",
    says: "Any 500 on write endpoints: set OPS_VIEW_DB_WRITE=false, restart, investigate",
  },
  {
    id: "XB2",
    says: "409 rate > 10% of writes: set OPS_VIEW_DB_WRITE=false",
  },
  {
    id: "XB2q",
    says: "409 rate > 10% of writes: over ten minutes, for quiet hours",
  },
  {
    id: "XB3",
    says: "Local/DB state divergence detected: set OPS_VIEW_DB_WRITE=false, reconcile manually",
  },
  {
    id: "XB4",
    says: "Audit events missing for transitions: investigate",
  },
  {
    id: "R1",
    says: "Stage A issues: OPS_VIEW_DB_READ=false + restart, < 2 minutes",
    tested: ["test/behaviours: XA1:", "test/behaviours: R1:"],
    rehearsed: [FIRED],
  },
  {
    id: "R2",
    says: "Stage B issues: OPS_VIEW_DB_WRITE=false + restart, < 2 minutes",
    tested: ["test/behaviours: XB1:", "test/behaviours: R2:"],
    rehearsed: [FIRED, "cli/rehearse/breakGlass.ts: while it is being promoted"],
  },
  {
    id: "R3",
    says: "Full rollback: both flags false + restart, < 2 minutes",
    tested: ["test/behaviours: XA1:", "test/behaviours: R3:"],
    rehearsed: [FIRED],
  },
  {
    id: "R4",
    says: "Schema rollback: see Release Runbook §3.1/3.2 rollback SQL, < 10 minutes",
    enforced: ["cli/runbook/back.ts:rollbackSections"],
    tested: [
      "test/behaviours: R4:",
      "test/cli/runbook/render.test.ts: every row of every stage's config is in its runbook",
    ],
    rehearsed: { why: "turning flags off never needs it: it is printed to be run by hand" },
  },
  {
    id: "C1",
    says: "Before Stage A, ops: Enabling DB read for operations queue. No user-facing changes expected.",
  },
  { id: "C2", says: "Stage A +24h, ops: soak metrics summary" },
  {
    id: "C3",
    says: "Before Stage B, ops + stakeholders: Enabling DB writes. Status transitions will persist to database.",
  },
  {
    id: "C4",
    says: "Stage B +48h, all: v2.54.1 fully enabled",
    tested: ["test/behaviours: C4:", "test/src/promotion/finish.test.ts: looks, then runs what writes"],
  },
  {
    id: "C5",
    says: "If rollback, ops + stakeholders: incident notification with scope and ETA",
    declared: { why: "it is sent on every rollback, whatever config says" },
    enforced: ["src/abort/pages.ts:incidentNotice", "src/abort/switch.ts:handleEvent"],
    tested: [
      "test/behaviours: XA1:",
      "test/src/abort/switch.test.ts: brings the flags down, restarts servers, pages, and tells everyone",
    ],
    rehearsed: [FIRED],
  },
  {
    id: "XA",
    says: "No alarm fired during the soak (beside the plan: a criterion that was broken is no soak)",
  },
  {
    id: "B5",
    says: "The way back was tried (beside the plan)",
  },
  { id: "SB0", says: "Server restarted with flags set, of stage B" },
];
