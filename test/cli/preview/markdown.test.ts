import { describe, expect, it } from "vitest";
import type { PreviewFacts } from "../../../cli/preview/facts";
import { markdownOf } from "../../../cli/preview/markdown";
import { troubleOf } from "../../../cli/preview/trouble";
import type { Ledger, Note } from "../../../src/flags/ledger";
import type { Seen } from "../../../src/gates/observation";
import { GITHUB_LIMIT } from "../../../src/text/marker";
import { entry, flags, ledger, note } from "../../support/build";
import {
  at,
  commentOf,
  factsOf,
  fixture,
  HOUR,
  NOON,
  opsView,
  type Situation,
  stepsOf,
  WEAKER,
} from "./facts";

const live = (deployment: number, hoursAgo: number, spec: Partial<Note> = {}) =>
  entry(deployment, { completedAt: at(NOON - hoursAgo * HOUR), note: note(spec) });

/** Stage A is live since so many hours. */
const stageALive = (hoursAgo: number): Ledger =>
  ledger(flags(true, false), [live(1, 100, { stage: "baseline" }), live(2, hoursAgo)]);

const signedBefore: Seen = {
  kind: "signOff",
  by: "ada@example.com",
  at: at(NOON - 90 * HOUR),
  statement: "Support knows of no anomaly",
  attempt: 1,
  liveSince: at(NOON - 3 * HOUR),
};

interface Case {
  readonly fixture: string;
  readonly outcome: string;
  readonly facts: () => PreviewFacts;
}

const situation = (given: Situation) => () => factsOf(given);

const cases: readonly Case[] = [
  {
    fixture: "raise-blocked",
    outcome: "blocked",
    facts: situation({
      ledger: stageALive(3),
      seen: {
        B3: { kind: "failure", failure: "no-data", message: "nobody has signed off B3" },
        E4: signedBefore,
        XA: {
          kind: "failure",
          failure: "refused",
          message:
            "User: arn:aws:sts::123456789012:assumed-role/preview is not authorized to perform: cloudwatch:DescribeAlarms",
        },
      },
      engine: {
        violations: [{ rule: "promote-only-on-passing-evidence", message: "a table of every gate" }],
        steps: stepsOf("stageB"),
      },
    }),
  },
  {
    fixture: "weaker",
    outcome: "blocked",
    facts: situation({
      ledger: stageALive(30),
      strength: WEAKER,
      engine: {
        violations: [{ rule: "weaken-on-purpose", message: "XB1 no longer rolls back" }],
        steps: stepsOf("stageB"),
      },
    }),
  },
  { fixture: "raise-allowed", outcome: "allowed", facts: situation({ ledger: stageALive(30) }) },
  {
    fixture: "none",
    outcome: "allowed",
    facts: situation({ stage: "stageA", ledger: stageALive(30), engine: { violations: [], steps: [] } }),
  },
  {
    fixture: "aborted",
    outcome: "allowed",
    facts: situation({
      ledger: ledger(flags(true, false), [
        live(1, 100, { stage: "baseline" }),
        live(2, 60),
        live(3, 20, { stage: "stageB" }),
        live(4, 2, {
          kind: "abort",
          stage: "stageB",
          row: "XB1",
          reason: "Write5xx was 12 in 10 s, see https://logs.example.com/q?token=abcdefgh",
        }),
      ]),
      engine: { violations: [], steps: [] },
    }),
  },
  {
    fixture: "lower",
    outcome: "allowed",
    facts: situation({
      stage: "stageA",
      rollout: {
        ...opsView,
        stages: opsView.stages.map((one) =>
          one.name === "stageA"
            ? { ...one, attempt: 2, lower: { reason: "Writes wait for the new index" } }
            : one,
        ) as never,
      },
      ledger: ledger(flags(true, true), [live(2, 60), live(3, 20, { stage: "stageB" })]),
    }),
  },
  {
    fixture: "failed",
    outcome: "failed",
    facts: () => ({
      name: "ops-view",
      stage: "stageB",
      rollout: opsView,
      trouble: troubleOf({
        stage: "stageB",
        errors: [
          "The live flags cannot be read from AppConfig (application abc1234): User: arn:aws:sts::123456789012:assumed-role/preview is not authorized to perform: appconfig:ListDeployments\n  - ledger: without it, nobody knows what a promotion would change. Check the AWS credentials, the region and the network, then run the same command again",
        ],
        printed: "",
      }),
    }),
  },
];

describe("the comment", () => {
  for (const { fixture: name, outcome, facts } of cases) {
    it(`${name}: reads as expected, to the byte`, () => {
      const { comment, view } = commentOf(facts());
      expect(view.outcome).toBe(outcome);
      expect(comment).toBe(fixture(name));
      expect(commentOf(facts()).comment).toBe(comment);
    });
  }

  it("says of a rollout without a record that there is none, once, and blocks nothing", () => {
    const strength = { ...WEAKER, before: {}, unrecorded: true };
    const { comment, view } = commentOf(factsOf({ ledger: stageALive(30), strength }));
    expect(view.outcome).toBe("allowed");
    expect(comment.match(/not written down/g)).toHaveLength(1);
  });

  it("names what is weaker also where nothing is raised, and blocks nothing then", () => {
    const { comment, view } = commentOf(
      factsOf({
        stage: "stageA",
        ledger: stageALive(30),
        strength: WEAKER,
        engine: { violations: [], steps: [] },
      }),
    );
    expect(view.outcome).toBe("allowed");
    expect(comment).toContain("**XB1 no longer rolls back**");
    expect(comment).not.toContain("weakened:");
  });

  it("does not depend on the order in which the engine tells its steps", () => {
    const facts = factsOf({ ledger: stageALive(30) });
    const engine = { violations: [], steps: [...(facts.engine?.steps ?? [])].reverse() };
    expect(commentOf({ ...facts, engine }).comment).toBe(commentOf(facts).comment);
  });

  it("says which objection a policy has beside the gates", () => {
    const facts = factsOf({
      ledger: stageALive(30),
      engine: {
        violations: [{ rule: "soak-long-enough", message: "stageA soaks 24h, at least 48 h" }],
        steps: [],
      },
    });
    const { comment, view } = commentOf(facts);
    expect(view.outcome).toBe("blocked");
    expect(comment).toContain("## ⛔ `ops-view` `stageB`: raise blocked, 9 of 9 gates pass");
    expect(comment).toContain("- Policy soak-long-enough: stageA soaks 24h, at least 48 h");
  });

  it("keeps the evidence rule's own objection where every gate passes here", () => {
    const facts = factsOf({
      ledger: stageALive(30),
      engine: {
        violations: [{ rule: "promote-only-on-passing-evidence", message: "measured 11 m ago" }],
        steps: [],
      },
    });
    expect(commentOf(facts).view.objections).toEqual([
      "Policy promote-only-on-passing-evidence: measured 11 m ago",
    ]);
  });

  it("tells a refused plan by its own problems, once", () => {
    const problem = "stage stageB: follows stageA, but live is baseline";
    const facts = factsOf({
      ledger: ledger(flags(false, false), [live(1, 9, { stage: "baseline" })]),
      engine: { violations: [{ rule: "promote-stages-in-order", message: problem }], steps: [] },
    });
    const { comment, view } = commentOf(facts);
    expect(view).toMatchObject({ outcome: "blocked", kind: "refused" });
    expect(comment).toContain("refused: something has to be mended first");
    expect(view.objections).toHaveLength(1);
    expect(view.objections[0]).toContain(problem);
    expect(view.snapshot).toBeUndefined();
  });

  it("blocks a lower without a written reason", () => {
    const facts = factsOf({
      stage: "stageA",
      rollout: {
        ...opsView,
        stages: opsView.stages.map((one) => (one.name === "stageA" ? { ...one, attempt: 2 } : one)) as never,
      },
      ledger: ledger(flags(true, true), [live(2, 60), live(3, 20, { stage: "stageB" })]),
      engine: { violations: [{ rule: "lower-flags-on-purpose", message: "say why" }], steps: [] },
    });
    const { view } = commentOf(facts);
    expect(view).toMatchObject({ outcome: "blocked", kind: "lower" });
    expect(view.objections).toHaveLength(1);
    expect(view.objections[0]).toContain("lower: { reason: … }");
  });

  it("says who put the flags there, and since when, also after a drill", () => {
    const drill = { ...live(3, 5, { kind: "drill", token: "t" }), configurationVersion: "2" };
    const facts = factsOf({ ledger: ledger(flags(true, false), [live(2, 60), drill]) });
    expect(commentOf(facts).comment).toMatch(
      /Live since 2026-11-\d\d [\d:]+Z, by stageA, attempt 1 \(deployment 2\)\./,
    );
  });

  it("tells of resources that are replaced or deleted before all others, in plain sight", () => {
    const step = (op: string, name: string) => ({
      op,
      type: "aws:sns/topic:Topic",
      urn: `urn:pulumi:s::p::aws:sns/topic:Topic::${name}`,
    });
    const facts = factsOf({
      ledger: stageALive(30),
      engine: {
        violations: [],
        steps: [
          step("create", "new"),
          step("create-replacement", "changed"),
          step("replace", "changed"),
          step("delete-replaced", "changed"),
          step("update", "touched"),
          step("delete", "gone"),
          step("same", "still"),
        ],
      },
    });
    const { comment } = commentOf(facts);
    expect(comment).toContain("### Resources: 1 to delete, 1 to replace, 1 to update, 1 to create");
    const [plain = "", folded = ""] = (comment.split("### Resources")[1] ?? "").split("<details>");
    expect(plain).toMatch(/delete \| `aws:sns\/topic:Topic` \| `gone`[\s\S]*replace .*`changed`/);
    expect(folded).toMatch(/`touched`[\s\S]*`new`/);
    expect(comment).not.toContain("still");
  });

  it("says that resources are incomplete where the preview broke off", () => {
    const facts = factsOf({ ledger: stageALive(30) });
    const trouble = { what: "It broke", remedy: "Mend it", said: [] };
    const { comment, view } = commentOf({ ...facts, trouble });
    expect(view.outcome).toBe("failed");
    expect(comment).toContain("**Incomplete**");
    expect(comment).toContain("| `B2` | ✅ pass |");
  });

  it("is cut below GitHub's limit with the top kept, and says what is missing", () => {
    const facts = factsOf({ ledger: stageALive(30) });
    const steps = Array.from({ length: 2_000 }, (_, index) => ({
      op: "create",
      type: "aws:cloudwatch/metricAlarm:MetricAlarm",
      urn: `urn:pulumi:stageB::ops-view::aws:cloudwatch/metricAlarm:MetricAlarm::alarm-${index}`,
    }));
    const { comment } = commentOf({ ...facts, engine: { violations: [], steps } });
    expect(comment.length).toBeLessThan(GITHUB_LIMIT);
    expect(comment.length).toBeGreaterThan(GITHUB_LIMIT - 1_000);
    expect(comment).toContain("### Gates: 9 of 9 gates pass");
    expect(comment).toMatch(
      /<\/details>\n\n> \*\*Cut off here\*\*, for length; left out: the end of "resources .*", all of "snapshot", all of "aborts", all of "who is told"\. The whole of it: `npm run cutover -- preview --rollout ops-view -s stageB`\.\n$/,
    );
  });

  it("keeps the marker and the headline under any limit", () => {
    const { view } = commentOf(factsOf({ ledger: stageALive(3) }));
    expect(markdownOf(view, 1_000)).toMatch(/^<!-- cutover:ops-view\/stageB -->\n## /);
    expect(markdownOf(view, 1_000).length).toBeLessThan(1_000);
  });
});
