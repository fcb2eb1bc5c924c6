import { expect, it, test } from "vitest";
import { flagsOf, linesOf, variableOf, variablesOf } from "../../../src/delivery/variables";
import type { FlagSpecs } from "../../../src/flags/flags";
import { vectors } from "../../kit/vectors";

const SPECS: FlagSpecs = {
  READ: { kind: "boolean", off: false, requires: [], writes: false },
  "search.v2-share": { kind: "percentage", off: 0, requires: ["READ"], writes: false },
};

// Apps read them by the kits, which know nothing of deliveries: the kits' tests have the same vectors.
it.each(vectors.variables)("$flag is carried as $variable where names are $names", (one) => {
  expect(variableOf({ names: one.names }, one.flag)).toBe(one.variable);
});

test("variables say each flag that is carried, under its name, and of which deployment they are", () => {
  const flags = { READ: true, "search.v2-share": 25 };
  expect(variablesOf({}, flags, 7)).toEqual({
    READ: "true",
    SEARCH_V2_SHARE: "25",
    CUTOVER_FLAGS_VERSION: "7",
  });
  expect(linesOf(variablesOf({ flags: ["READ"], names: { READ: "V2_READ" } }, flags, 7))).toEqual([
    "V2_READ=true",
    "CUTOVER_FLAGS_VERSION=7",
  ]);
});

it.each([
  ["as they were written", { READ: "true", SEARCH_V2_SHARE: "25" }, { READ: true, "search.v2-share": 25 }],
  ["without those that are not held", { READ: "false" }, { READ: false }],
  ["without what is no value of theirs", { READ: "25", SEARCH_V2_SHARE: "true" }, {}],
  ["without what no person would mean", { READ: "TRUE", SEARCH_V2_SHARE: "25%" }, {}],
])("flags are read from variables %s", (_, held, flags) => {
  expect(flagsOf({}, SPECS, held)).toEqual(flags);
});
