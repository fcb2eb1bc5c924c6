import type { PlanRow } from "../planRow";
import { FIRED, PROMOTED } from "../steps";

/** Beside its behaviours: the demo, the plan's own app, and broken ones. */
const ON_APPS = "test/rollouts/v2-pipeline/rows.test.ts: on an app that has what the plan says, and no more";
const LATER =
  "no stack writes the environment of a process: the flags are a document in AppConfig, which servers read";

const asked = (by: string) => ({
  why: `people ask it when ${by}; the gates and alarms of the same question are rehearsed`,
});
const message = (id: string, says: string): PlanRow => ({ id, says });
const query = (id: string, file: string, says: string, title: string, by: string): PlanRow => ({
  ...{ id, says },
  declared: ["baseline cutover:rollout.database.imports"],
  enforced: [`src/imports/queries/${file}.ts:${file}Query`, "cli/query/run.ts:queryCommand"],
  tested: [`test/src/imports/queries.engine.test.ts: ${title}`],
  rehearsed: asked(by),
});

/** The rows of the import pipeline's cutover plan. */
export const PIPELINE_ROWS: readonly PlanRow[] = [
  {
    id: "order",
    says: "10% → 50% → 100% → deprecate v1 → remove v1, from 0% with all traffic on v1",
    declared: ["baseline", "percent10", "percent50", "percent100", "deprecate-v1", "remove-v1"].map(
      (one) => `${one} cutover:stage.flags`,
    ),
    enforced: ["src/rollout/plan.ts:plan", "policies/rules/promoteStagesInOrder.ts:promoteStagesInOrder"],
    rehearsed: [PROMOTED],
  },
  {
    id: "requires",
    says: "v1 is deprecated after everyone is on v2, and removed after it was deprecated",
    declared: [
      "baseline cutover:rollout.flags.V1_DEPRECATED.requires",
      "baseline cutover:rollout.flags.V1_REMOVED.requires",
    ],
    enforced: ["src/flags/flags.ts:brokenRequirements", "src/flags/document.ts:documentSchema"],
    rehearsed: [PROMOTED],
  },
  {
    id: "soaks",
    says: "24h at 10%, 48h at 50%, 7 days at 100%, 7 days deprecation: three weeks with what lies between",
    declared: ["percent10", "percent50", "percent100", "deprecate-v1"].map(
      (one) => `${one} cutover:stage.soak`,
    ),
    enforced: ["policies/rules/soakLongEnough.ts:soakLongEnough", "src/gates/soakEnd.ts:soakEnd"],
    rehearsed: ["cli/rehearse/derived/promote.ts: waits until every gate passes"],
  },
  {
    id: "H0",
    says: "Confirm /health returns processors_available: true",
    tested: ["test/behaviours: H0:", ON_APPS],
  },
  { id: "G1", says: "Success rate >= 95% (Query 1)" },
  { id: "G2", says: "Zero stuck imports or all resolved within 2 hours (Query 2)" },
  { id: "G3", says: "No systemic errors (Query 4)" },
  { id: "G4", says: "Zero user complaints" },
  { id: "G5", says: "Stable resource usage: CPU" },
  { id: "G5m", says: "Stable resource usage: memory" },
  { id: "G5c", says: "Stable resource usage: CPU, its growth over the hold" },
  { id: "G5g", says: "Stable resource usage: memory, its growth over the hold" },
  { id: "P50", says: "10% (24h) before 50%" },
  { id: "P100", says: "50% (48h) before 100%" },
  { id: "A0", says: "No alarm fired during the hold (beside the plan)" },
  {
    id: "A1",
    says: "The emergency rollback was tried (beside the plan)",
  },
  { id: "S1", says: "V2_ROLLOUT_PERCENT takes effect on every server" },
  {
    id: "S2",
    says: "Verify traffic flow (Query 6): no abort criterion, but no next stage without any",
  },
  { id: "T1", says: "Success rate < 95%: immediate rollback" },
  { id: "T2", says: ">10 stuck imports in 1 hour: immediate rollback" },
  {
    id: "T3",
    says: "User complaints about failed imports: rollback within 1 hour, undecided by itself",
  },
  {
    id: "T4",
    says: "Any data corruption: immediate rollback + incident investigation",
  },
  {
    id: "K1",
    says: "V2_ROLLOUT_PERCENT=0 (no code deploy needed)",
    tested: ["test/behaviours: T1:", "test/behaviours: K1:"],
    rehearsed: [FIRED],
  },
  {
    id: "K2",
    says: "Verify in logs",
    enforced: ["src/abort/follow.ts:follow", "cli/runbook/back.ts:rollbackSections"],
    tested: [
      "test/behaviours: K2, K3, K4:",
      "test/src/abort/follow.test.ts: confirms the servers, waits for what is in flight, and says where to look",
    ],
    rehearsed: {
      why: "cutover abort --follow reads the log; the rehearsal's aborts are the alarms', and each server's own answer is rehearsed after them",
    },
  },
  {
    id: "K3",
    says: "Wait for in-flight jobs",
    enforced: ["src/abort/follow.ts:follow"],
    rehearsed: { why: "cutover abort --follow waits for it; the rehearsal's aborts are the alarms'" },
  },
  {
    id: "K4",
    says: "Investigate root cause",
    enforced: ["cli/runbook/back.ts:rollbackSections"],
    tested: [
      "test/cli/runbook/render.test.ts: the emergency rollback of v2-pipeline is in the runbook of each of its stages, in order",
    ],
    rehearsed: { why: "a person's work" },
  },
  query(
    "Q1",
    "successRate",
    "Overall success rate (run after every stage change)",
    "Q1: the success rate",
    "a stage has changed",
  ),
  query(
    "Q2",
    "stuckImports",
    "Stuck imports (run if Query 1 shows issues)",
    "are named ten at most",
    "Q1 shows issues",
  ),
  query(
    "Q3",
    "durations",
    "Performance histogram (run daily during stages)",
    "fall into buckets by their lower bounds",
    "a day has passed",
  ),
  query(
    "Q4",
    "errorPatterns",
    "Error patterns (run if success rate drops)",
    "say how much of the failures, and of all imports, each is",
    "the rate drops",
  ),
  query(
    "Q5",
    "versions",
    "V1 vs V2 comparison (requires pipeline_version column)",
    "says that the version column is missing, where none is mapped",
    "a day has passed",
  ),
  query(
    "Q6",
    "timeline",
    "Recent timeline (run after stage change to verify traffic flow)",
    "has a row for each part, also where nothing happened",
    "a stage has changed",
  ),
  {
    id: "baseline",
    says: "Interpret results against gate criteria, document baseline",
    declared: ["baseline cutover:rollout.database.imports"],
    enforced: ["src/imports/baseline.ts:measureBaseline"],
    tested: ["test/cli/query/run.test.ts: stands beside the baseline"],
    rehearsed: ["cli/rehearse/derived/walk.ts: is brought up"],
  },
  message("M10", "Before 10%: the team knows"),
  message("M10q", "After the change to 10%: Query 1 and Query 6"),
  message("M10h", "At 10%: check hourly"),
  message("M10d", "At 10%, daily: Query 3 and Query 5"),
  message("M10e", "After 24h at 10%: gate criteria before proceeding"),
  message("M50", "Before 50%: the team knows"),
  message("M50q", "After the change to 50%: Query 1 and Query 6"),
  message("M50h", "At 50%: check every 12h"),
  message("M50d", "At 50%, daily: Query 3 and Query 5"),
  message("M50e", "After 48h at 50%: gate criteria before proceeding"),
  message("M100", "Before 100%: the team knows"),
  message("M100q", "After the change to 100%: Query 1 and Query 6"),
  message("M100h", "At 100%: check daily, with Query 3 and Query 5"),
  message("M100e", "After 7 days at 100%: gate criteria before proceeding"),
  { id: "D1", says: "After 7+ days at 100%" },
  { id: "D2", says: "With zero v1 traffic" },
  {
    id: "D3",
    says: "Wait 7 more days with deprecation headers active: the sunset is as far ahead",
    tested: ["test/behaviours: D3:", "test/rollouts/v2-pipeline/checks.test.ts: sunset-is-ahead"],
  },
  {
    id: "D4",
    says: "RFC 8594 deprecation headers on v1 /process-full",
    tested: ["test/behaviours: D4:", ON_APPS],
  },
  message("MD", "Before v1 is deprecated: its callers know"),
  message("MDq", "After v1 is deprecated: Query 1 and Query 6"),
  message("MDh", "While v1 is deprecated: check daily, with Query 3 and Query 5"),
  {
    id: "D5",
    says: "7 more days with deprecation headers active, until the end: each answer of v1 has them",
  },
  { id: "X1", says: "7 more days with deprecation headers active" },
  { id: "X2", says: "Not before the date that was announced" },
  { id: "X3", says: "With zero v1 traffic since it is deprecated" },
  {
    id: "one-way",
    says: "Once /process-full is gone there is no v1 to go back to (beside the plan)",
    declared: [
      "remove-v1 cutover:stage.irreversible.floor",
      "percent10 cutover:stage.abort.T4.whenIrreversible",
    ],
    enforced: ["src/flags/doors.ts:boundBy", "src/abort/decide.ts:decide", "src/abort/freeze.ts:holdFrozen"],
    tested: ["test/behaviours: remove-v1:"],
    rehearsed: ["cli/rehearse/derived/door.ts: fires where there is no way back"],
  },
  {
    id: "X4",
    says: "Remove /process-full endpoint",
    tested: ["test/behaviours: X4:", ON_APPS],
  },
  {
    id: "X5",
    says: "Who still calls what was removed is found (beside the plan)",
  },
  message("MX", "Before v1 is removed: its callers know"),
  message("MXq", "After v1 is removed: Query 1 and Query 6"),
  {
    id: "MXf",
    says: "Milestone complete: every import runs through v2, and v1 is removed (beside the plan)",
  },
  {
    id: "weekends",
    says: "4 to 6 weeks, with weekends and monitoring gaps",
    declared: {
      why: "soaks of its own are lengths of time; working days are soaked as docs/how-to/business-cycles.md shows",
    },
    enforced: ["src/gates/soakEnd.ts:soakEnd"],
    tested: ["test/src/gates/soakEnd.test.ts: and never makes one come sooner"],
    rehearsed: { why: "the rehearsal's days take a second: it has no weekends" },
  },
  {
    id: "env",
    says: "V2_ROLLOUT_PERCENT is set in Vercel, and read by Next.js",
    declared: { why: LATER },
    enforced: { why: LATER },
    tested: { why: LATER },
    rehearsed: { why: LATER },
  },
];
