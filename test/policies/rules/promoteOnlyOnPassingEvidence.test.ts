import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { promoteOnlyOnPassingEvidence as rule } from "../../../policies/rules/promoteOnlyOnPassingEvidence";
import { gateHash } from "../../../src/gates/hash";
import type { Promotion } from "../../../src/promotion/request";
import { compliantStage, lowering, minutesAgo, NOW, refused, restarting } from "../fixture";
import { stageViolations, UNKNOWN, UnknownValueError } from "../judge";
import { behavesAsStageRule } from "../stageRuleCases";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

const SOAK_AT = "promotion.evidence.observations.0.at";
const VALUE = "promotion.evidence.observations.1.seen.value";

behavesAsStageRule(rule, {
  needs: ["stage", "rollout", "attempt", "flags", "gates", "gates.entry", "gates.predecessorExit"],
  wrong: {
    attempt: "1",
    flags: "READ",
    "flags.READ": "true",
    gates: ["B2"],
    "gates.entry": "B2",
    promotion: "raise",
    "promotion.plan": { kind: "skip" },
    "promotion.plan.liveDeployment": "2",
    "promotion.gates": {},
    "promotion.timeScale": 0,
    "promotion.evidence.observations.1.seen": { kind: "verdict", outcome: "pass" },
  },
  reads: [
    "stage",
    "attempt",
    "flags.READ",
    "gates.entry.0",
    "promotion",
    VALUE,
    "promotion.evidence.subject.attempt",
  ],
  fails: { [VALUE]: 6 },
});

describe("judges the evidence anew", () => {
  test("an observation that does not meet its gate", () => {
    const [message] = stageViolations(rule, { [VALUE]: 6 });
    expect(message).toContain("ops-view stageB, attempt 1, is not promoted: 1 of 2 gates pass");
    expect(message).toContain("Flags stay: READ true, WRITE false.\nAsked for:  READ true, WRITE true.");
    expect(message).toMatch(/E2 .*FAIL/);
    expect(message).toMatch(/B2 .*PASS/);
    expect(message).toContain("≤ 5");
    expect(message).toContain("Mend what is measured");
  });

  test.each([
    ["text", "1.5"],
    ["null", null],
    ["a list", [1]],
    ["true", true],
  ])("a value of another type: %s", (_, value) => {
    expect(stageViolations(rule, { [VALUE]: value })[0]).toMatch(/E2 .*INCONCLUSIVE/);
  });

  test("a value that was lost on the way", () => {
    const [message] = stageViolations(rule, { [VALUE]: undefined });
    expect(message).toContain("cannot be judged");
    expect(message).toContain("observations.1.seen.value");
  });

  test("and lets no verdict be brought along", () => {
    for (const path of ["promotion.evidence", "promotion.evidence.observations.1"]) {
      const [message] = stageViolations(rule, { [`${path}.verdict`]: "pass", [VALUE]: 6 });
      expect(message).toContain(`${path}: Unrecognized key: "verdict"`);
    }
  });

  test("a source that failed", () => {
    const seen = { kind: "failure", failure: "unreachable", message: "connect ECONNREFUSED" };
    const [message] = stageViolations(rule, { "promotion.evidence.observations.1.seen": seen });
    expect(message).toMatch(/E2 .*INCONCLUSIVE/);
    expect(message).toContain("ECONNREFUSED");
  });

  test("a soak that is not over, with the earliest time", () => {
    const [message] = stageViolations(rule, {
      "promotion.subject.liveSince": minutesAgo(60),
      "promotion.evidence.subject.liveSince": minutesAgo(60),
      "promotion.evidence.observations.0.seen.since": minutesAgo(60),
    });
    expect(message).toMatch(/B2 .*FAIL/);
    expect(message).toContain("Earliest promotion: 2026-11-22 11:00:00Z");
  });

  test("a soak of flags that were live before those that are", () => {
    const [message] = stageViolations(rule, {
      "promotion.evidence.observations.0.seen.since": minutesAgo(26 * 60),
    });
    expect(message).toMatch(/B2 .*INCONCLUSIVE/);
  });

  test("a gate that was not measured", () => {
    const { observations } = compliantStage().promotion.evidence ?? { observations: [] };
    const [message] = stageViolations(rule, { "promotion.evidence.observations": observations.slice(0, 1) });
    expect(message).toMatch(/E2 .*NOT-RUN/);
  });

  test("a gate that was changed after it was measured", () => {
    const [message] = stageViolations(rule, { "promotion.gates.1.definition.expect": { lte: 50 } });
    expect(message).toMatch(/E2 .*INCONCLUSIVE/);
  });
});

describe("evidence counts for this very promotion", () => {
  test("none at all", () => {
    expect(stageViolations(rule, { "promotion.evidence": undefined })).toEqual([
      "stageB is not promoted: nothing was measured. Run pulumi up again.",
    ]);
  });

  test("a promotion without anything to say for itself", () => {
    const [message] = stageViolations(rule, { promotion: undefined });
    expect(message).toContain("stageB is promoted without saying on what");
    expect(message).toContain("Stage component");
  });

  test.each([
    ["rollout", "v2-pipeline"],
    ["stage", "stageC"],
    ["attempt", 2],
  ])("a promotion about another %s", (key, value) => {
    const messages = stageViolations(rule, {
      [`promotion.subject.${key}`]: value,
      [`promotion.evidence.subject.${key}`]: value,
    });
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain("The promotion is about ");
    expect(messages[0]).toContain("but the stage is ops-view/stageB attempt 1");
  });

  test.each([
    ["from", { READ: false, WRITE: false }],
    ["to", { READ: true, WRITE: false }],
    ["liveDeployment", 1],
  ])("evidence about another change of flags: %s", (key, value) => {
    const messages = stageViolations(rule, {
      [`promotion.subject.${key}`]: value,
      [`promotion.evidence.subject.${key}`]: value,
    });
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain("measured for another change of flags");
    expect(messages[0]).toContain("Run pulumi up again");
  });

  test("evidence measured for something else", () => {
    const [message] = stageViolations(rule, { "promotion.evidence.subject.commit": "ba9876543210" });
    expect(message).toContain("measured for something else");
  });

  test.each(["entry", "predecessorExit"])("a declared %s gate that is left out", (phase) => {
    const messages = stageViolations(rule, { [`gates.${phase}`]: ["B2", "E2", "X9"] });
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain("leaves out gates that its config declares: X9");
    expect(messages[0]).toContain("Every declared gate counts");
  });

  test("no gates at all", () => {
    const [message] = stageViolations(rule, {
      gates: { entry: [], predecessorExit: [] },
      "promotion.gates": [],
      "promotion.evidence.observations": [],
    });
    expect(message).toContain("no gates at all");
  });
});

describe("evidence is fresh", () => {
  test.each([
    [10, []],
    [10.1, ["INCONCLUSIVE"]],
  ])("%d min old, with no config given", (age, found) => {
    const messages = stageViolations(rule, { [SOAK_AT]: minutesAgo(age) });
    expect(messages.map((message) => /B2 .*(INCONCLUSIVE)/.exec(message)?.[1])).toEqual(found);
  });

  test("by the pack's own limit", () => {
    const old = { [SOAK_AT]: minutesAgo(3) };
    expect(stageViolations(rule, old, { config: { maxAgeMinutes: 4 } })).toEqual([]);
    const [message] = stageViolations(rule, old, { config: { maxAgeMinutes: 2 } });
    expect(message).toMatch(/B2 .*INCONCLUSIVE [\s\S]*measured 3 m ago/);
  });

  test.each([["2"], [null], [Number.NaN]])("by no limit that is no number: %s", (maxAgeMinutes) => {
    const [message] = stageViolations(rule, {}, { config: { maxAgeMinutes } });
    expect(message).toContain("maxAgeMinutes");
    expect(message).toContain("policy pack's config");
  });

  test("and not from the future", () => {
    expect(stageViolations(rule, { [SOAK_AT]: minutesAgo(-1) })[0]).toContain("in the future");
  });
});

describe("a raise is one, whatever it calls itself", () => {
  const hidden = (plan: object) => ({ "promotion.plan": plan, "promotion.evidence": undefined });
  const change = { from: { READ: true, WRITE: false }, to: { READ: true, WRITE: true }, liveDeployment: 2 };

  test.each([
    ["a restart", { kind: "restart", ...change }],
    ["a restart of flags that the stage does not declare", { kind: "restart", ...change, to: change.from }],
    ["a lower", { kind: "lower", ...change, changes: [], reason: "to get past every gate" }],
  ])("%s", (_, plan) => {
    expect(stageViolations(rule, hidden(plan))).toEqual([
      "stageB is not promoted: nothing was measured. Run pulumi up again.",
    ]);
  });

  test("also where evidence was measured, that does not pass", () => {
    const [message] = stageViolations(rule, { "promotion.plan": { kind: "restart", ...change }, [VALUE]: 6 });
    expect(message).toMatch(/E2 .*FAIL/);
  });
});

describe("the snapshot that the promotion itself takes", () => {
  const gate: Promotion["gates"][number] = {
    id: "B4",
    phase: "entry",
    stage: "stageB",
    definition: { source: "snapshot", title: "A snapshot is there", maxAge: "24h" },
    snapshot: { id: "ops-view-stageb-attempt-1", kind: "instance", of: "ops-db" },
  };
  const { promotion } = compliantStage();
  const declared = {
    "gates.entry": ["B2", "B4"],
    "promotion.gates": [...promotion.gates, gate],
  };

  test("is not due before anything is touched: the last look demands it", () => {
    expect(stageViolations(rule, declared)).toEqual([]);
  });

  test("may not be left out all the same", () => {
    const [message] = stageViolations(rule, { ...declared, "promotion.gates": promotion.gates });
    expect(message).toContain("leaves out gates that its config declares: B4");
  });

  test("excuses no other gate", () => {
    expect(stageViolations(rule, { ...declared, [VALUE]: 6 })[0]).toMatch(/E2 .*FAIL/);
  });

  test("has no evidence yet: some that was brought along belongs to no gate", () => {
    const seen = { kind: "snapshot", id: gate.snapshot?.id, of: "ops-db", status: "available" };
    const early = { gate: "B4", definition: gateHash(gate), at: minutesAgo(1), tookMs: 1, seen };
    const observations = [...(promotion.evidence?.observations ?? []), early];
    const [message] = stageViolations(rule, { ...declared, "promotion.evidence.observations": observations });
    expect(message).toContain("an observation for B4, which is no gate of this promotion");
  });
});

describe("what is none of its business", () => {
  test("a restart raises nothing, and needs no gate", () => {
    expect(stageViolations(rule, restarting())).toEqual([]);
  });

  test("a lower needs no gate", () => {
    expect(stageViolations(rule, lowering("READ answers with errors"))).toEqual([]);
  });

  test("a refused plan has a rule of its own", () => {
    expect(stageViolations(rule, refused("is out of order"))).toEqual([]);
  });

  test.each([
    ["failing", { [VALUE]: 6 }],
    ["old", { [SOAK_AT]: minutesAgo(60 * 24) }],
    ["unknown", { promotion: UNKNOWN }],
    ["written by another version of cutover", { promotion: { plan: "raise", version: 0 } }],
    ["absent", { promotion: undefined }],
  ])("a recorded promotion that is %s, where nothing is promoted", (_, changes) => {
    expect(stageViolations(rule, changes, { ignoreChanges: ["promotion"] })).toEqual([]);
    const asked = () => stageViolations(rule, changes, { ignoreChanges: ["soak"] });
    if (Object.values(changes).includes(UNKNOWN)) expect(asked).toThrow(UnknownValueError);
    else expect(asked()).not.toEqual([]);
  });
});
