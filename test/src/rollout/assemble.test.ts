import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { assemble } from "../../../src/rollout/assemble";
import { rolloutConfig, stageConfig } from "../../../src/rollout/config/stackFile";
import type { StackConfig } from "../../../src/rollout/rollout";
import { type Locate, showProblem } from "../../../src/text/problem";
import { alarm, READ, WRITE } from "../../support/build";

const locate: Locate = (stack, path) => [stack, ...path].join(" › ");

const sql = {
  source: "sql",
  title: "Patches",
  query: "select 1",
  values: ["{workspace}"],
  expect: { gt: 0 },
};
const soak = { source: "soak", title: "Soaked" };

/** A sound rollout of three stages, as plain data that a test breaks before it is parsed. */
function sound() {
  return {
    rollout: {
      name: "ops-view",
      flags: {
        [READ]: { kind: "boolean" },
        [WRITE]: { kind: "boolean", requires: [READ] },
      } as Record<string, Record<string, unknown>>,
      parameters: { workspace: "ws-ops" } as Record<string, unknown>,
      database: { host: "db", name: "ops", reads: ["patches"] } as unknown,
      topics: { onCall: [{ protocol: "email", endpoint: "on-call@example.com" }] } as unknown,
    },
    baseline: { flags: { [READ]: false, [WRITE]: false } } as Record<string, unknown>,
    stageA: {
      predecessor: "baseline",
      flags: { [READ]: true, [WRITE]: false },
      soak: "24h",
      entry: { A3: sql },
      abort: { XA1: alarm },
    } as Record<string, unknown>,
    stageB: {
      predecessor: "stageA",
      flags: { [READ]: true, [WRITE]: true },
      entry: { B2: soak },
      abort: { XB1: alarm },
    } as Record<string, unknown>,
  };
}

type Sound = ReturnType<typeof sound>;

function stacks(of: Sound): StackConfig[] {
  return [
    { stack: "baseline", rollout: rolloutConfig.parse(of.rollout), stage: stageConfig.parse(of.baseline) },
    { stack: "stageA", stage: stageConfig.parse(of.stageA) },
    { stack: "stageB", stage: stageConfig.parse(of.stageB) },
  ];
}

function problems(list: readonly StackConfig[]): string[] {
  const result = assemble(list, locate);
  return result.ok ? [] : result.problems.map(showProblem);
}

type Case = [what: string, change: (of: Sound) => void, expected: string[]];

const flagCases: Case[] = [
  [
    "an off value of the other kind",
    (of) => {
      of.rollout.flags.V2 = { kind: "percentage", off: false };
      for (const stage of [of.baseline, of.stageA, of.stageB])
        stage.flags = { ...(stage.flags as object), V2: 0 };
    },
    [
      "baseline › cutover:rollout › flags › V2: off must be a percentage, got false. Write off: 0",
      "baseline › cutover:stage › flags: the first stage raises a flag. Every flag must be off in the first stage; add a stage for what is raised",
    ],
  ],
  [
    "an off value in the middle, from which there is no one way up",
    (of) => {
      of.rollout.flags.V2 = { kind: "percentage", off: 50 };
      for (const stage of [of.baseline, of.stageA, of.stageB])
        stage.flags = { ...(stage.flags as object), V2: 50 };
    },
    ["baseline › cutover:rollout › flags › V2: off must be 0 or 100, got 50. Write off: 0"],
  ],
  [
    "a requirement that nobody declared",
    (of) => {
      of.rollout.flags[READ] = { kind: "boolean", requires: ["toString"] };
    },
    [
      `baseline › cutover:rollout › flags › ${READ}: requires toString, which is not declared. Declare it, or correct the name; known flags: ${READ}, ${WRITE}`,
      `stageA › cutover:stage › flags: ${READ} is on but requires toString, which is off. Raise the required flag in this stage or an earlier one`,
      `stageB › cutover:stage › flags: ${READ} is on but requires toString, which is off. Raise the required flag in this stage or an earlier one`,
    ],
  ],
  [
    "flags that require each other",
    (of) => {
      of.rollout.flags[READ] = { kind: "boolean", requires: [WRITE] };
      (of.stageA.flags as Record<string, boolean>)[WRITE] = true;
      (of.stageA.flags as Record<string, boolean>)[READ] = false;
      of.stageA.flags = { [READ]: false, [WRITE]: false };
    },
    [
      `baseline › cutover:rollout › flags › ${READ}: requires itself, directly or through others. Break the circle: a flag may only require flags that can be raised before it`,
      `baseline › cutover:rollout › flags › ${WRITE}: requires itself, directly or through others. Break the circle: a flag may only require flags that can be raised before it`,
      "stageA › cutover:stage › flags: are the same as the predecessor's. A stage raises at least one flag over its predecessor, or lowers one that it contracts",
    ],
  ],
  [
    "a flag that requires itself",
    (of) => {
      of.rollout.flags[READ] = { kind: "boolean", requires: [READ] };
    },
    [
      `baseline › cutover:rollout › flags › ${READ}: requires itself, directly or through others. Break the circle: a flag may only require flags that can be raised before it`,
    ],
  ],
  [
    "a stage's flag that nobody declared",
    (of) => {
      of.stageA.flags = { ...(of.stageA.flags as object), WRITES: true };
    },
    [
      `stageA › cutover:stage › flags › WRITES: is not a flag of this rollout. Correct the name, or declare it; known flags: ${READ}, ${WRITE}`,
    ],
  ],
  [
    "flags that differ by case alone, and one that is required on both sides of its off",
    (of) => {
      of.rollout.flags.V2 = { kind: "states", states: ["old", "off", "new"], off: "off" };
      of.rollout.flags.v2 = {
        kind: "boolean",
        requires: [
          { flag: "V2", atLeast: "old" },
          { flag: "V2", atLeast: "new" },
        ],
      };
      for (const stage of [of.baseline, of.stageA, of.stageB])
        stage.flags = { ...(stage.flags as object), V2: "off", v2: false };
    },
    [
      "baseline › cutover:rollout › flags › v2: requires V2 twice. Say it once: at the highest that the flag needs, on one side of off",
      "baseline › cutover:rollout › flags › v2: differs from V2 by case alone. Call one of them otherwise",
    ],
  ],
  [
    "a stage's flag that only every object has",
    (of) => {
      of.stageA.flags = { ...(of.stageA.flags as object), constructor: 5 };
    },
    [
      `stageA › cutover:stage › flags › constructor: is not a flag of this rollout. Correct the name, or declare it; known flags: ${READ}, ${WRITE}`,
    ],
  ],
  [
    "a value that the flag cannot take",
    (of) => {
      of.stageA.flags = { [READ]: 100, [WRITE]: false };
    },
    [`stageA › cutover:stage › flags › ${READ}: must be a boolean, got 100. Write true or false`],
  ],
  [
    "a flag that a stage leaves out",
    (of) => {
      of.stageA.flags = { [READ]: true };
    },
    [
      `stageA › cutover:stage › flags: does not say what ${WRITE} is. Give every flag a value: all of them change together`,
    ],
  ],
  [
    "write without read",
    (of) => {
      of.stageB.flags = { [READ]: false, [WRITE]: true };
    },
    [
      `stageB › cutover:stage › flags: ${WRITE} is on but requires ${READ}, which is off. Raise the required flag in this stage or an earlier one`,
      "stageB › cutover:stage › flags › OPS_VIEW_DB_READ: is lower than in stageA, and the stage does not say so. Leave it where it is, or write contracts: [OPS_VIEW_DB_READ], if it is meant to come down in this step",
    ],
  ],
  [
    "a stage that lowers",
    (of) => {
      of.stageB.flags = { [READ]: false, [WRITE]: false };
    },
    [
      "stageB › cutover:stage › flags › OPS_VIEW_DB_READ: is lower than in stageA, and the stage does not say so. Leave it where it is, or write contracts: [OPS_VIEW_DB_READ], if it is meant to come down in this step",
    ],
  ],
  [
    "a stage that changes nothing",
    (of) => {
      of.stageB.flags = { [READ]: true, [WRITE]: false };
    },
    [
      "stageB › cutover:stage › flags: are the same as the predecessor's. A stage raises at least one flag over its predecessor, or lowers one that it contracts",
    ],
  ],
  [
    "a first stage that raises",
    (of) => {
      of.baseline.flags = { [READ]: true, [WRITE]: false };
      of.stageA.flags = { [READ]: true, [WRITE]: true };
      of.rollout.flags.X = { kind: "boolean" };
      for (const stage of [of.baseline, of.stageA, of.stageB])
        stage.flags = { ...(stage.flags as object), X: false };
      (of.stageB.flags as Record<string, boolean>).X = true;
    },
    [
      "baseline › cutover:stage › flags: the first stage raises a flag. Every flag must be off in the first stage; add a stage for what is raised",
    ],
  ],
  ...(
    [
      [
        "states of which one comes twice",
        { kind: "states", states: ["off", "shadow", "off"] },
        "off",
        [],
        ["states has off twice. Name each once, in their order"],
      ],
      [
        "states that differ by case alone",
        { kind: "states", states: ["off", "shadow", "Shadow"] },
        "off",
        [],
        ["states has shadow and Shadow, which differ by case alone. Call one of them otherwise"],
      ],
      [
        "states without the one that is off",
        { kind: "states", states: ["shadow", "enforce"], off: "off" },
        "off",
        [],
        [
          'off must be one of its states, shadow, enforce, got "off". Write off: shadow',
          ...["baseline", "stageA", "stageB"].map(
            (stage) =>
              `${stage} flags › V2: must be one of its states, shadow, enforce, got "off". Write one of "shadow", "enforce"; in quotes, a tool takes none for true or false`,
          ),
        ],
      ],
      [
        "a state that there is not",
        { kind: "states", states: ["off", "shadow"] },
        "off",
        [{ flag: "V2", atLeast: "enforce" }],
        [
          `${READ} requires V2 at enforce or more, but that is one of its states, off, shadow. Write atLeast: one of shadow`,
        ],
      ],
      [
        "a share of states",
        { kind: "states", states: ["off", "shadow"] },
        "off",
        [{ flag: "V2", atLeast: 50 }],
        [
          `${READ} requires V2 at 50 or more, but that is one of its states, off, shadow. Write atLeast: one of shadow`,
        ],
      ],
      [
        "a state of a percentage",
        { kind: "percentage" },
        0,
        [{ flag: "V2", atLeast: "shadow" }],
        [`${READ} requires V2 at shadow or more, but that is a percentage. Write atLeast: a number above 0`],
      ],
      [
        "the state that is off",
        { kind: "states", states: ["off", "shadow"] },
        "off",
        [{ flag: "V2", atLeast: "off" }],
        [`${READ} requires V2 at off or more, but that is where it is off. Write atLeast: one of shadow`],
      ],
    ] as const
  ).map(
    ([what, spec, value, requires, told]): Case => [
      what,
      (of) => {
        of.rollout.flags.V2 = spec;
        of.rollout.flags[READ] = { kind: "boolean" };
        for (const stage of [of.baseline, of.stageA, of.stageB])
          stage.flags = { ...(stage.flags as object), V2: value };
        if (requires.length === 0) return;
        of.rollout.flags.LAST = { kind: "boolean", requires };
        for (const stage of [of.baseline, of.stageA, of.stageB])
          stage.flags = { ...(stage.flags as object), LAST: false };
      },
      told.map((one) => {
        const [, stage, rest] = /^(baseline|stageA|stageB) (.*)$/.exec(one) ?? [];
        if (stage !== undefined) return `${stage} › cutover:stage › ${rest}`;
        const flag = requires.length === 0 ? "V2" : "LAST";
        return `baseline › cutover:rollout › flags › ${flag}: ${one.replace(`${READ} `, "")}`;
      }),
    ],
  ),
  [
    "a share of a flag that is on or off",
    (of) => {
      of.rollout.flags[WRITE] = { kind: "boolean", requires: [{ flag: READ, atLeast: 50 }] };
      of.stageB.flags = { [READ]: true, [WRITE]: false };
      of.stageA.flags = { [READ]: true, [WRITE]: false };
    },
    [
      `baseline › cutover:rollout › flags › ${WRITE}: requires ${READ} at 50 or more, but that is a boolean. Write requires: [${READ}]`,
      "stageB › cutover:stage › flags: are the same as the predecessor's. A stage raises at least one flag over its predecessor, or lowers one that it contracts",
    ],
  ],
];

const lineCases: Case[] = [
  [
    "a predecessor that does not exist",
    (of) => {
      of.stageB.predecessor = "stageX";
    },
    [
      "stageB › cutover:stage › predecessor: names stageX, for which there is no stack file with a cutover:stage. Known stages: baseline, stageA, stageB",
    ],
  ],
  [
    "a stage without predecessor",
    (of) => {
      of.stageB = { flags: { [READ]: false, [WRITE]: false } };
    },
    [
      "stageB › cutover:stage › predecessor: is missing. Name the stage before this one; only baseline, which declares the rollout, has none",
    ],
  ],
  [
    "stages in a circle",
    (of) => {
      of.stageA.predecessor = "stageB";
      of.stageA.entry = { A2: soak };
      of.stageB.soak = "48h";
    },
    [
      "stageA › cutover:stage › predecessor: stageA and stageB follow each other in a circle. Let the chain of predecessors end at baseline",
      "stageA › cutover:stage › flags › OPS_VIEW_DB_WRITE: is lower than in stageB, and the stage does not say so. Leave it where it is, or write contracts: [OPS_VIEW_DB_WRITE], if it is meant to come down in this step",
    ],
  ],
  [
    "a stage that follows itself",
    (of) => {
      of.stageB.predecessor = "stageB";
    },
    [
      "stageB › cutover:stage › predecessor: is the stage itself. Let the chain of predecessors end at baseline",
    ],
  ],
  [
    "two stages after one",
    (of) => {
      of.stageB.predecessor = "baseline";
    },
    [
      "stageB › cutover:stage › predecessor: stageA and stageB both follow baseline. Put the stages in one line: each follows another",
      "stageB › cutover:stage › entry › B2: waits for nothing: neither the gate nor baseline says how long. Write atLeast here, or soak in baseline",
    ],
  ],
  [
    "a first stage with a predecessor",
    (of) => {
      of.baseline.predecessor = "stageB";
    },
    [
      "baseline › cutover:stage › predecessor: is stageB, but baseline declares the rollout and so is the first stage. Remove predecessor, or move cutover:rollout to the first stage's stack",
    ],
  ],
  [
    "a first stage that follows itself",
    (of) => {
      of.baseline.predecessor = "baseline";
    },
    [
      "baseline › cutover:stage › predecessor: is baseline, but baseline declares the rollout and so is the first stage. Remove predecessor, or move cutover:rollout to the first stage's stack",
    ],
  ],
  [
    "gates and thresholds on the first stage",
    (of) => {
      of.baseline.entry = { H1: sql };
      of.baseline.abort = { XH1: alarm };
    },
    [
      "baseline › cutover:stage › entry: the first stage cannot have one: it raises nothing. Move the gates to this stage's exit, or to the next stage's entry",
      "baseline › cutover:stage › abort: the first stage cannot have one: it raises nothing. Move the thresholds to the stage that raises the flag",
    ],
  ],
  [
    "a soak that no gate waits for",
    (of) => {
      of.stageB.entry = {};
    },
    [
      "stageB › cutover:stage › entry: has no gate with source: soak, though stageA soaks for 24h. Add one under the row's id",
    ],
  ],
  [
    "a stage that another follows, without a soak",
    (of) => {
      delete of.stageA.soak;
    },
    [
      "stageA › cutover:stage › soak: is missing, though stageB follows. Say how long the stage must have been live before the next one, such as soak: 24h",
    ],
  ],
];

const rowCases: Case[] = [
  [
    "a row declared twice, in two stages",
    (of) => {
      of.stageB.entry = { B2: soak, A3: sql };
    },
    [
      "stageB › cutover:stage › entry › A3: the row id A3 is used twice, first at stageA › cutover:stage › entry › A3. Row ids are unique in a rollout: reports and alarms are named by them",
    ],
  ],
  [
    "a row declared twice, as gate and as alarm",
    (of) => {
      of.stageA.abort = { A3: alarm };
    },
    [
      "stageA › cutover:stage › abort › A3: the row id A3 is used twice, first at stageA › cutover:stage › entry › A3. Row ids are unique in a rollout: reports and alarms are named by them",
    ],
  ],
  [
    "a SQL gate without a database",
    (of) => {
      of.rollout.database = undefined;
    },
    [
      "stageA › cutover:stage › entry › A3 › source: needs a database, and the rollout declares none. Add database: to cutover:rollout",
    ],
  ],
  [
    "a parameter that nobody declared",
    (of) => {
      of.stageA.exit = { E2: { ...sql, values: ["{workspace}", "{tenant}", "{tenant}/{toString}"] } };
    },
    [
      "stageA › cutover:stage › exit › E2: names the parameter {tenant}, which is not declared. Add it to parameters: of cutover:rollout, or correct the name",
      "stageA › cutover:stage › exit › E2: names the parameter {toString}, which is not declared. Add it to parameters: of cutover:rollout, or correct the name",
    ],
  ],
  [
    "a soak gate that waits for nothing",
    (of) => {
      of.stageA.entry = { A2: soak };
    },
    [
      "stageA › cutover:stage › entry › A2: waits for nothing: neither the gate nor baseline says how long. Write atLeast here, or soak in baseline",
    ],
  ],
];

describe("assemble", () => {
  it("puts sound stacks together, in the order of their predecessors", () => {
    const result = assemble(stacks(sound()), locate);
    expect(result.ok && result.rollout.stages.map((stage) => stage.name)).toEqual([
      "baseline",
      "stageA",
      "stageB",
    ]);
    expect(result.ok && result.rollout).toMatchObject({
      name: "ops-view",
      parameters: { workspace: "ws-ops" },
    });
  });

  it("does not depend on the order of the files", () => {
    const inOrder = assemble(stacks(sound()), locate);
    fc.assert(
      fc.property(fc.shuffledSubarray(stacks(sound()), { minLength: 3 }), (shuffled) => {
        expect(assemble(shuffled, locate)).toEqual(inOrder);
      }),
    );
  });

  it("takes an inverted percentage, and a rollout of one stage", () => {
    const one = {
      stack: "baseline",
      rollout: rolloutConfig.parse({ name: "x", flags: { V1: { kind: "percentage", off: 100 } } }),
      stage: stageConfig.parse({ flags: { V1: 100 } }),
    };
    expect(assemble([one], locate).ok).toBe(true);
  });

  test.each([...flagCases, ...lineCases, ...rowCases])("reports %s", (_, change, expected) => {
    const of = sound();
    change(of);
    expect(problems(stacks(of))).toEqual(expected);
  });

  it("refuses flags that require each other through a share", () => {
    const of = sound();
    of.rollout.flags = {
      [READ]: { kind: "percentage", requires: [WRITE] },
      [WRITE]: { kind: "boolean", requires: [{ flag: READ, atLeast: 100 }] },
    };
    of.baseline.flags = { [READ]: 0, [WRITE]: false };
    of.stageA.flags = { [READ]: 50, [WRITE]: false };
    of.stageB.flags = { [READ]: 100, [WRITE]: true };
    expect(problems(stacks(of)).filter((problem) => problem.includes("requires itself"))).toHaveLength(2);
  });

  it("reports the same problems whatever the order of the files", () => {
    for (const [what, change] of [...flagCases, ...rowCases]) {
      const of = sound();
      change(of);
      // Which of two rows counts as the second depends on the order; that there is one does not.
      const count = problems(stacks(of)).length;
      expect(problems(stacks(of).reverse()), what).toHaveLength(count);
    }
  });

  it("reports what is wrong in several stacks at once", () => {
    const of = sound();
    for (const [, change] of [flagCases[1], flagCases[5], lineCases[8], rowCases[2], rowCases[3]] as Case[])
      change(of);
    const all = problems(stacks(of)).join("\n");
    for (const part of [
      "off must be 0 or 100",
      "WRITES",
      "no gate with source: soak",
      "needs a database",
      "{tenant}",
    ])
      expect(all).toContain(part);
  });

  it("refuses stacks of which none declares the rollout", () => {
    expect(problems(stacks(sound()).slice(1))).toEqual([
      ": no stack declares cutover:rollout. Declare it in the first stage's stack file, such as Pulumi.baseline.yaml",
    ]);
    expect(problems([])).toHaveLength(1);
  });

  it("refuses a rollout that two stacks declare", () => {
    const [first, second, third] = stacks(sound()) as [StackConfig, StackConfig, StackConfig];
    expect(problems([first, { ...second, rollout: first.rollout }, third])).toEqual([
      "stageA › cutover:rollout: the rollout is declared twice: baseline declares it too. Keep it in the first stage's stack only",
    ]);
  });

  it("refuses a rollout whose own stack is no stage", () => {
    const [first, ...rest] = stacks(sound()) as [StackConfig, ...StackConfig[]];
    expect(problems([{ ...first, stage: undefined }, ...rest])).toContain(
      "baseline › cutover:stage: is missing. Declare the first stage beside cutover:rollout, with every flag at its off value",
    );
  });

  it("refuses a stack whose name cannot become part of a resource's name", () => {
    const [first, second, third] = stacks(sound()) as [StackConfig, StackConfig, StackConfig];
    expect(problems([first, second, { ...third, stack: "Stage_B" }])).toEqual([
      "Stage_B › cutover:stage: cannot be a stage under this name. Rename the stack: a lower-case letter, then up to 31 letters, digits or dashes",
    ]);
  });
});
