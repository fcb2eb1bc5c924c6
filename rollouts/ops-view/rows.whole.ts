import type { PlanRow } from "../planRow";
import { BLOCKED, FIRED } from "../steps";

const LATER =
  "no stack writes the environment of a process: the flags are a document in AppConfig, which servers read";

/** What the plan says of the rollout as a whole, and has no id for. */
export const WHOLE: readonly PlanRow[] = [
  {
    id: "business cycle",
    says: "24 h (or 1 full business cycle)",
    declared: ["baseline cutover:rollout.calendar"],
    enforced: ["src/gates/soakEnd.ts:soakEnd", "policies/rules/soakLongEnough.ts:soakLongEnough"],
    tested: [
      "test/behaviours: calendar:",
      "test/cli/runbook/render.test.ts: where a calendar is declared, a soak of a day may be one full business cycle instead",
    ],
    rehearsed: {
      why: "the rehearsal takes the other alternative, 24 h: how a cycle is typed stands in docs/how-to/business-cycles.md and in the runbook",
    },
  },
  {
    id: "release",
    says: "v2.54.1, 2026-02-17, ready for staged rollout",
    declared: ["baseline cutover:rollout.release"],
    enforced: [
      "src/rollout/config/release.ts:withRelease",
      "src/messages/texts.ts:announcement",
      "src/promotion/flip.ts:flip",
    ],
    tested: [
      "test/behaviours: C4:",
      "test/rollouts/ops-view/messages.test.ts: reaches people in these words, uncut, with the release at its head",
    ],
    rehearsed: {
      why: "its words stand in what people are sent, which the rehearsal counts and does not read",
    },
  },
  {
    id: "by hand",
    says: "Each step as a line to type: curl, psql",
    declared: [
      "baseline cutover:rollout.service",
      "stageA cutover:stage.smoke",
      "stageB cutover:stage.smoke",
      "stageA cutover:stage.abort.XA2.lookAt",
    ],
    enforced: ["cli/runbook/gates.ts:gateSections", "src/gates/kinds/requests.shell.ts:shellLines"],
    tested: [
      "test/cli/runbook/render.test.ts: every step of the plan has a line to type, but for what is sent by itself",
      "test/cli/runbook/run.test.ts: whatever it prints to be typed, a shell can read",
      "test/cli/runbook/typed.engine.test.ts: what an abort row says to look at can be typed, too",
    ],
    rehearsed: { why: "a person's work: the rehearsal sends the same requests itself" },
  },
  {
    id: "env",
    says: "OPS_VIEW_DB_READ=true and OPS_VIEW_DB_WRITE=true in the environment of the process",
    declared: { why: LATER },
    enforced: { why: LATER },
    tested: { why: LATER },
    rehearsed: { why: LATER },
  },
  {
    id: "preview",
    says: "Every pull request shows the flag diff",
    declared: ["stageB cutover:stage.flags"],
    enforced: ["cli/preview/markdown.ts:markdownOf"],
    tested: ["test/cli/preview/markdown.test.ts: tells a refused plan by its own problems, once"],
    rehearsed: ["cli/rehearse/comment.ts: cutover preview of"],
  },
  {
    id: "blocks",
    says: "CrossGuard blocks pulumi up until gate metrics pass",
    declared: ["stageB cutover:stage.entry"],
    enforced: [
      "policies/rules/promoteOnlyOnPassingEvidence.ts:promoteOnlyOnPassingEvidence",
      "src/promotion/admit.ts:admit",
    ],
    tested: [
      "test/policies/rules/promoteOnlyOnPassingEvidence.test.ts: an observation that does not meet its gate",
    ],
    rehearsed: [BLOCKED],
  },
  {
    id: "on-call",
    says: "Abort alarms page on-call",
    declared: ["baseline cutover:rollout.topics.onCall"],
    enforced: [
      "policies/rules/pageOnCallFromEveryAbortAlarm.ts:pageOnCallFromEveryAbortAlarm",
      "components/abortAlarm.ts:abortAlarm",
    ],
    tested: [
      "test/policies/rules/pageOnCallFromEveryAbortAlarm.test.ts: lets the compliant alarm pass",
      "test/behaviours: XA3:",
    ],
    rehearsed: [FIRED],
  },
];
