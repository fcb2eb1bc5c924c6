import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Foundation } from "../../components/foundation";
import { rules } from "../../policies/rules";
import { NOW } from "../policies/fixture";
import { violations } from "../policies/judge";
import { type Declared, declare } from "./engine";
import { rollout } from "./rollout";
import { declareStage, ON_CALL, raising } from "./stageRun";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What the whole pack says of all that a program declared. */
function judge({ all }: Declared): string[] {
  return rules.flatMap((rule) =>
    all.flatMap(({ inputs, ignoreChanges, ...resource }) =>
      violations(rule, { ...resource, props: inputs }, { ignoreChanges: [...ignoreChanges] }).map(
        (message) => `${rule.name}: ${message}`,
      ),
    ),
  );
}

test("lets the foundation pass", async () => {
  const spec = rollout();
  expect(
    judge(await declare(() => new Foundation(spec.name, { region: "eu-central-1", rollout: spec }))),
  ).toEqual([]);
});

test.each([
  ["a promotion on passing evidence", raising()],
  ["a run that promotes nothing", undefined],
])("lets the stage pass: %s", async (_, promotion) => {
  expect(judge(await declareStage({ promotion }))).toEqual([]);
});

test("lets a lower with a reason pass", async () => {
  const { plan: raise, evidence: _, ...rest } = raising();
  const plan = {
    kind: "lower" as const,
    from: raise.to,
    to: raise.from,
    liveDeployment: 3,
    changes: [{ flag: "WRITE", from: true, to: false, direction: "lower" as const }],
    reason: "WRITE answers with errors",
  };
  // Stage A is brought up again to take stage B's flags back.
  const spec = rollout({}, { stageA: { attempt: 2, soak: "1h" } });
  expect(
    judge(
      await declareStage({ stage: "stageA", spec, promotion: { ...rest, gates: [], plan }, preview: true }),
    ),
  ).toEqual([]);
});

test("stops a promotion on failing evidence, and only by the rule for it", async () => {
  const promotion = raising();
  for (const { seen } of promotion.evidence?.observations ?? []) if (seen.kind === "value") seen.value = 6;
  const found = judge(await declareStage({ promotion }));
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(/^promote-only-on-passing-evidence: ops-view stageB, attempt 1, is not promoted/);
});

test("knows the stage's alarms for what they are", async () => {
  const declared = await declareStage();
  const silent = declared.all.map((one) =>
    /^MetricAlarm stageB-XB/.test(one.label)
      ? { ...one, inputs: { ...one.inputs, alarmActions: [`${ON_CALL}x`] } }
      : one,
  );
  expect(judge({ ...declared, all: silent })).toHaveLength(2);
});
