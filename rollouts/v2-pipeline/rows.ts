import type { PlanRow } from "../planRow";

const EACH = "with every gate passing";
const T1 = "imports on v2 fail, and T1 takes everyone back to v1";
const T2 = "imports on v2 get stuck with v1 gone: T2 pages, and takes nobody back to it";
const T4 = "imports on v2 are corrupt with v1 gone: T4 pages, and freezes every flag where it is";
const CALLED = "deprecate-v1, while v1 still has callers";
const ENDS = "remove-v1, before its end";

/** Beside its behaviours: the demo, the plan's own app, and broken ones. */
const ON_APPS = "test/rollouts/v2-pipeline/rows.test.ts: on an app that has what the plan says, and no more";
const LATER =
  "no stack writes the environment of a process: the flags are a document in AppConfig, which servers read";

const sent = {
  why: "the rehearsal's days take a second, its schedules a minute: its behaviour sends it at its time",
};
const asked = (by: string) => ({
  why: `people ask it when ${by}; the gates and alarms of the same question are rehearsed`,
});
const message = (id: string, says: string): PlanRow => ({ id, says, rehearsed: sent });
const announced = (id: string, says: string): PlanRow => ({ id, says, rehearsed: [EACH] });
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
    enforced: ["src/rollout/plan.ts:plan", "policies/rules/stagesInOrder.ts:stagesInOrder"],
    rehearsed: [EACH],
  },
  {
    id: "requires",
    says: "v1 is deprecated after everyone is on v2, and removed after it was deprecated",
    declared: [
      "baseline cutover:rollout.flags.V1_DEPRECATED.requires",
      "baseline cutover:rollout.flags.V1_REMOVED.requires",
    ],
    enforced: ["src/flags/flags.ts:brokenRequirements", "src/flags/document.ts:documentSchema"],
    rehearsed: [CALLED],
  },
  {
    id: "soaks",
    says: "24h at 10%, 48h at 50%, 7 days at 100%, 7 days deprecation: three weeks with what lies between",
    declared: ["percent10", "percent50", "percent100", "deprecate-v1"].map(
      (one) => `${one} cutover:stage.soak`,
    ),
    enforced: ["policies/rules/soakMeetsFloor.ts:soakMeetsFloor", "src/gates/soakEnd.ts:soakEnd"],
    rehearsed: ["v1's callers move to v2, and a week passes"],
  },
  {
    id: "H0",
    says: "Confirm /health returns processors_available: true",
    tested: ["test/behaviours: H0:", ON_APPS],
    rehearsed: ["percent10, attempt 2, while the service is not healthy", EACH],
  },
  { id: "G1", says: "Success rate >= 95% (Query 1)", rehearsed: [EACH] },
  { id: "G2", says: "Zero stuck imports or all resolved within 2 hours (Query 2)", rehearsed: [EACH] },
  { id: "G3", says: "No systemic errors (Query 4)", rehearsed: [EACH] },
  { id: "G4", says: "Zero user complaints", rehearsed: [CALLED, EACH] },
  { id: "G5", says: "Stable resource usage: CPU", rehearsed: [EACH] },
  { id: "G5m", says: "Stable resource usage: memory", rehearsed: [EACH] },
  { id: "G5c", says: "Stable resource usage: CPU, its growth over the hold", rehearsed: [EACH] },
  { id: "G5g", says: "Stable resource usage: memory, its growth over the hold", rehearsed: [EACH] },
  { id: "P50", says: "10% (24h) before 50%", rehearsed: [EACH] },
  { id: "P100", says: "50% (48h) before 100%", rehearsed: [EACH] },
  { id: "A0", says: "No alarm fired during the hold (beside the plan)", rehearsed: [EACH] },
  {
    id: "A1",
    says: "The emergency rollback was tried (beside the plan)",
    rehearsed: ["cli/rehearse/drill.ts: from a data point to the end of its way, and no flag changes"],
  },
  { id: "S1", says: "V2_ROLLOUT_PERCENT takes effect on every server", rehearsed: [EACH] },
  {
    id: "S2",
    says: "Verify traffic flow (Query 6): no abort criterion, but no next stage without any",
    rehearsed: [EACH],
  },
  { id: "T1", says: "Success rate < 95%: immediate rollback", rehearsed: [T1] },
  { id: "T2", says: ">10 stuck imports in 1 hour: immediate rollback", rehearsed: [T2] },
  {
    id: "T3",
    says: "User complaints about failed imports: rollback within 1 hour, undecided by itself",
    rehearsed: {
      why: "an hour of the clock is no part of the rehearsal; its behaviour goes on to the end of that hour",
    },
  },
  {
    id: "T4",
    says: "Any data corruption: immediate rollback + incident investigation",
    rehearsed: {
      why: "its rollback takes the way of T1, which is rehearsed, and what it does with v1 gone is (one-way); the incident is shown by its behaviour",
    },
  },
  {
    id: "K1",
    says: "V2_ROLLOUT_PERCENT=0 (no code deploy needed)",
    tested: ["test/behaviours: T1:", "test/behaviours: K1:"],
    rehearsed: [T1],
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
    rehearsed: ["baseline is brought up"],
  },
  announced("M10", "Before 10%: the team knows"),
  message("M10q", "After the change to 10%: Query 1 and Query 6"),
  message("M10h", "At 10%: check hourly"),
  message("M10d", "At 10%, daily: Query 3 and Query 5"),
  message("M10e", "After 24h at 10%: gate criteria before proceeding"),
  announced("M50", "Before 50%: the team knows"),
  message("M50q", "After the change to 50%: Query 1 and Query 6"),
  message("M50h", "At 50%: check every 12h"),
  message("M50d", "At 50%, daily: Query 3 and Query 5"),
  message("M50e", "After 48h at 50%: gate criteria before proceeding"),
  announced("M100", "Before 100%: the team knows"),
  message("M100q", "After the change to 100%: Query 1 and Query 6"),
  message("M100h", "At 100%: check daily, with Query 3 and Query 5"),
  message("M100e", "After 7 days at 100%: gate criteria before proceeding"),
  { id: "D1", says: "After 7+ days at 100%", rehearsed: [CALLED, EACH] },
  { id: "D2", says: "With zero v1 traffic", rehearsed: [CALLED, EACH] },
  {
    id: "D3",
    says: "Wait 7 more days with deprecation headers active: the sunset is as far ahead",
    tested: ["test/behaviours: D3:", "test/rollouts/v2-pipeline/checks.test.ts: sunset-is-ahead"],
    rehearsed: [EACH],
  },
  {
    id: "D4",
    says: "RFC 8594 deprecation headers on v1 /process-full",
    tested: ["test/behaviours: D4:", ON_APPS],
    rehearsed: ["v1 answers, and says when it ends", EACH],
  },
  announced("MD", "Before v1 is deprecated: its callers know"),
  message("MDq", "After v1 is deprecated: Query 1 and Query 6"),
  message("MDh", "While v1 is deprecated: check daily, with Query 3 and Query 5"),
  {
    id: "D5",
    says: "7 more days with deprecation headers active, until the end: each answer of v1 has them",
    rehearsed: {
      why: "it pages, and changes nothing: its behaviour shows it, and A0 that nobody goes on where it fired",
    },
  },
  { id: "X1", says: "7 more days with deprecation headers active", rehearsed: [EACH] },
  { id: "X2", says: "Not before the date that was announced", rehearsed: [ENDS, EACH] },
  { id: "X3", says: "With zero v1 traffic since it is deprecated", rehearsed: [ENDS, EACH] },
  {
    id: "one-way",
    says: "Once /process-full is gone there is no v1 to go back to (beside the plan)",
    declared: [
      "remove-v1 cutover:stage.irreversible.floor",
      "percent10 cutover:stage.abort.T4.whenIrreversible",
    ],
    enforced: ["src/flags/doors.ts:boundBy", "src/abort/decide.ts:decide", "src/abort/freeze.ts:holdFrozen"],
    tested: ["test/behaviours: remove-v1:"],
    rehearsed: [T2, T4],
  },
  {
    id: "X4",
    says: "Remove /process-full endpoint",
    tested: ["test/behaviours: X4:", ON_APPS],
    rehearsed: ["v1 is gone", EACH],
  },
  {
    id: "X5",
    says: "Who still calls what was removed is found (beside the plan)",
    rehearsed: { why: "it pages, and changes nothing: its behaviour shows it" },
  },
  announced("MX", "Before v1 is removed: its callers know"),
  message("MXq", "After v1 is removed: Query 1 and Query 6"),
  {
    id: "MXf",
    says: "Milestone complete: every import runs through v2, and v1 is removed (beside the plan)",
    rehearsed: ["cli/rehearse/ending.ts: with every exit gate passing"],
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
