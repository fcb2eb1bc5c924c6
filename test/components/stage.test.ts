import { describe, expect, test } from "vitest";
import { secretOf } from "./engine";
import { alarm, rollout } from "./rollout";
import { declareStage, HELD, raising, seenAtFlip, settled, takenDown } from "./stageRun";

const VERSION = "HostedConfigurationVersion stageB-flags";
const FLIP = "Stash stageB-flip";
const RECORD = "Stash stageB-record";
const ALARMS = ["MetricAlarm stageB-XB1", "MetricAlarm stageB-XB2"];
/** All of the switch that must stand before it can be relied on. */
const READY = [
  "MetricAlarm stageB-abort-dlq",
  "MetricAlarm stageB-abort-errors",
  "MetricAlarm stageB-abort-throttles",
  "TopicPolicy stageB-abort-topic",
  "TopicSubscription stageB-abort-topic",
];
const GUARDS = [...ALARMS, ...READY];
const SNAPSHOT = "Snapshot stageB-snapshot";
const SWITCH = "AbortSwitch stageB-abort";
const DASHBOARD = "Dashboard stageB-dashboard";
const LATCH = "Stash stageB-to-destroy-run-cutover-abort-then-pulumi-up";
const ALL = [LATCH, "Stage stageB", SWITCH, ...ALARMS, SNAPSHOT, VERSION, FLIP, RECORD, DASHBOARD];

const withSnapshot = (snapshot: object | undefined) => rollout({}, { stageB: { snapshot } });

test("declares exactly these resources, all of them its children", async () => {
  for (const promotion of [raising(), undefined]) {
    const { all } = await declareStage({ promotion });
    // What the switch consists of has a test of its own.
    const own = all.filter(({ parent }) => parent !== SWITCH);
    expect(own.map(({ label, parent }) => [label, parent]).sort()).toEqual(
      ALL.map((label) => [label, label === "Stage stageB" ? "Stack" : "Stage stageB"]).sort(),
    );
  }
});

test("does without alarms and snapshot where config declares none", async () => {
  const { labels } = await declareStage({
    spec: rollout({}, { stageB: { abort: {}, snapshot: undefined } }),
  });
  expect([...labels].sort()).toEqual(["Stage stageB", LATCH, VERSION, FLIP, RECORD, DASHBOARD].sort());
});

describe("of a finished rollout", () => {
  const messages = {
    C1: { title: "Before", to: ["ops"], when: "before" },
    C2: { title: "Later", to: ["ops"], when: { after: "24h" }, soakSummary: false },
    C4: { title: "Fully enabled", to: ["ops"], when: "finish", soakSummary: true },
  };
  const spec = rollout({}, { stageB: { messages } });

  test("what watches and what speaks is gone; flags, evidence, and whom nobody tells twice stay", async () => {
    const { labels } = await declareStage({ spec, finished: true });
    expect([...labels].sort()).toEqual(
      [
        "Stage stageB",
        LATCH,
        "Messages stageB-messages",
        "LogGroup stageB-messages-sent",
        SNAPSHOT,
        VERSION,
        FLIP,
        RECORD,
      ].sort(),
    );
    const before = await declareStage({ spec });
    expect(before.labels).toEqual(
      expect.arrayContaining([SWITCH, DASHBOARD, "Function stageB-messages-messages"]),
    );
  });

  test("what stays is the same as before, so that its flags stay", async () => {
    const [before, after] = [await declareStage({ spec }), await declareStage({ spec, finished: true })];
    for (const label of ["Stage stageB", SNAPSHOT, VERSION, FLIP, RECORD, "LogGroup stageB-messages-sent"])
      expect(after.one(label).inputs).toEqual(before.one(label).inputs);
  });
});

describe("tells policies", () => {
  test("the whole stage, in plain values", async () => {
    const spec = rollout({}, { stageB: { attempt: 2, soak: "48h" } });
    const promotion = raising();
    const { inputs } = (await declareStage({ spec, promotion })).one("Stage stageB");
    expect(inputs).toEqual(
      JSON.parse(
        JSON.stringify({
          rollout: "ops-view",
          stage: "stageB",
          attempt: 2,
          flags: { READ: true, WRITE: true },
          flagSpecs: spec.flags,
          predecessor: { stage: "stageA", flags: { READ: true, WRITE: false }, soak: "24h" },
          isLast: true,
          soak: "48h",
          gates: { entry: ["B2"], predecessorExit: ["E2"] },
          abort: spec.stages[2]?.abort,
          snapshot: { instance: "ops-db" },
          promotion,
        }),
      ),
    );
  });

  test("which of its gates show that the data can be had back", async () => {
    const soak = { source: "soak", title: "It has soaked", atLeast: "1h" };
    const kept = { source: "backup", title: "A dump is whole", maxAge: "24h", minPercent: 80 };
    const proven = { source: "restored", title: "One came back", maxAge: "30d" };
    const seen = async (entry: object) =>
      (await declareStage({ spec: rollout({}, { stageB: { entry } }) })).one("Stage stageB").inputs
        .dataKeptBy;
    expect(await seen({ B2: soak, B7: kept, B8: proven })).toEqual(["B7"]);
    expect(await seen({ B2: soak, B8: proven })).toBeUndefined();
  });

  test("what it contracts, and what any stage does, where one does", async () => {
    const spec = rollout({}, { stageB: { flags: { READ: false, WRITE: true }, contracts: ["READ"] } });
    const told = async (stage: string) => (await declareStage({ spec, stage })).one(`Stage ${stage}`).inputs;
    expect(await told("stageA")).toMatchObject({ contracts: [], contracted: ["READ"] });
    expect(await told("stageB")).toMatchObject({ contracts: ["READ"], contracted: ["READ"] });
  });

  test("which stage another one follows", async () => {
    const { inputs } = (await declareStage({ stage: "stageA" })).one("Stage stageA");
    expect(inputs).toMatchObject({ isLast: false, predecessor: { stage: "baseline" } });
    expect(inputs.gates).toEqual({ entry: [], predecessorExit: [] });
    for (const absent of ["snapshot", "promotion"]) expect(inputs).not.toHaveProperty(absent);
    expect(inputs.predecessor).not.toHaveProperty("soak");
  });

  test("whether anything is promoted", async () => {
    const ignored = async (promotion?: ReturnType<typeof raising>) =>
      (await declareStage({ promotion })).one("Stage stageB").ignoreChanges;
    expect(await ignored()).toEqual(["promotion"]);
    expect(await ignored(raising())).toEqual([]);
  });
});

describe("a promotion goes in order", () => {
  test("the switch, its alarms, snapshot, version, flip, record", async () => {
    const { one } = await declareStage({ promotion: raising() });
    for (const alarm of ALARMS) expect(one(alarm).dependsOn).toEqual(["Topic stageB-abort", ...READY].sort());
    expect(one(SNAPSHOT).dependsOn).toEqual(GUARDS);
    expect(one(VERSION).dependsOn).toEqual([...GUARDS, SNAPSHOT].sort());
    expect(one(FLIP).dependsOn).toEqual([VERSION]);
    expect(one(RECORD).dependsOn).toEqual([FLIP]);
  });

  test("alarms come before the flags also without a snapshot", async () => {
    const { one } = await declareStage({ promotion: raising(), spec: withSnapshot(undefined) });
    expect(one(VERSION).dependsOn).toEqual(GUARDS);
  });

  test("what counts a log's lines, and what follows somebody's alarm, come before the flags, too", async () => {
    const bare = { metric: undefined, missingData: undefined };
    const logs = { group: "/ecs/ops", pattern: "lost" };
    const abort = {
      XB1: alarm({ ...bare, logs }),
      XB2: alarm({ ...bare, threshold: undefined, alarm: "lag" }),
    };
    const spec = rollout({}, { stageB: { abort, snapshot: undefined } });
    const { one } = await declareStage({ promotion: raising(), spec });
    const follows = "CompositeAlarm stageB-XB2";
    const guards = ["MetricAlarm stageB-XB1", "LogMetricFilter stageB-XB1-lines", follows, ...READY];
    expect(one(VERSION).dependsOn).toEqual(guards.sort());
    const { widgets } = JSON.parse(String(one(DASHBOARD).inputs.dashboardBody));
    const { properties } = widgets.find(({ type }: { type: string }) => type === "alarm");
    // Both, and the three that watch the switch; a filter is no alarm.
    expect(properties.alarms).toHaveLength(5);
  });

  test("nothing waits for the record, but for the latch", async () => {
    for (const promotion of [raising(), undefined]) {
      const { all } = await declareStage({ promotion });
      const waiting = all.filter(({ dependsOn }) => dependsOn.includes(RECORD));
      expect(waiting.map(({ label }) => label)).toEqual([LATCH]);
    }
  });
});

describe("a destroy comes upon the latch first", () => {
  test.each([true, false])(
    "which is protected while the flags may be live (%s), and nothing else is",
    async (protect) => {
      const { all, one } = await declareStage({ protect });
      const held = all.filter((resource) => resource.protect).map(({ label }) => label);
      expect(held.sort()).toEqual(protect ? [LATCH, "Stage stageB"].sort() : []);
      expect(one(LATCH).inputs.input).toContain(
        "npm run cutover -- abort --rollout ops-view --region eu-central-1 -s stageB",
      );
    },
  );

  test.each([
    ["raises", raising()],
    ["changes no flag", undefined],
  ])("since it depends on whatever else there is, where the stage %s", async (_, promotion) => {
    const messages = { C4: { title: "Fully enabled", to: ["ops"], when: { after: "48h" } } };
    const { all, one } = await declareStage({ promotion, spec: rollout({}, { stageB: { messages } }) });
    const reached = new Set<string>();
    for (const queue = [LATCH]; queue.length > 0; )
      for (const label of one(queue.pop() ?? "").dependsOn)
        if (!reached.has(label)) queue.push(label) && reached.add(label);
    const missed = all.map(({ label }) => label).filter((label) => label !== LATCH && !reached.has(label));
    expect(missed.filter((label) => !/^(Stage|AbortSwitch|Messages|Probe) /.test(label))).toEqual([]);
  });
});

describe("the snapshot", () => {
  test("is one of the instance, by a name of the attempt's own", async () => {
    const spec = rollout({}, { stageB: { attempt: 3 } });
    expect((await declareStage({ spec, promotion: raising() })).one(SNAPSHOT).inputs).toEqual({
      dbInstanceIdentifier: "ops-db",
      dbSnapshotIdentifier: "ops-view-stageb-attempt-3",
    });
  });

  test("is one of the cluster, where that is what config names", async () => {
    const spec = withSnapshot({ cluster: "ops-cluster" });
    const { one, ofType } = await declareStage({ spec, promotion: raising() });
    expect(ofType("aws:rds/snapshot:Snapshot")).toEqual([]);
    const snapshot = one("ClusterSnapshot stageB-snapshot");
    expect(snapshot.inputs).toEqual({
      dbClusterIdentifier: "ops-cluster",
      dbClusterSnapshotIdentifier: "ops-view-stageb-attempt-1",
    });
    expect(snapshot.dependsOn).toEqual(GUARDS);
    expect(one(VERSION).dependsOn).toContain("ClusterSnapshot stageB-snapshot");
  });

  test.each([
    ["Snapshot", { instance: "ops-db" }],
    ["ClusterSnapshot", { cluster: "ops-cluster" }],
  ])("outlives the stack, and may take an hour: %s", async (type, source) => {
    const snapshot = (await declareStage({ spec: withSnapshot(source), promotion: raising() })).one(
      `${type} stageB-snapshot`,
    );
    expect(snapshot.retainOnDelete).toBe(true);
    // The next attempt replaces it, which the engine refuses for what is protected.
    expect(snapshot.protect).toBe(false);
    expect(snapshot.createTimeout).toBe("60m");
  });
});

describe("the flags", () => {
  test("are one whole document, spelt the same each time", async () => {
    const { content, ...inputs } = (await declareStage({ promotion: raising() })).one(VERSION).inputs;
    expect(secretOf(content)).toBe('{"READ":true,"WRITE":true}');
    expect(inputs).toEqual({
      applicationId: "app1",
      configurationProfileId: "prof1",
      contentType: "application/json",
      description: "stageB, attempt 1",
    });
  });

  test("stay readable for servers while a new version comes: the old one is kept", async () => {
    for (const promotion of [raising(), undefined])
      expect((await declareStage({ promotion })).one(VERSION).retainOnDelete).toBe(true);
  });

  test("are deployed once an attempt, in each flag store", async () => {
    const spec = rollout({}, { stageB: { attempt: 2 } });
    const flip = (await declareStage({ spec, promotion: raising() })).one(FLIP);
    expect(flip.inputs).toEqual({ input: { version: 7, attempt: 2 } });
    expect(flip.replacementTrigger).toBe("2/app1/env1");
  });
});

describe("what is not promoted is not touched", () => {
  // `contentType` never changes. All else must be left alone, also what comes from the foundation's stack.
  test.each([
    [VERSION, undefined, ["contentType"]],
    [FLIP, undefined, []],
    [RECORD, undefined, []],
    [SNAPSHOT, undefined, []],
    ["ClusterSnapshot stageB-snapshot", { cluster: "ops-cluster" }, []],
  ])("%s", async (label, snapshot, constant) => {
    const spec = snapshot ? withSnapshot(snapshot) : rollout();
    const still = (await declareStage({ spec })).one(label);
    const open = Object.keys(still.inputs).filter((key) => !still.ignoreChanges.includes(key));
    expect(open).toEqual(constant);
    expect(still.ignoreChanges.filter((key) => !Object.hasOwn(still.inputs, key))).toEqual([]);
    const promoted = (await declareStage({ spec, promotion: raising() })).one(label);
    expect(promoted.ignoreChanges).toEqual([]);
  });

  test("alarms follow config at any time: they change no flag", async () => {
    for (const alarm of ALARMS) expect((await declareStage()).one(alarm).ignoreChanges).toEqual([]);
  });
});

describe("the record", () => {
  test("is the evidence at the flip, not what was measured before the snapshot, and what it was held to", async () => {
    const { one, outputs } = await declareStage({ promotion: raising() });
    const record = { attempt: 1, atFlip: seenAtFlip(), settlement: null, heldTo: HELD };
    expect(one(RECORD).inputs).toEqual({ input: record });
    expect(outputs.record).toEqual(record);
  });

  test("is replaced by the next attempt only", async () => {
    for (const attempt of [1, 2]) {
      const spec = rollout({}, { stageB: { attempt } });
      expect((await declareStage({ spec, promotion: raising() })).one(RECORD).replacementTrigger).toBe(
        attempt,
      );
      expect((await declareStage({ spec })).one(RECORD).replacementTrigger).toBe(attempt);
    }
  });

  test("is what the state holds, where nothing is promoted", async () => {
    const recorded = { atFlip: seenAtFlip(), settlement: settled() };
    expect((await declareStage({ recorded })).outputs.record).toEqual(recorded);
    // A promotion that came down again is history by then: it fails no later run.
    const down = { atFlip: seenAtFlip(), settlement: takenDown() };
    expect((await declareStage({ recorded: down })).outputs.record).toEqual(down);
  });
});
