import { expect, test } from "vitest";
import { keepRequiredFlagsOn as rule } from "../../../policies/rules/keepRequiredFlagsOn";
import { lowering } from "../fixture";
import { stageViolations } from "../judge";
import { behavesAsStageRule } from "../stageRuleCases";

behavesAsStageRule(rule, {
  needs: ["stage", "flags", "flagSpecs", "flagSpecs.WRITE.requires", "flagSpecs.WRITE.off"],
  wrong: {
    flags: "WRITE",
    "flags.WRITE": "true",
    "flags.READ": null,
    "flagSpecs.WRITE.requires": "READ",
    "flagSpecs.WRITE.off": "false",
  },
  reads: ["flags", "flags.WRITE", "flagSpecs.WRITE.requires", "flagSpecs.READ.kind"],
  fails: { "flags.READ": false },
});

test("write without read", () => {
  const [message, ...others] = stageViolations(rule, { "flags.READ": false });
  expect(message).toContain("stageB: WRITE is on but requires READ, which is off");
  expect(message).toContain("Raise the required flag with it, or first");
  expect(others).toEqual([]);
});

test("a flag that requires one nobody declared", () => {
  expect(stageViolations(rule, { "flagSpecs.WRITE.requires": ["DRAFTS"] }).join()).toContain(
    "requires DRAFTS",
  );
});

test("a flag that is left out", () => {
  expect(stageViolations(rule, { "flags.READ": undefined, "flags.WRITE": false })).toEqual([
    "stageB does not say what READ is. Flags change together: give every one a value.",
  ]);
});

test("a required flag with a value that servers do not read as on", () => {
  const [message] = stageViolations(rule, { "flags.READ": 0 });
  expect(message).toContain("stageB: READ is a boolean, but has the value 0");
});

test.each([-1, 101, 12.3456, true])("a percentage of %s", (value) => {
  const changes = { "flagSpecs.SHARE": { kind: "percentage", off: 0, requires: [], writes: false } };
  expect(stageViolations(rule, { ...changes, "flags.SHARE": 12 })).toEqual([]);
  expect(stageViolations(rule, { ...changes, "flags.SHARE": value }).join()).toContain(
    "SHARE is a percentage",
  );
});

test("holds for lowers, and where nothing is promoted", () => {
  expect(stageViolations(rule, lowering("because"))).toEqual([]);
  expect(stageViolations(rule, { ...lowering("because"), flags: { READ: false, WRITE: true } })).toHaveLength(
    1,
  );
  const unsound = { "flags.READ": false };
  expect(stageViolations(rule, unsound, { ignoreChanges: ["promotion"] })).toHaveLength(1);
});
