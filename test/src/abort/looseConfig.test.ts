import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { doorsIn, readLoosely } from "../../../src/abort/looseConfig";
import { floorOrOff, rolloutOf } from "../../../src/abort/target";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cutover-loose-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (stack: string, config: unknown) =>
  writeFileSync(
    join(folder, `Pulumi.${stack}.yaml`),
    typeof config === "string" ? config : JSON.stringify({ config }),
  );

function sound() {
  write("baseline", {
    "aws:region": "eu-central-1",
    "cutover:rollout": {
      name: "ops-view",
      flags: { READ: { kind: "boolean" }, OLD: { kind: "boolean", off: true } },
      servers: {
        ecs: [
          { cluster: "ops", service: "web", restart: true },
          { cluster: "ops", service: "api" },
        ],
      },
      delivery: { web: { kind: "ssm", path: "/ops/flags" } },
    },
    "cutover:stage": { flags: { READ: false, OLD: true } },
  });
  write("stageA", {
    "cutover:stage": { predecessor: "baseline", attempt: 3, flags: { READ: true, OLD: true } },
  });
  write("stageB", { "cutover:stage": { predecessor: "stageA", flags: { READ: true, OLD: false } } });
}

test("what an abort needs is read from sound files", () => {
  sound();
  const config = readLoosely(folder);
  expect(config).toMatchObject({ rollout: "ops-view", region: "eu-central-1", problems: [] });
  expect(config.followers).toEqual({ restart: [{ cluster: "ops", service: "web" }], deliver: ["web"] });
  expect(config.stages.get("stageA")).toEqual({
    predecessor: "baseline",
    attempt: 3,
    flags: { READ: true, OLD: true },
  });
  const specs = config.specs ?? {};
  expect(specs.OLD?.off).toBe(true);
  expect(floorOrOff({ stage: "stageB" }, config, specs)).toEqual({ READ: true, OLD: true });
  expect(floorOrOff({ stage: "stageA" }, config, specs)).toEqual({ READ: false, OLD: true });
  expect(floorOrOff({ stage: "baseline" }, config, specs)).toEqual({ READ: false, OLD: true });
  expect(floorOrOff({ stage: "stageB", all: true }, config, specs)).toEqual({ READ: false, OLD: true });
});

test("stages that there is no way back from are read, and one that cannot be is none", () => {
  sound();
  const stage = { predecessor: "stageA", flags: { READ: true, OLD: false } };
  const irreversible = { floor: "stageA", because: "the old path is gone" };
  write("stageB", { "cutover:stage": { ...stage, formerly: ["writes"], irreversible } });
  expect(doorsIn(readLoosely(folder))).toEqual([
    {
      ...{ stage: "stageB", formerly: ["writes"], because: "the old path is gone" },
      ...{ floor: { READ: true, OLD: true }, flags: { READ: true, OLD: false } },
    },
  ]);
  write("stageB", { "cutover:stage": { ...stage, irreversible: { floor: 3 } } });
  expect(doorsIn(readLoosely(folder))).toEqual([]);
  write("baseline", { "cutover:stage": {} });
  expect(doorsIn(readLoosely(folder))).toEqual([]);
});

describe("how far down", () => {
  const LIVE = { READ: true, OLD: true };
  const ALL_OFF = { READ: false, OLD: true };
  test.each<[string, unknown, unknown, object]>([
    ["nobody says", undefined, undefined, LIVE],
    ["the rollout says off", "off", undefined, ALL_OFF],
    ["the stage says off", undefined, "off", ALL_OFF],
    ["the stage says otherwise", "off", "predecessor", LIVE],
    ["what the stage says makes no sense", undefined, "predecesor", ALL_OFF],
    ["what the rollout says makes no sense", 7, undefined, ALL_OFF],
  ])(
    "is as config says, and all the way where that cannot be read: %s",
    (_, ofRollout, ofStage, expected) => {
      sound();
      write("baseline", {
        "cutover:rollout": {
          name: "ops-view",
          flags: { READ: { kind: "boolean" }, OLD: { kind: "boolean", off: true } },
          abortTo: ofRollout,
        },
        "cutover:stage": { flags: ALL_OFF },
      });
      write("stageB", {
        "cutover:stage": { predecessor: "stageA", flags: { READ: true, OLD: false }, abortTo: ofStage },
      });
      const read = readLoosely(folder);
      expect(floorOrOff({ stage: "stageB" }, read, read.specs ?? {})).toEqual(expected);
    },
  );
});

describe("mistakes that stop every promotion", () => {
  test.each([
    [
      "a key nobody knows",
      { "cutover:stage": { predecessor: "stageA", flags: {}, typo: 1 }, "cutover:typo": 1 },
    ],
    [
      "a gate that is wrong",
      { "cutover:stage": { predecessor: "stageA", entry: { B1: { source: "wrong" } } } },
    ],
    ["an attempt that is no number", { "cutover:stage": { predecessor: "stageA", attempt: "two" } }],
  ])("do not stop an abort: %s", (_, config) => {
    sound();
    write("stageB", config);
    const read = readLoosely(folder);
    expect(floorOrOff({ stage: "stageB" }, read, read.specs ?? {})).toEqual({ READ: true, OLD: true });
  });

  test("in another stage's file do not either", () => {
    sound();
    write("stageC", "config: [}");
    write("stageD", { "cutover:stage": "nonsense" });
    const read = readLoosely(folder);
    expect(read.problems).toEqual(["Pulumi.stageC.yaml cannot be read"]);
    expect(floorOrOff({ stage: "stageB" }, read, read.specs ?? {})).toEqual({ READ: true, OLD: true });
  });
});

describe("what cannot be read is never guessed", () => {
  test("a stage's floor", () => {
    sound();
    write("stageA", "config: [}");
    const read = readLoosely(folder);
    expect(() => floorOrOff({ stage: "stageB" }, read, {})).toThrow(
      /flags of stageA cannot be read.*abort --rollout ops-view --all/s,
    );
    expect(() => floorOrOff({ stage: "stageA" }, read, {})).toThrow("Pulumi.stageA.yaml cannot be read");
    expect(() => floorOrOff({ stage: "stageX" }, readLoosely(join(folder, "none")), {})).toThrow(
      /cannot be read/,
    );
  });

  test("the rollout", () => {
    expect(() => rolloutOf({ all: true }, readLoosely(folder))).toThrow(/--rollout/);
    expect(rolloutOf({ rollout: "ops-view" }, readLoosely("/nowhere/at/all"))).toBe("ops-view");
  });

  test("and no text of a broken file is told", () => {
    write("baseline", "config: { cutover:rollout: [hunter2 }");
    expect(readLoosely(folder).problems.join()).not.toContain("hunter2");
  });
});

test("topics of the account's own are read, also where another part of the rollout is broken", () => {
  const arn = "arn:aws:sns:eu-central-1:123456789012:pagers";
  write("baseline", {
    "cutover:rollout": { name: "ops-view", flags: 7, topics: { onCall: { arn }, ops: [] } },
  });
  expect(readLoosely(folder).existing).toEqual({ onCall: arn });
});

test.each<[to: string, expected: object | RegExp]>([
  ["baseline", { READ: false, OLD: true }],
  ["predecessor", { READ: true, OLD: true }],
  ["off", { READ: false, OLD: true }],
  ["stageB", /stageB is no stage before it \(stageA, baseline\)/],
  ["stageC", /stageC is no stage before it/],
  ["gone", /gone is no stage before it/],
])("by hand leads to %s, or says why not", (to, expected) => {
  const config = { flags: { READ: { kind: "boolean" }, OLD: { kind: "boolean", off: true } } };
  write("baseline", {
    "cutover:rollout": { name: "ops-view", ...config },
    "cutover:stage": { flags: { READ: false, OLD: true } },
  });
  write("stageA", { "cutover:stage": { predecessor: "baseline", flags: { READ: true, OLD: true } } });
  // What config says of it makes no sense, and is no matter.
  const b = { predecessor: "stageA", flags: { READ: true, OLD: false }, abortTo: "stageC" };
  write("stageB", { "cutover:stage": b });
  write("stageC", { "cutover:stage": { ...b, predecessor: "stageB" } });
  const read = readLoosely(folder);
  const floor = () => floorOrOff({ stage: "stageB", to }, read, read.specs ?? {});
  if (expected instanceof RegExp)
    expect(floor).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ what: expect.stringMatching(expected) })],
      }),
    );
  else expect(floor()).toEqual(expected);
  expect(floorOrOff({ stage: "stageB" }, read, read.specs ?? {})).toEqual({ READ: false, OLD: true });
});
