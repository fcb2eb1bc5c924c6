import { expect, test } from "vitest";
import { promoteStagesInOrder as rule } from "../../../policies/rules/promoteStagesInOrder";
import { lowering, refused, restarting } from "../fixture";
import { stageViolations } from "../judge";
import { behavesAsStageRule } from "../stageRuleCases";

const BASELINE = { READ: false, WRITE: false };

behavesAsStageRule(rule, {
  needs: ["stage", "flags", "flagSpecs", "predecessor", "predecessor.stage", "predecessor.flags"],
  wrong: {
    flags: [true],
    "flags.WRITE": "true",
    "flagSpecs.READ": "boolean",
    "flagSpecs.READ.kind": "text",
    "predecessor.flags": null,
    predecessor: "stageA",
    promotion: 1,
    "promotion.plan.from": null,
  },
  reads: [
    "flags.WRITE",
    "flagSpecs.READ.off",
    "predecessor",
    "predecessor.flags.READ",
    "promotion.plan",
    "promotion.plan.kind",
  ],
  fails: { "promotion.plan.from": BASELINE },
});

test("a stage that skips its predecessor", () => {
  const messages = stageViolations(rule, { "promotion.plan.from": BASELINE });
  expect(messages).toEqual([
    "stageB follows stageA (READ true, WRITE false), but live is READ false, WRITE false. Promote stageA first.",
  ]);
});

test("a plan for other flags than the stage declares", () => {
  const messages = stageViolations(rule, { "promotion.plan.to": { READ: true, WRITE: false } });
  expect(messages.join()).toContain(
    "stageB plans for READ true, WRITE false, but declares READ true, WRITE true. Run pulumi up again",
  );
});

test("a refused plan, with every reason", () => {
  expect(stageViolations(rule, refused("is out of order", "has no predecessor"))).toEqual([
    "stage stageB: is out of order. Mend it",
    "stage stageB: has no predecessor. Mend it",
  ]);
});

test("a refused plan without a reason", () => {
  const [message, ...others] = stageViolations(rule, refused());
  expect(message).toContain("stageB is refused");
  expect(message).toContain("cutover status");
  expect(others).toEqual([]);
});

test("a raise that calls itself a lower, which needs no evidence", () => {
  const [message] = stageViolations(rule, {
    "promotion.plan.kind": "lower",
    "promotion.plan.reason": "to get past every gate",
  });
  expect(message).toContain("stageB says that it would lower flags, but would raise");
  expect(message).toContain("WRITE: false → true");
});

test("a lower that calls itself a raise", () => {
  expect(
    stageViolations(rule, {
      "promotion.plan.from": { READ: true, WRITE: true },
      "promotion.plan.to": { READ: true, WRITE: false },
      flags: { READ: true, WRITE: false },
    }).join(),
  ).toContain("stageB says that it would raise flags, but would lower");
});

test("flags that an abort came down to are promoted as they are: nothing rises", () => {
  expect(stageViolations(rule, { "promotion.plan.from": { READ: true, WRITE: true } })).toEqual([]);
});

test("a lower that changes nothing is none", () => {
  const same = { kind: "lower", from: { READ: true, WRITE: true }, changes: [], reason: "it misbehaves" };
  expect(
    stageViolations(
      rule,
      Object.fromEntries(Object.entries(same).map(([key, value]) => [`promotion.plan.${key}`, value])),
    ).join(),
  ).toContain("says that it would lower flags, but would change none");
});

test("a restart deploys the very flags that are live", () => {
  expect(stageViolations(rule, restarting())).toEqual([]);
});

test.each([
  ["raises", { from: { READ: true, WRITE: false } }, "would raise some (WRITE: false → true)"],
  ["raises from nothing", { from: {} }, "would raise some"],
  [
    "lowers",
    { to: { READ: true, WRITE: false }, flags: { READ: true, WRITE: false } },
    "would lower some (WRITE: true → false)",
  ],
])("a restart that %s is none", (_, { flags, ...plan }: Record<string, object>, words) => {
  const [message] = stageViolations(rule, { ...restarting(plan), ...(flags ? { flags } : {}) });
  expect(message).toContain("stageB says that it would restart flags, but would");
  expect(message).toContain(words);
});

test("a restart with other flags than the stage declares", () => {
  const same = { READ: true, WRITE: false };
  expect(stageViolations(rule, restarting({ from: same, to: same }))).toEqual([
    "stageB plans for READ true, WRITE false, but declares READ true, WRITE true. Run pulumi up again.",
  ]);
});

test("a lower goes down from anywhere", () => {
  expect(stageViolations(rule, lowering("READ answers with errors"))).toEqual([]);
});

test.each([
  ["out of order", { "promotion.plan.from": BASELINE }],
  ["refused", refused("is out of order")],
  ["malformed", { promotion: "raise" }],
])("a recorded promotion that is %s, where nothing is promoted", (_, changes) => {
  expect(stageViolations(rule, changes, { ignoreChanges: ["promotion"] })).toEqual([]);
  expect(stageViolations(rule, changes, { ignoreChanges: ["stage"] })).not.toEqual([]);
});

/** READ comes down as WRITE goes up, where the one requires nothing of the other. */
const contracting = (changes: Record<string, unknown> = {}) => ({
  "flagSpecs.WRITE.requires": [],
  flags: { READ: false, WRITE: true },
  "promotion.plan.to": { READ: false, WRITE: true },
  contracts: ["READ"],
  contracted: ["READ"],
  ...changes,
});

test.each<[string, object, string]>([
  ["what it contracts, from its predecessor's flags", {}, ""],
  ["from what an abort of it left there", { "promotion.plan.from": BASELINE }, ""],
  ["what it does not contract", { contracts: [] }, "would raise and lower some (READ: true → false"],
  [
    "from less than what is contracted",
    { "promotion.plan.from": BASELINE, contracted: [] },
    "but live is READ false, WRITE false. Promote stageA first",
  ],
  ["only what it contracts", { flags: BASELINE, "promotion.plan.to": BASELINE }, ""],
  [
    "and calls itself a lower",
    { "promotion.plan.kind": "lower", "promotion.plan.reason": "to get past every gate" },
    "says that it would lower flags, but would raise and lower some",
  ],
])("a step forward that lowers %s", (_, changes, words) => {
  const messages = stageViolations(rule, contracting(changes as Record<string, unknown>)).join();
  if (words === "") expect(messages).toBe("");
  else expect(messages).toContain(words);
});

test("a predecessor comes up again from what an abort of a later stage left of it", () => {
  const left = { "promotion.plan.from": { READ: false, WRITE: true }, "flagSpecs.WRITE.requires": [] };
  expect(stageViolations(rule, { ...left, contracted: ["READ"] })).toEqual([]);
  expect(stageViolations(rule, left).join()).toContain("follows stageA");
});
