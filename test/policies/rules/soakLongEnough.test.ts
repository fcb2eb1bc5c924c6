import { describe, expect, test } from "vitest";
import { soakLongEnough as rule } from "../../../policies/rules/soakLongEnough";
import { lowering, minutesAgo } from "../fixture";
import { stageViolations } from "../judge";
import { behavesAsStageRule } from "../stageRuleCases";

behavesAsStageRule(rule, {
  needs: ["stage", "isLast", "flagSpecs", "predecessor"],
  wrong: { isLast: "true", soak: 48, "predecessor.soak": 24, predecessor: "stageA" },
  reads: ["isLast", "soak", "predecessor.soak"],
  fails: { soak: "23h" },
});

test.each(["48 h", "2 days", "-48h", "48hours", "", "1e9h", "1h30m"])("cannot judge a soak of %o", (soak) => {
  expect(stageViolations(rule, { soak }).join()).toMatch(
    /cannot be judged.*soak: must be a duration such as 24h/,
  );
  expect(stageViolations(rule, { "predecessor.soak": soak }).join()).toContain("cannot be judged");
});

describe("24 h where the pack's config says nothing else", () => {
  test.each(["24h", "1d", "1440m", "86400s", "86400000ms", "7d"])("%s is enough", (soak) => {
    expect(stageViolations(rule, { soak, isLast: false })).toEqual([]);
  });

  test.each(["86399s", "23h", "0h", "1ms"])("%s is not", (soak) => {
    expect(stageViolations(rule, { soak })).toEqual([
      `stageB soaks for ${soak}; at least 1 d are demanded. Lengthen soak: in cutover:stage.`,
    ]);
  });
});

describe("a business cycle counts as the 24 h that the plan puts beside it", () => {
  test.each(["1 business cycle", "2 business cycles"])("%s is enough", (soak) => {
    expect(stageViolations(rule, { soak, isLast: false, "predecessor.soak": soak })).toEqual([]);
  });

  test("too few of them are not", () => {
    const config = { hours: 49 };
    const soak = "2 business cycles";
    const predecessor = { "predecessor.soak": "3 business cycles", promotion: undefined };
    expect(stageViolations(rule, { soak, ...predecessor }, { config })).toEqual([
      "stageB soaks for 2 business cycles; at least 2 d 1 h are demanded. Lengthen soak: in cutover:stage.",
    ]);
  });

  test("but a working day must have passed for each, however short the calendar's cycles are", () => {
    const soak = { soak: "1 business cycle", "predecessor.soak": "1 business cycle" };
    const minutes = {
      "promotion.subject.liveSince": minutesAgo(5),
      "promotion.evidence.subject.liveSince": minutesAgo(5),
    };
    expect(stageViolations(rule, { ...soak, ...minutes })).toEqual([
      "stageB follows stageA, which soaked for 1 business cycle in 4 m; at least 8 h are demanded, however short the calendar's cycles are. Wait until 2026-11-21 19:55:00Z.",
    ]);
    const day = {
      "promotion.subject.liveSince": minutesAgo(9 * 60),
      "promotion.evidence.subject.liveSince": minutesAgo(9 * 60),
    };
    expect(stageViolations(rule, { ...soak, ...day })).toEqual([]);
    expect(stageViolations(rule, { ...soak, ...day }, { config: { workingDayHours: 12 } })).toHaveLength(1);
    expect(stageViolations(rule, { ...soak, "promotion.subject.liveSince": "?" })).toHaveLength(1);
    expect(stageViolations(rule, { ...soak, ...minutes, "promotion.timeScale": 3_600 })).toEqual([]);
    expect(stageViolations(rule, { ...soak, ...minutes }, { config: { hours: 0 } })).toEqual([]);
  });

  test("or as the pack's config has it: as nothing, where only hours shall count", () => {
    const soak = { soak: "99 business cycles" };
    expect(stageViolations(rule, soak, { config: { businessCycleHours: 0 } })).toHaveLength(1);
    expect(stageViolations(rule, soak, { config: { businessCycleHours: 1 } })).toEqual([]);
    for (const businessCycleHours of ["24", null, Number.NaN])
      expect(stageViolations(rule, soak, { config: { businessCycleHours } })[0]).toContain(
        "cannot be judged",
      );
  });

  test.each(["0 business cycles", "100 business cycles", "business cycle", "1 business day", "1 cycle"])(
    "%s is no soak",
    (soak) => {
      expect(stageViolations(rule, { soak })[0]).toContain("cannot be judged");
    },
  );
});

test("the pack's config decides", () => {
  expect(stageViolations(rule, { soak: "48h" }, { config: { hours: 49 } })[0]).toContain("at least 2 d 1 h");
  expect(stageViolations(rule, { soak: "1h", "predecessor.soak": "1h" }, { config: { hours: 1 } })).toEqual(
    [],
  );
});

test.each([["24"], [null], [Number.NaN], [Number.POSITIVE_INFINITY], [[24]]])(
  "a floor that is no number does not let everything pass: %s",
  (hours) => {
    const [message, ...others] = stageViolations(rule, {}, { config: { hours } });
    expect(message).toContain("hours");
    expect(message).toContain("policy pack's config");
    expect(others).toEqual([]);
  },
);

describe("a stage without a soak", () => {
  test("may be the last one", () => {
    expect(stageViolations(rule, { soak: undefined, isLast: true })).toEqual([]);
  });

  test("may not be one that another follows", () => {
    expect(stageViolations(rule, { soak: undefined, isLast: false })).toEqual([
      "stageB has no soak; at least 1 d are demanded. Add soak: to cutover:stage.",
    ]);
  });
});

describe("a predecessor whose soak was edited after it went live", () => {
  test.each([
    ["shortened", "1h", "soaks for 1h"],
    ["taken away", undefined, "has no soak"],
  ])("%s", (_, soak, what) => {
    const [message, ...others] = stageViolations(rule, { "predecessor.soak": soak });
    expect(message).toContain(`stageB follows stageA, which ${what}; at least 1 d are demanded`);
    expect(message).toContain("Pulumi.stageA.yaml");
    expect(others).toEqual([]);
  });

  test("does not matter for the one with every flag off: nothing has changed for anybody yet", () => {
    const flags = { READ: false, WRITE: false };
    expect(stageViolations(rule, { predecessor: { stage: "baseline", flags } })).toEqual([]);
    expect(stageViolations(rule, { predecessor: { stage: "baseline", flags, soak: "1h" } })).toEqual([]);
  });
});

test("a lower is not blocked by a soak", () => {
  const down = { ...lowering("READ answers with errors"), soak: "1h", isLast: false };
  expect(stageViolations(rule, down)).toEqual([]);
  expect(stageViolations(rule, down, { ignoreChanges: ["promotion"] })).toHaveLength(1);
});
