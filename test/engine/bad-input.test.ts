import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../sandbox/host/ports";
import { Ground, OFF, outcome, type RunOptions, type StackName, type TestRollout } from "./harness";
import { worldOf } from "./listing";

interface Case {
  readonly name: string;
  /** What is wrong with the stack files, or with the run. */
  readonly wrong?: (rollout: TestRollout) => Promise<void>;
  readonly run?: () => Promise<RunOptions>;
  /** What the message says, so that somebody can act on it. */
  readonly says: readonly (string | RegExp)[];
}

const stage = (...path: string[]) => ["cutover:stage", ...path];

const cases: readonly Case[] = [
  {
    name: "a file that is not YAML",
    wrong: async (rollout) => {
      const file = rollout.file("stageB");
      await writeFile(file, `${await readFile(file, "utf8")}\n  cutover:stage: [\n`);
    },
    says: [/Pulumi\.stageB\.yaml(:\d+)?.*is not YAML/, "Correct the syntax"],
  },
  {
    name: "wrong types, unknown keys and unknown flags, all told at once",
    wrong: async (rollout) => {
      await rollout.edit("stageA", stage("attempt"), "first");
      await rollout.edit("stageA", stage("soak"), "a day");
      await rollout.edit("stageA", stage("soack"), "24h");
      await rollout.edit("stageB", stage("flags", "OPS_VIEW_DB_READ"), 101);
    },
    says: [
      "problems",
      /Pulumi\.stageA\.yaml:\d+ cutover:stage\.attempt/,
      /Pulumi\.stageA\.yaml:\d+ cutover:stage\.soak/,
      /Pulumi\.stageA\.yaml:\d+ cutover:stage\.soack/,
      /Pulumi\.stageB\.yaml:\d+ cutover:stage\.flags\.OPS_VIEW_DB_READ/,
    ],
  },
  {
    name: "a flag that the rollout does not declare",
    wrong: (rollout) => rollout.edit("stageA", stage("flags", "OPS_VIEW_DB_REED"), true),
    says: [/Pulumi\.stageA\.yaml:\d+ cutover:stage\.flags/, "OPS_VIEW_DB_REED"],
  },
  {
    name: "a predecessor that is no stage",
    wrong: (rollout) => rollout.edit("stageB", stage("predecessor"), "stageX"),
    says: [/Pulumi\.stageB\.yaml:\d+ cutover:stage\.predecessor/, "stageX"],
  },
  {
    name: "stages that precede each other",
    wrong: (rollout) => rollout.edit("stageA", stage("predecessor"), "stageB"),
    says: [/Pulumi\.stage[AB]\.yaml/, /cycle|each other|circle|reach/i],
  },
  {
    name: "scaled time while AWS is not on this machine",
    run: async () => ({ env: { AWS_ENDPOINT_URL: "http://192.0.2.1:4566" } }),
    says: [
      "Scaled time is for the sandbox only",
      "AWS_ENDPOINT_URL points elsewhere",
      "Remove cutover:timeScale",
    ],
  },
  {
    name: "AWS that cannot be reached",
    run: async () => ({ env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${await freePort()}` } }),
    says: ["The live flags cannot be read from AppConfig", "ECONNREFUSED", "run the same command again"],
  },
  {
    name: "no AWS region",
    run: async () => ({ env: { AWS_REGION: "" } }),
    says: ["No AWS region is set", "aws:region eu-central-1"],
  },
];

describe("bad input and a world that is not ready", () => {
  let ground: Ground;
  let rollout: TestRollout;

  beforeAll(async () => {
    ground = await Ground.open();
    rollout = await ground.rollout("bad");
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
  });
  afterAll(() => ground?.close());

  for (const { name, wrong, run, says } of cases) {
    it(`${name}: stageA fails with a clear message, and nothing is done`, async () => {
      const undo = await broken(rollout, wrong);
      try {
        await failsClearly(rollout, "stageA", says, await run?.());
      } finally {
        await undo();
      }
    });
  }

  it("a database that cannot be reached: inconclusive, so blocked", async () => {
    const undo = await broken(rollout, async () =>
      rollout.edit("baseline", ["cutover:rollout", "database", "port"], await freePort()),
    );
    const before = await worldOf(rollout);
    const run = await rollout.up("stageA");
    await undo();
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.verdicts.map((verdict) => verdict.outcome)).toEqual([
      "inconclusive",
      "inconclusive",
      "inconclusive",
    ]);
    expect(run.output).toMatch(/A1\s*│\s*INCONCLUSIVE/);
    expect(withoutTraces(run.output)).toBe(run.output);
    expect(await worldOf(rollout)).toEqual(before);
  });

  it("flags that somebody else deployed: refused, and told whose they are", async () => {
    const number = await rollout.deploy(OFF);
    await failsClearly(rollout, "stageA", [`deployment ${number}, which cutover did not make`]);
  });

  it("a foundation that is not up: told to bring it up", async () => {
    const fresh = await ground.rollout("fresh", { stacks: ["baseline", "stageA"] });
    await failsClearly(fresh, "stageA", [
      "The stack baseline, on which all stages stand, is not up",
      "pulumi up -s baseline",
    ]);
  });

  it("a foundation whose stack does not even exist", async () => {
    const first = await ground.rollout("first", { stacks: ["stageA"] });
    await failsClearly(first, "stageA", [/baseline/]);
  });
});

/** Breaks the stack files, and returns how to mend them. */
async function broken(rollout: TestRollout, wrong: Case["wrong"]): Promise<() => Promise<void>> {
  const files = (["baseline", "stageA", "stageB"] as const).map((stack) => rollout.file(stack));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  await wrong?.(rollout);
  return async () => {
    for (const [index, file] of files.entries()) await writeFile(file, texts[index] as string);
  };
}

async function failsClearly(
  rollout: TestRollout,
  stack: StackName,
  says: readonly (string | RegExp)[],
  options: RunOptions = {},
): Promise<void> {
  const before = await worldOf(rollout);
  const run = await rollout.up(stack, options);
  expect(run.code, run.output).not.toBe(0);
  for (const words of says) expect(run.output).toMatch(words);
  expect(withoutTraces(run.output)).toBe(run.output);
  expect(await worldOf(rollout)).toEqual(before);
}

/** What is left once everything that looks like a stack trace is taken out. */
function withoutTraces(output: string): string {
  return output
    .split("\n")
    .filter((line) => !/^\s*at .+[:(]\S*:\d+:\d+\)?$|node_modules|unhandled (exception|error)/.test(line))
    .join("\n");
}
