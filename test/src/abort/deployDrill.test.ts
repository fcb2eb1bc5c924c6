import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { abortRows, drillRow } from "../../../src/abort/abortRows";
import { breachOf, type DrillOutcome, deployDrill } from "../../../src/abort/deployDrill";
import { lowerFlags } from "../../../src/abort/lower";
import { handleEvent, type SwitchWorld } from "../../../src/abort/switch";
import type { AbortConfig } from "../../../src/abort/switchConfig";
import type { Converged } from "../../../src/aws/converged";
import { codeDigest } from "../../../src/flags/acknowledged";
import { documentSchema, drillTokenOf, flagDocument, parseDocument } from "../../../src/flags/document";
import { brokenRequirements, type FlagSpecs, type Flags, lowerTo, sameFlags } from "../../../src/flags/flags";
import type { Note } from "../../../src/flags/ledger";
import { rollout } from "../../support/build";
import { MemoryStore } from "./memory";

const BOTH: Flags = { READ: true, WRITE: true };
const READ: Flags = { READ: true, WRITE: false };
const OFF: Flags = { READ: false, WRITE: false };
const ACCOUNT = "123456789012";
const AT = "2026-11-21T10:00:02.000Z";
const BREACH = "2026-11-21T09:59:58.250Z";
const NOW = Date.parse("2026-11-21T10:00:02.400Z");
const specs: FlagSpecs = {
  READ: { kind: "boolean", off: false, requires: [], writes: false },
  WRITE: { kind: "boolean", off: false, requires: ["READ"], writes: true },
};
const xb1 = {
  title: "Writes fail",
  metric: { namespace: "OpsView", name: "Write5xx", statistic: "Sum", period: "10s" },
  threshold: { gt: 0 },
  datapoints: { of: 1, breaching: 1 },
  missingData: "notBreaching",
  action: "rollback",
} as const;
const config: AbortConfig = {
  rollout: "ops-view",
  stage: "stageB",
  attempt: 2,
  specs,
  floor: READ,
  store: { applicationId: "a", environmentId: "e", profileId: "p", strategyId: "s" },
  topicArn: `arn:aws:sns:eu-central-1:${ACCOUNT}:ops-view-stageB-abort`,
  alarms: {
    ...abortRows(rollout(), { name: "stageB", flags: READ, abort: { XB1: xb1 } }),
    ...drillRow("ops-view", "stageB"),
  },
  topics: { onCall: "on-call", ops: "ops", stakeholders: "stakeholders" },
  restart: [{ cluster: "ops", service: "web" }],
};

/** As CloudWatch quotes a data point. */
const reasonOf = (value: string) =>
  `Threshold Crossed: 1 out of the last 1 datapoints [${value} (21/11/26 09:59:50)] was greater than the threshold (0.0) (minimum 1 datapoint for OK -> ALARM transition).`;

const message = (row: "drill" | "XB1", changes: object = {}) => ({
  AlarmName: `ops-view-stageB-${row}`,
  AlarmArn: `arn:aws:cloudwatch:eu-central-1:${ACCOUNT}:alarm:ops-view-stageB-${row}`,
  AWSAccountId: ACCOUNT,
  NewStateValue: "ALARM",
  NewStateReason: reasonOf(String(Date.parse(BREACH))),
  StateChangeTime: AT,
  ...changes,
});
const eventOf = (...bodies: object[]) => ({
  Records: bodies.map((body) => ({
    EventSource: "aws:sns",
    Sns: { TopicArn: config.topicArn, Message: JSON.stringify(body) },
  })),
});

interface Sent {
  readonly topic: string;
  readonly subject: string;
  readonly text: string;
}

class World implements SwitchWorld {
  readonly sent: Sent[] = [];
  readonly restarted: string[] = [];
  readonly store: MemoryStore & { note(deployment: number): Promise<Note | undefined> };
  constructor(
    live: readonly (Flags | string)[],
    options: ConstructorParameters<typeof MemoryStore>[0] = {},
    private readonly time = NOW,
  ) {
    const store = new MemoryStore(options);
    for (const flags of live) store.promote(flags);
    this.store = Object.assign(store, {
      note: async (deployment: number) => store.deployments[deployment - 1]?.note,
    });
  }
  async publish(topic: string, { subject, text }: { subject: string; text: string }) {
    this.sent.push({ topic, subject, text });
  }
  async follow({ restart }: Parameters<SwitchWorld["follow"]>[0]) {
    this.restarted.push(...restart.map(({ service }) => service));
    return restart.map(({ service }) => ({ how: "restart" as const, name: service }));
  }
  readonly logged: object[] = [];
  log(entry: object) {
    this.logged.push(entry);
  }
  schedule = async () => {};
  decisions = async () => new Set<string>();
  keep = async () => {};
  converged = async (): Promise<Converged | undefined> => undefined;
  now = () => this.time;
}

const flagsOf = (document = "") => {
  const parsed = parseDocument(specs, document);
  return parsed.ok ? parsed.flags : undefined;
};

describe("a drill", () => {
  test("deploys the same flags with its token, and says in the first words that nothing is wrong", async () => {
    const world = new World([OFF, READ, BOTH]);
    await handleEvent(eventOf(message("drill")), config, world);
    expect(world.store.live).toBe(`{"READ":true,"WRITE":true,"_cutover":{"drill":"${AT}"}}`);
    expect(world.store.deployments.at(-1)?.note).toMatchObject({
      cutover: 1,
      rollout: "ops-view",
      kind: "drill",
      stage: "stageB",
      attempt: 2,
      token: AT,
      breachAt: BREACH,
      digest: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(world.restarted).toEqual([]);
    expect(world.sent.map(({ topic }) => topic)).toEqual(["on-call"]);
    const [page] = world.sent;
    expect(page?.subject).toBe("Drill, nothing is wrong: ops-view stageB");
    expect(page?.text).toMatch(/^ops-view stageB: a drill of the alarm path. No flag changes.\n/);
    expect(page?.text).toMatch(
      /Done: +deployed 4, the same flags, in \d+ ms\nFlags: +READ true, WRITE true\n/,
    );
    const code = /ack --rollout ops-view (\S+)$/.exec(page?.text ?? "")?.[1] ?? "";
    expect(code).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    const { note } = world.store.deployments.at(-1) ?? {};
    expect(note?.digest).toBe(codeDigest({ rollout: "ops-view", stage: "stageB" }, code));
    expect(JSON.stringify([world.store.deployments, world.logged])).not.toContain(code);
  });

  test("replaces the token of the one before it", async () => {
    const world = new World([BOTH]);
    await handleEvent(eventOf(message("drill")), config, world);
    const StateChangeTime = "2026-11-21T10:00:02.300Z";
    await handleEvent(eventOf(message("drill", { StateChangeTime })), config, world);
    expect(drillTokenOf(world.store.live ?? "")).toBe(StateChangeTime);
    expect(world.store.deployments).toHaveLength(3);
  });

  test("that is delivered twice is deployed once", async () => {
    const world = new World([BOTH]);
    await handleEvent(eventOf(message("drill")), config, world);
    await handleEvent(eventOf(message("drill")), config, world);
    expect(world.store.deployments).toHaveLength(2);
    expect(world.sent.at(-1)?.text).toContain("nothing more: deployment 2 is this drill's");
  });

  test("is forgotten by the abort that follows: its document is the flags alone", async () => {
    const world = new World([BOTH]);
    await handleEvent(eventOf(message("drill")), config, world);
    await handleEvent(eventOf(message("XB1")), config, world);
    expect(world.store.live).toBe(flagDocument(READ));
  });

  test("drills at any flags, also below the stage's own", async () => {
    for (const flags of [OFF, READ]) {
      const world = new World([flags]);
      await handleEvent(eventOf(message("drill")), config, world);
      expect(flagsOf(world.store.live)).toEqual(flags);
      expect(world.store.deployments).toHaveLength(2);
    }
  });

  test.each(["OK", "INSUFFICIENT_DATA"])("that is over (%s) does nothing", async (NewStateValue) => {
    const world = new World([BOTH]);
    await handleEvent(eventOf(message("drill", { NewStateValue })), config, world);
    expect(world.store.calls).toEqual([]);
    expect(world.sent).toEqual([]);
  });
});

describe("a drill is refused, and says so to on-call without an alarm of the switch,", () => {
  test.each<[string, World, RegExp]>([
    ["before anything is live", new World([]), /no flags are live/],
    [
      "with a document that is none",
      new World(["flags: on"]),
      /cannot be used \(it is not JSON\): run cutover abort/,
    ],
    ["with a list for a document", new World(["[]"]), /not a JSON object/],
    ["with a flag of a wrong type", new World(['{"READ":"on","WRITE":false}']), /READ is not a boolean/],
    [
      "with a flag that this switch does not know",
      new World(['{"READ":true,"WRITE":false,"NEW":1e400}']),
      /does not know \(NEW\): bring stageB up again/,
    ],
    ["long after its alarm", new World([BOTH], {}, NOW + 6 * 60_000), /too long ago/],
    ["when AppConfig keeps no more versions", new World([BOTH], { quota: 1 }), /keeps no more versions/],
    [
      "when AppConfig does not take the document",
      new World([BOTH], { accepts: (text) => !text.includes("_cutover") }),
      /does not take the document/,
    ],
  ])("%s", async (_, world, why) => {
    const { live, deployments } = world.store;
    const before = deployments.length;
    await handleEvent(eventOf(message("drill")), config, world);
    expect(world.store.live).toBe(live);
    expect(deployments).toHaveLength(before);
    expect(world.sent.map(({ topic }) => topic)).toEqual(["on-call"]);
    expect(world.sent[0]?.subject).toBe("Drill refused, nothing is wrong: ops-view stageB");
    expect(world.sent[0]?.text).toMatch(why);
  });

  test.each([
    ["under way", { takes: 1_000 }],
    ["baking", { takes: 1_000, brief: false, baking: true }],
  ])("while another deployment is %s", async (_, how) => {
    const world = new World([READ]);
    world.store.promote(BOTH, how);
    await handleEvent(eventOf(message("drill")), config, world);
    expect(world.store.deployments).toHaveLength(2);
    expect(world.sent[0]?.text).toMatch(/nothing: deployment 2 is under way/);
  });

  test("when another deployment comes first", async () => {
    const world = new World([READ]);
    const read = world.store.read.bind(world.store);
    world.store.read = async () => {
      const served = await read();
      if (world.store.deployments.length === 1) world.store.promote(BOTH);
      return served;
    };
    await handleEvent(eventOf(message("drill")), config, world);
    expect(world.store.live).toBe(flagDocument(BOTH));
    expect(world.sent[0]?.text).toMatch(/another deployment came first/);
  });
});

test("a drill that fails is a failure of the switch: an abort would fail likewise", async () => {
  const world = new World([BOTH]);
  world.store.deploy = () => Promise.reject(new Error("AccessDenied"));
  await expect(handleEvent(eventOf(message("drill")), config, world)).rejects.toThrow(/AccessDenied/);
  expect(world.sent[0]?.subject).toBe("DRILL FAILED: ops-view stageB");
});

describe("forged", () => {
  test.each([
    ["for another stage", message("drill", { AlarmName: "ops-view-stageA-drill", AlarmArn: undefined })],
    ["in another account", message("drill", { AWSAccountId: "999999999999" })],
    [
      "in another region",
      message("drill", { AlarmArn: "arn:aws:cloudwatch:x:1:alarm:ops-view-stageB-drill" }),
    ],
    ["at no time", message("drill", { StateChangeTime: "now" })],
  ])("%s it is refused", async (_, body) => {
    const world = new World([BOTH]);
    await expect(handleEvent(eventOf(body), config, world)).rejects.toThrow(/a message was refused/);
    expect(world.store.calls).toEqual([]);
  });

  test("through another topic it is refused", async () => {
    const world = new World([BOTH]);
    const [record] = eventOf(message("drill")).Records;
    const Sns = { ...record?.Sns, TopicArn: "arn:aws:sns:eu-central-1:1:other" };
    await expect(handleEvent({ Records: [{ ...record, Sns }] }, config, world)).rejects.toThrow(
      /it came through/,
    );
    expect(world.store.calls).toEqual([]);
  });

  test("with flags in its words it changes none of them", async () => {
    const world = new World([READ]);
    const body = message("drill", {
      NewStateReason: '{"READ":false,"WRITE":true,"_cutover":{"drill":"x"}}',
      WRITE: true,
      flags: BOTH,
    });
    await handleEvent(eventOf(body), config, world);
    expect(flagsOf(world.store.live)).toEqual(READ);
  });
});

describe("while an abort is needed", () => {
  test.each([
    ["before it", [message("drill"), message("XB1")]],
    ["after it", [message("XB1"), message("drill")]],
  ])("in one event, %s: the flags are down in the end", async (_, bodies) => {
    const world = new World([BOTH]);
    await handleEvent(eventOf(...bodies), config, world);
    expect(flagsOf(world.store.live)).toEqual(READ);
    expect(world.restarted).toEqual(["web"]);
  });

  test("at the same moment, whoever is first", async () => {
    for (const takes of [0, 1, 2, 5]) {
      const world = new World([BOTH], { takes });
      world.store.settle();
      await Promise.all([
        handleEvent(eventOf(message("drill")), config, world),
        handleEvent(eventOf(message("XB1")), config, world),
      ]);
      world.store.settle();
      expect(flagsOf(world.store.live)).toEqual(READ);
    }
  });
});

test.each([
  [
    "CloudWatch's own words",
    reasonOf("1.763719198250E12"),
    "2025-11-21T09:59:58.250Z",
    AT.replace("2026", "2025"),
  ],
  ["a plain number", reasonOf("1795255198250"), BREACH, AT],
  ["the emulator's words", "Threshold Crossed: Maximum 1795255198250.0 GreaterThanThreshold 0", BREACH, AT],
  ["another value", reasonOf("3.0"), undefined, AT],
  ["a moment long before", reasonOf("1795200000000"), undefined, AT],
  ["a moment to come", reasonOf("1795255300000"), undefined, AT],
  ["no number", "Threshold Crossed", undefined, AT],
])("the beginning of a drill is read from %s", (_, reason, expected, at) => {
  expect(breachOf({ reason, at })).toBe(expected);
});

const anyFlags = fc
  .record({ READ: fc.boolean(), WRITE: fc.boolean() })
  .map((flags) => lowerTo(specs, flags, flags));

test("a drill never changes any flag, whatever is live and whatever else happens", async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("promote" as const), to: anyFlags, takes: fc.nat(3), brief: fc.boolean() }),
    fc.record({ do: fc.constant("abort" as const), to: anyFlags }),
    fc.record({ do: fc.constant("drill" as const), waits: fc.boolean() }),
    // A drill is three calls long: what comes in between must be able to.
    fc.constant({ do: "pass" as const }),
  );
  const counted = { deployed: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 10 }), fc.nat(3), async (steps, takes) => {
      const store = new MemoryStore({ takes, schema: documentSchema(specs) });
      store.promote(OFF);
      const running: Promise<unknown>[] = [];
      for (const [index, one] of steps.entries()) {
        await new Promise((resolve) => setImmediate(resolve));
        if (one.do === "pass") continue;
        if (one.do === "promote") store.promote(one.to, one);
        else if (one.do === "abort") {
          const note = { rollout: "ops-view", stage: "stageB", attempt: 1 };
          const limits = { total: 10_000, patience: 2_000, pause: 0.01 };
          running.push(lowerFlags(store, { specs, floor: one.to, note }, limits));
        } else {
          const at = new Date(Date.parse(AT) + index).toISOString();
          const drilled = deployDrill(store, config, { at, reason: "" }, NOW, "K7QM2-XWD9F").then(
            ({ kind }: DrillOutcome) => {
              if (kind === "deployed" || kind === "refused") counted[kind]++;
            },
          );
          running.push(drilled);
          if (one.waits) await drilled;
        }
      }
      await Promise.all(running);
      store.settle();
      let served: Flags | undefined;
      for (const { version, note, state } of store.deployments) {
        const parsed = parseDocument(specs, store.documents[version] ?? "");
        if (!parsed.ok) throw new Error(parsed.problem);
        expect(brokenRequirements(specs, parsed.flags)).toEqual([]);
        if (note?.kind === "drill" && served) expect(sameFlags(specs, parsed.flags, served)).toBe(true);
        if (state === "complete") served = parsed.flags;
      }
    }),
    { numRuns: 300 },
  );
  expect(Math.min(counted.deployed, counted.refused)).toBeGreaterThan(30);
});
