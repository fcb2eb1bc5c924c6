import type { PlanRow } from "../planRow";
import { WHOLE } from "./rows.whole";
import { A, B, BLOCKED, RESTARTED, XA4, XB1 } from "./steps";

const LEAK = "an analyst sees someone else's items, and lists fail for a moment";

const fault = (what: string) => ({
  why: `its alarm takes the way of XB1 and XA4, which are rehearsed; ${what} is shown by its behaviour alone`,
});
const FINISHED = ["cli/rehearse/ending.ts: with every exit gate passing"];
/** What the rollout is left by: the kind of gate, and the command that asks all of them. */
const atFinish = (kind: string) => [`src/gates/kinds/${kind}.ts:${kind}`, "src/promotion/finish.ts:finish"];
const DAY_LATER = { why: "it is sent by a schedule a day later; its behaviour sends it at that time" };

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
    enforced: ["src/rollout/plan.ts:plan", "policies/rules/stagesInOrder.ts:stagesInOrder"],
    rehearsed: [A, B],
  },
  {
    id: "requires",
    says: "OPS_VIEW_DB_WRITE requires OPS_VIEW_DB_READ",
    declared: ["baseline cutover:rollout.flags.OPS_VIEW_DB_WRITE.requires"],
    enforced: ["src/flags/flags.ts:brokenRequirements", "src/flags/document.ts:documentSchema"],
    rehearsed: ["no client ever saw write without read"],
  },
  {
    id: "soaks",
    says: "Minimum soak time between stages: 24 h (or 1 full business cycle)",
    declared: ["stageA cutover:stage.soak", "stageB cutover:stage.soak"],
    enforced: ["policies/rules/soakMeetsFloor.ts:soakMeetsFloor", "src/gates/soakEnd.ts:soakEnd"],
    rehearsed: ["the soak of stageA passes"],
  },
  ...WHOLE,
  {
    id: "A1",
    says: "Migrations 012 + 013 applied successfully",
    rehearsed: ["stageA, before the migrations", A],
  },
  {
    id: "A2",
    says: "Server restarted with flags set: /api/v2.5/feature-flags",
    rehearsed: [A, RESTARTED],
  },
  { id: "A3", says: "SELECT count(*) FROM patches WHERE workspace_id = ? returns > 0", rehearsed: [A] },
  { id: "A4", says: "At least one admin user exists in workspace", rehearsed: [A] },
  {
    id: "SA1",
    says: "Queue loads from DB: data.counts.total > 0 for an admin",
    tested: onApps("SA1"),
    rehearsed: [A],
  },
  {
    id: "SA2",
    says: "Role-scoped: every patch of an analyst has their own author_id",
    tested: onApps("SA2"),
    rehearsed: [A],
  },
  { id: "SA3", says: "No 500 errors in last 5 minutes", rehearsed: [A] },
  {
    id: "SA4",
    says: "Response times normal (< 500ms for queue endpoint)",
    tested: onApps("SA4"),
    rehearsed: [A],
  },
  {
    id: "E1",
    says: "Zero 500-level errors on queue/list endpoints: 0 in 24h",
    rehearsed: ["after errors and an alarm during the soak", B],
  },
  {
    id: "E2",
    says: "Queue data matches expected workspace counts: ±5% of known items",
    tested: onApps("E2"),
    rehearsed: [B],
  },
  {
    id: "E3",
    says: "Role-scoped filtering verified for Analyst, Verifier, Admin",
    tested: onApps("E3"),
    rehearsed: [B],
  },
  { id: "E4", says: "No user-reported data visibility anomalies: 0 reports", rehearsed: [BLOCKED, B] },
  {
    id: "E5",
    says: "Response time p95 < 500ms on queue endpoint, measured over soak period",
    rehearsed: [B],
  },
  {
    id: "XA1",
    says: "Any 500 on /operations/queue: set OPS_VIEW_DB_READ=false, restart",
    rehearsed: fault("an error of the queue"),
  },
  {
    id: "XA2",
    says: "Queue returns empty for admin: set OPS_VIEW_DB_READ=false, investigate DB connectivity",
    rehearsed: fault("an empty queue"),
  },
  {
    id: "XA3",
    says: "Analyst sees other users' items: investigate role_scope.py, no flag change needed",
    rehearsed: [LEAK],
  },
  {
    id: "XA4",
    says: "Response time p95 > 2s: set OPS_VIEW_DB_READ=false, investigate query performance",
    rehearsed: [XA4],
  },
  {
    id: "XA4q",
    says: "Response time p95 > 2s: over ten minutes, for quiet hours",
    rehearsed: fault("a quiet hour"),
  },
  { id: "B1", says: "Stage A exit criteria all met", rehearsed: [BLOCKED, B] },
  { id: "B2", says: "Minimum 24h soak at Stage A", rehearsed: [BLOCKED, "before the new soak is over", B] },
  { id: "B3", says: "No open incidents from Stage A", rehearsed: [BLOCKED, B] },
  { id: "B4", says: "Backup/checkpoint taken", rehearsed: [B] },
  {
    id: "SB1",
    says: "Create a test patch and submit it: its version rises",
    tested: onApps("SB1"),
    rehearsed: [B],
  },
  {
    id: "SB2",
    says: "Create a test RFI, open → awaiting_verifier",
    tested: onApps("SB2"),
    rehearsed: [B],
  },
  {
    id: "SB3",
    says: "409 on stale version",
    tested: onApps("SB3"),
    rehearsed: [B],
  },
  { id: "SB4", says: "Audit events in last 10 minutes", rehearsed: [B] },
  {
    id: "F1",
    says: "Zero 500-level errors on write endpoints: 0 in 48h",
    enforced: atFinish("metric"),
    rehearsed: FINISHED,
  },
  {
    id: "F2",
    says: "409 STALE_VERSION rate < 5% of writes, measured over soak period",
    enforced: atFinish("metric"),
    rehearsed: FINISHED,
  },
  {
    id: "F3",
    says: "All custody transitions produce audit events",
    enforced: atFinish("sql"),
    rehearsed: FINISHED,
  },
  {
    id: "F4",
    says: "No local/DB state divergence reports: 0 reports in 48h",
    enforced: atFinish("sql"),
    rehearsed: FINISHED,
  },
  {
    id: "F4s",
    says: "No local/DB state divergence reports: what people know of",
    enforced: atFinish("signOff"),
    rehearsed: FINISHED,
  },
  {
    id: "F5",
    says: "Drive dedupe correctly prevents duplicate batches",
    enforced: atFinish("requests"),
    tested: onApps("F5"),
    rehearsed: FINISHED,
  },
  {
    id: "XB1",
    says: "Any 500 on write endpoints: set OPS_VIEW_DB_WRITE=false, restart, investigate",
    rehearsed: [XB1],
  },
  {
    id: "XB2",
    says: "409 rate > 10% of writes: set OPS_VIEW_DB_WRITE=false",
    rehearsed: fault("a rate of conflicts"),
  },
  {
    id: "XB2q",
    says: "409 rate > 10% of writes: over ten minutes, for quiet hours",
    rehearsed: fault("a quiet hour"),
  },
  {
    id: "XB3",
    says: "Local/DB state divergence detected: set OPS_VIEW_DB_WRITE=false, reconcile manually",
    rehearsed: fault("a divergence"),
  },
  {
    id: "XB4",
    says: "Audit events missing for transitions: investigate",
    rehearsed: fault("a missing event"),
  },
  {
    id: "R1",
    says: "Stage A issues: OPS_VIEW_DB_READ=false + restart, < 2 minutes",
    tested: ["test/behaviours: XA1:", "test/behaviours: R1:"],
    rehearsed: [XA4, RESTARTED],
  },
  {
    id: "R2",
    says: "Stage B issues: OPS_VIEW_DB_WRITE=false + restart, < 2 minutes",
    tested: ["test/behaviours: XB1:", "test/behaviours: R2:"],
    rehearsed: [XB1, RESTARTED, "cli/rehearse/breakGlass.ts: while it is being promoted"],
  },
  {
    id: "R3",
    says: "Full rollback: both flags false + restart, < 2 minutes",
    tested: ["test/behaviours: XA1:", "test/behaviours: R3:"],
    rehearsed: [XA4, RESTARTED],
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
    rehearsed: [A],
  },
  { id: "C2", says: "Stage A +24h, ops: soak metrics summary", rehearsed: DAY_LATER },
  {
    id: "C3",
    says: "Before Stage B, ops + stakeholders: Enabling DB writes. Status transitions will persist to database.",
    rehearsed: [B],
  },
  {
    id: "C4",
    says: "Stage B +48h, all: v2.54.1 fully enabled",
    tested: ["test/behaviours: C4:", "test/src/promotion/finish.test.ts: looks, then runs what writes"],
    rehearsed: FINISHED,
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
    rehearsed: [XB1, XA4],
  },
  {
    id: "XA",
    says: "No alarm fired during the soak (beside the plan: a criterion that was broken is no soak)",
    rehearsed: ["after errors and an alarm during the soak", B],
  },
  {
    id: "B5",
    says: "The way back was tried (beside the plan)",
    rehearsed: ["cli/rehearse/drill.ts: from a data point to the end of its way, and no flag changes"],
  },
  { id: "SB0", says: "Server restarted with flags set, of stage B", rehearsed: [B] },
];
