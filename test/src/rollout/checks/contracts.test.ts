import { describe, expect, test } from "vitest";
import { parseRollout } from "../../../../src/rollout/parse";
import { problemsIn } from "./twoStages";

const page = { protocol: "email", endpoint: "a@example.com" };
const row = (spec: object = {}) => ({
  title: "Errors",
  metric: { namespace: "App", name: "Errors", statistic: "Sum", period: "10s" },
  threshold: { gt: 0 },
  missingData: "notBreaching",
  action: "rollback",
  ...spec,
});
const soaked = { source: "soak", title: "Soaked" };
const flags = (WRITE: boolean, FILL: boolean, READ: boolean) => ({ WRITE, FILL, READ });

/** Backfill goes up, and comes down in the stage that a test is about. */
function problems(step: object, more: { owner?: object; baseline?: object; fill?: object } = {}): string[] {
  const stacks = {
    baseline: {
      "cutover:rollout": {
        name: "shop",
        flags: {
          WRITE: { kind: "boolean" },
          FILL: { kind: "boolean", requires: ["WRITE"] },
          READ: { kind: "boolean", requires: ["WRITE"] },
        },
        topics: { onCall: [page] },
        ...more.owner,
      },
      "cutover:stage": { flags: flags(false, false, false), ...more.baseline },
    },
    fill: {
      "cutover:stage": {
        predecessor: "baseline",
        flags: flags(true, true, false),
        soak: "24h",
        ...more.fill,
      },
    },
    step: { "cutover:stage": { predecessor: "fill", entry: { S1: soaked }, ...step } },
  };
  const files = Object.entries(stacks).map(([stack, config]) => ({
    stack,
    file: `Pulumi.${stack}.yaml`,
    text: JSON.stringify({ config }, null, 1),
  }));
  return problemsIn(parseRollout(files, "/here"));
}

const both = { flags: flags(true, false, true), contracts: ["FILL"] };
const only = { flags: flags(true, false, false), contracts: ["FILL"] };
const gone = { floor: "step", because: "the old store is stale" };
const LOWERS_NOTHING = "would lower nothing: step raises no flag over fill, and an abort raises none either.";

test.each<[string, object]>([
  ["raises one flag and contracts another", both],
  ["raises one, and rolls back", { ...both, abort: { X1: row() } }],
  ["only contracts, and pages", { ...only, abort: { X1: row({ action: "page" }) } }],
  ["only contracts, and goes all the way down", { ...only, abort: { X1: row({ to: "off" }) } }],
  [
    "only contracts, with no way back, and freezes",
    { ...only, irreversible: gone, abort: { X1: row({ whenIrreversible: "freeze" }) } },
  ],
])("a stage that %s", (_, step) => {
  expect(problems(step)).toEqual([]);
});

test.each<[string, object, string[]]>([
  [
    "a flag that comes down and is not listed",
    { flags: flags(true, false, true) },
    [
      "Pulumi.step.yaml cutover:stage.flags.FILL: is lower than in fill, and the stage does not say so. Leave it where it is, or write contracts: [FILL], if it is meant to come down in this step",
    ],
  ],
  [
    "flags that nobody declared, or that do not come down, all at once",
    { ...both, contracts: ["FILL", "WRITE", "FIL"] },
    [
      "Pulumi.step.yaml cutover:stage.contracts: names FIL, which is not a flag of this rollout. Correct the name; known flags: WRITE, FILL, READ",
      "Pulumi.step.yaml cutover:stage.contracts: names WRITE, which is no lower here than in fill. Take it out, or lower WRITE under flags",
    ],
  ],
  [
    "a contract that breaks a requirement",
    { flags: flags(false, true, false), contracts: ["WRITE"] },
    [
      "Pulumi.step.yaml cutover:stage.flags: FILL is on but requires WRITE, which is off. Contract what requires it, too, or leave the required flag up",
    ],
  ],
  [
    "a rollback that could lower nothing",
    { ...only, abort: { X1: row() } },
    [
      `Pulumi.step.yaml cutover:stage.abort.X1.action: ${LOWERS_NOTHING} Write action: page, or to: off, if every flag has to come down`,
    ],
  ],
  [
    "the same where nobody decides in time",
    { ...only, abort: { X1: row({ action: "page", remind: { after: "1h", undecided: "rollback" } }) } },
    [
      `Pulumi.step.yaml cutover:stage.abort.X1.remind.undecided: ${LOWERS_NOTHING} Take undecided out, or to: off, if every flag has to come down`,
    ],
  ],
  [
    "the same with no way back, where all off is none either",
    { ...only, irreversible: gone, abort: { X1: row({ to: "off" }), X2: row() } },
    [`Pulumi.step.yaml cutover:stage.abort.X2.action: ${LOWERS_NOTHING} Write action: page`],
  ],
])("%s", (_, step, expected) => {
  expect(problems(step)).toEqual(expected);
});

test("contracts in the first stage", () => {
  expect(problems(both, { baseline: { contracts: ["FILL"] } })).toEqual([
    "Pulumi.baseline.yaml cutover:stage.contracts: the first stage cannot have any: every flag is off in it. Say it in the stage in which the flag comes down",
  ]);
});

test("contracts of no flag, of one twice, or of more than a note has room for", () => {
  const long = Array.from({ length: 6 }, (_, index) => `F${index}`.padEnd(60, "x"));
  for (const contracts of [[], ["FILL", "FILL"], long])
    expect(problems({ ...both, contracts }).join()).toContain("cutover:stage.contracts");
});

describe("a flag whose off lies between its states", () => {
  const owner = {
    flags: {
      WRITE: { kind: "boolean" },
      FILL: { kind: "boolean" },
      READ: { kind: "states", states: ["old", "off", "new"], off: "off" },
    },
  };
  const at = (WRITE: boolean, READ: string) => ({ WRITE, FILL: false, READ });
  const line = (fill: object, step: object) =>
    problems(step, { owner, baseline: { flags: at(false, "off") }, fill });

  test("goes from one side to the other by a stage that has it off", () => {
    expect(line({ flags: at(true, "old") }, { flags: at(true, "off"), contracts: ["READ"] })).toEqual([]);
    expect(line({ flags: at(true, "off") }, { flags: at(true, "new") })).toEqual([]);
  });

  test("does not go there at once: an abort would leave it off, beside what the predecessor has up", () => {
    expect(line({ flags: at(true, "old") }, { flags: at(true, "new") })).toEqual([
      'Pulumi.step.yaml cutover:stage.flags.READ: goes from old to new, over off, which lies between them: an abort would leave it off, and flags that are no stage\'s. Put a stage between fill and this one, with READ: "off" and contracts: [READ]',
    ]);
  });
});
