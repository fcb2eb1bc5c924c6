import { describe, expect, test } from "vitest";
import { dismissedKey, type Reminder, remindedKey } from "../../../src/abort/reminder";
import { handleEvent, type SwitchWorld } from "../../../src/abort/switch";
import type { AbortConfig, AbortRow } from "../../../src/abort/switchConfig";
import type { Converged } from "../../../src/aws/converged";
import { flagDocument } from "../../../src/flags/document";
import type { Flags } from "../../../src/flags/flags";
import type { Note } from "../../../src/flags/ledger";
import { MemoryStore } from "./memory";

const BOTH: Flags = { READ: true, WRITE: true };
const READ: Flags = { READ: true, WRITE: false };
const OFF: Flags = { READ: false, WRITE: false };
const ACCOUNT = "123456789012";

const config: AbortConfig = {
  rollout: "ops-view",
  stage: "stageB",
  attempt: 2,
  specs: {
    READ: { kind: "boolean", off: false, requires: [], writes: false },
    WRITE: { kind: "boolean", off: false, requires: ["READ"], writes: true, title: "Patches are written" },
  },
  floor: READ,
  store: { applicationId: "a", environmentId: "e", profileId: "p", strategyId: "s" },
  topicArn: `arn:aws:sns:eu-central-1:${ACCOUNT}:ops-view-stageB-abort`,
  alarms: {
    "ops-view-stageB-XB1": {
      row: "XB1",
      title: "Writes fail",
      action: "rollback",
      limit: "Write5xx: Sum over 10s > 0",
      runbook: "Turn WRITE off",
    },
    "ops-view-stageB-XB4": { row: "XB4", title: "No audit event", action: "page", limit: "MissingAudit > 0" },
  },
  topics: { onCall: "on-call", ops: "ops", stakeholders: "stakeholders" },
  restart: [{ cluster: "ops", service: "web" }],
  newsInMinutes: 60,
};

interface Sent {
  readonly topic: string;
  readonly subject: string;
  readonly text: string;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

class World implements SwitchWorld {
  readonly sent: Sent[] = [];
  readonly restarted: string[] = [];
  readonly logged: object[] = [];
  readonly store: MemoryStore & { note(deployment: number): Promise<Note | undefined> };
  failing: { publish?: string; restart?: boolean; schedule?: boolean; decisions?: boolean } = {};

  constructor(...live: Flags[]) {
    const store = new MemoryStore();
    for (const flags of live) store.promote(flags);
    this.store = Object.assign(store, {
      note: async (deployment: number) => store.deployments[deployment - 1]?.note,
    });
  }
  readonly scheduled: { reminder: Reminder; at: number }[] = [];
  readonly kept = new Set<string>();
  async schedule(reminder: Reminder, at: number) {
    if (this.failing.schedule) throw new Error("throttled");
    this.scheduled.push({ reminder, at });
  }
  async decisions(row: string) {
    if (this.failing.decisions) throw new Error("AccessDenied");
    return new Set([...this.kept].filter((key) => key.startsWith(`${row}/`)));
  }
  async keep(key: string) {
    this.kept.add(key);
  }
  async publish(topic: string, message: Omit<Sent, "topic">) {
    if (this.failing.publish === topic) throw new Error("refused");
    this.sent.push({ topic, ...message });
  }
  async restart(services: Parameters<SwitchWorld["restart"]>[0]) {
    return services.map(({ cluster, service }) => {
      const named = { service: `${cluster}/${service}` };
      if (this.failing.restart) return { ...named, problem: "no such service" };
      this.restarted.push(service);
      return named;
    });
  }
  log(entry: object) {
    this.logged.push(entry);
  }
  converged = async (): Promise<Converged | undefined> => undefined;
  now = () => Date.parse("2026-11-21T10:00:05Z");
  to = (topic: string) => this.sent.filter((one) => one.topic === topic);
}

const message = (changes: object = {}) => ({
  AlarmName: "ops-view-stageB-XB1",
  AlarmArn: `arn:aws:cloudwatch:eu-central-1:${ACCOUNT}:alarm:ops-view-stageB-XB1`,
  AWSAccountId: ACCOUNT,
  NewStateValue: "ALARM",
  NewStateReason: "Threshold Crossed: 1 datapoint [3.0] was greater than the threshold (0.0).",
  StateChangeTime: "2026-11-21T10:00:00.000+0000",
  ...changes,
});
const eventOf = (body: unknown, TopicArn = config.topicArn) => ({
  Records: [
    {
      EventSource: "aws:sns",
      Sns: { TopicArn, Message: typeof body === "string" ? body : JSON.stringify(body) },
    },
  ],
});

describe("an alarm", () => {
  test("brings the flags down, restarts servers, pages, and tells everyone", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(eventOf(message()), config, world);
    expect(world.store.live).toBe(flagDocument(READ));
    expect(world.restarted).toEqual(["web"]);
    expect(world.sent.map(({ topic }) => topic)).toEqual(["on-call", "ops", "stakeholders"]);
    const [page] = world.to("on-call");
    expect(page?.subject).toBe("Rolled back: ops-view stageB XB1");
    const lines = page?.text.split("\n") ?? [];
    expect(lines[0]).toBe("ops-view stageB XB1: Writes fail");
    const expected = [
      "Rollout:      ops-view",
      "Stage:        stageB, attempt 2",
      "Row:          XB1",
      "Observed:     Threshold Crossed: 1 datapoint [3.0] was greater than the threshold (0.0).",
      "Limit:        Write5xx: Sum over 10s > 0",
      "Since:        2026-11-21T10:00:00.000Z",
      "Flags before: READ true, WRITE true",
      "Flags after:  READ true, WRITE false",
      "Runbook:      Turn WRITE off",
    ];
    expect(lines).toEqual(expect.arrayContaining(expected));
    expect(page?.text).toMatch(/Done: +deployed 4, restarts ops\/web, in \d+ ms/);
    expect(page?.text).toMatch(/Next: +To promote again: set attempt to 3 in Pulumi.stageB.yaml/);
    expect(page?.text).toContain("abort --rollout ops-view --all");
    const [notice] = world.to("ops");
    expect(notice?.text).toContain("Scope:        Patches are written: on → off");
    expect(notice?.text).toContain("News:         by 2026-11-21 11:00 UTC");
    expect(notice?.text).toMatch(/ETA: +not measured yet, restarting one service/);
  });

  test("tells how long this rollback takes, by what was measured and what the plan promises", async () => {
    const world = new World(OFF, READ, BOTH);
    world.converged = async () => ({ ms: 41_000, day: "2026-11-20" });
    await handleEvent(eventOf(message()), { ...config, promised: { row: "R2", within: "2m" } }, world);
    expect(world.to("stakeholders")[0]?.text).toMatch(
      /ETA: +every server follows within about 41 s, restarting one service, as measured on 2026-11-20; R2 promises < 2m/,
    );
  });

  test("tells who goes on with the flags of before, where servers could not be restarted", async () => {
    const world = new World(OFF, READ, BOTH);
    world.failing = { restart: true };
    await expect(handleEvent(eventOf(message()), config, world)).rejects.toThrow("could not be restarted");
    expect(world.to("ops")[0]?.text).toMatch(/ETA: +UNKNOWN for ops\/web, which could not be restarted/);
  });

  test("whose row goes further down than the stage does, does so", async () => {
    const world = new World(OFF, READ, BOTH);
    const XB1 = config.alarms["ops-view-stageB-XB1"] as AbortRow;
    const further = { ...config, alarms: { "ops-view-stageB-XB1": { ...XB1, floor: OFF } } };
    await handleEvent(eventOf(message()), further, world);
    expect(world.store.live).toBe(flagDocument(OFF));
    expect(world.to("on-call")[0]?.text).toContain("Flags after:  READ false, WRITE false");
  });

  test("whose row does not go as far down as the stage does, leaves the rest to others", async () => {
    const world = new World(OFF, READ, BOTH);
    const XB1 = config.alarms["ops-view-stageB-XB1"] as AbortRow;
    const lesser = { ...config, floor: OFF, alarms: { "ops-view-stageB-XB1": { ...XB1, floor: READ } } };
    await handleEvent(eventOf(message()), lesser, world);
    expect(world.store.live).toBe(flagDocument(READ));
  });

  test("that comes twice is answered by one deployment; whoever may not have heard hears again", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(eventOf(message()), config, world);
    await handleEvent(eventOf(message()), config, world);
    expect(world.store.deployments).toHaveLength(4);
    expect(world.to("ops")).toHaveLength(2);
  });

  test("that comes later finds the flags down, and says so to on-call only", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(eventOf(message()), config, world);
    const later = message({ StateChangeTime: "2026-11-21T11:00:00.000+0000" });
    await handleEvent(eventOf(later), config, world);
    expect(world.to("on-call").at(-1)?.subject).toBe("Alarm, flags are down already: ops-view stageB XB1");
    expect(world.to("ops")).toHaveLength(1);
    expect(world.restarted).toEqual(["web"]);
  });

  test("whose first answer was cut off after the deployment is told of at the next", async () => {
    const world = new World(OFF, READ, BOTH);
    const restart = world.restart.bind(world);
    world.restart = () => new Promise(() => undefined);
    const killed = handleEvent(eventOf(message()), config, world);
    await Promise.race([killed, new Promise((resolve) => setTimeout(resolve, 50))]);
    expect(world.sent).toEqual([]);
    world.restart = restart;
    await handleEvent(eventOf(message()), config, world);
    expect(world.store.deployments).toHaveLength(4);
    expect(world.restarted).toEqual(["web"]);
    expect(world.sent.map(({ topic }) => topic)).toEqual(["on-call", "ops", "stakeholders"]);
  });

  test("of a row that only pages changes no flag", async () => {
    const world = new World(OFF, READ, BOTH);
    const name = "ops-view-stageB-XB4";
    const AlarmArn = `arn:aws:cloudwatch:eu-central-1:${ACCOUNT}:alarm:${name}`;
    await handleEvent(eventOf(message({ AlarmName: name, AlarmArn })), config, world);
    expect(world.store.live).toBe(flagDocument(BOTH));
    expect(world.store.calls).toEqual([]);
    expect(world.sent).toHaveLength(1);
    expect(world.sent[0]?.text).toContain("this row changes no flag");
    expect(world.sent[0]?.text).toContain(
      "To roll back: npm run cutover -- abort --rollout ops-view -s stageB",
    );
  });

  test.each(["OK", "INSUFFICIENT_DATA"])("that is %s is ignored", async (NewStateValue) => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(eventOf(message({ NewStateValue })), config, world);
    expect(world.store.live).toBe(flagDocument(BOTH));
    expect(world.sent).toEqual([]);
    expect(world.logged).toEqual([{ event: "ignored", alarm: "ops-view-stageB-XB1", state: NewStateValue }]);
  });
});

describe("what fails is told, and stops nothing else", () => {
  test.each(["on-call", "ops", "stakeholders"])("%s cannot be reached", async (topic) => {
    const world = new World(OFF, READ, BOTH);
    world.failing = { publish: topic };
    await expect(handleEvent(eventOf(message()), config, world)).rejects.toThrow(
      `${topic} could not be told`,
    );
    expect(world.store.live).toBe(flagDocument(READ));
    expect(world.sent).toHaveLength(2);
  });

  test("servers cannot be restarted", async () => {
    const world = new World(OFF, READ, BOTH);
    world.failing = { restart: true };
    await expect(handleEvent(eventOf(message()), config, world)).rejects.toThrow(
      "ops/web could not be restarted",
    );
    expect(world.store.live).toBe(flagDocument(READ));
    expect(world.to("on-call")[0]?.text).toContain("could not restart ops/web (no such service)");
  });

  test("the flags cannot be lowered: on-call reads what to do by hand", async () => {
    const world = new World(OFF, READ, BOTH);
    world.store.read = () => Promise.reject(new Error("AccessDenied"));
    await expect(handleEvent(eventOf(message()), config, world)).rejects.toThrow("could not be lowered");
    const [page] = world.to("on-call");
    expect(page?.subject).toBe("ROLLBACK FAILED: ops-view stageB XB1");
    expect(page?.text).toContain(
      "Bring the flags down by hand, now: npm run cutover -- abort --rollout ops-view -s stageB",
    );
    expect(world.to("ops")).toEqual([]);
  });
});

describe("a message that is not this stage's alarm is refused", () => {
  const refused = async (event: unknown) => {
    const world = new World(OFF, READ, BOTH);
    const error = await handleEvent(event, config, world).catch((thrown: Error) => thrown.message);
    expect(world.store.live).toBe(flagDocument(BOTH));
    expect(world.sent).toEqual([]);
    return error;
  };

  test.each([
    ["through another topic", eventOf(message(), "arn:aws:sns:eu-central-1:1:other"), /it came through/],
    [
      "of another stage",
      eventOf(message({ AlarmName: "ops-view-stageA-XA1", AlarmArn: undefined })),
      /none of this/,
    ],
    [
      "named like what objects inherit",
      eventOf(message({ AlarmName: "constructor", AlarmArn: undefined })),
      /none/,
    ],
    ["of another account", eventOf(message({ AWSAccountId: "999999999999" })), /in the account 999999999999/],
    [
      "of another region",
      eventOf(message({ AlarmArn: "arn:aws:cloudwatch:x:1:alarm:y" })),
      /which is not in/,
    ],
    ["without a state", eventOf(message({ NewStateValue: undefined })), /wrong are NewStateValue/],
    ["in an unknown state", eventOf(message({ NewStateValue: "PANIC" })), /wrong are NewStateValue/],
    ["at no time", eventOf(message({ StateChangeTime: "yesterday" })), /wrong are StateChangeTime/],
    ["in plain words", eventOf("turn it off!"), /not JSON/],
    ["empty", eventOf("null"), /no CloudWatch alarm message/],
    ["no record", { Records: [{}] }, /no SNS record/],
    ["nothing", null, /no SNS record/],
    ["no list", { Records: [] }, /no SNS record/],
  ])("%s", async (_, event, reason) => {
    expect(await refused(event)).toMatch(reason);
  });

  test("and the others of the same event are answered", async () => {
    const world = new World(OFF, READ, BOTH);
    const { Records } = eventOf(message());
    await expect(handleEvent({ Records: [{ bad: true }, ...Records] }, config, world)).rejects.toThrow(
      "refused",
    );
    expect(world.store.live).toBe(flagDocument(READ));
  });
});

describe("an incident", () => {
  const opening = (action: "rollback" | "page", topics: AbortRow["incident"]) => {
    const XB1 = config.alarms["ops-view-stageB-XB1"] as AbortRow;
    return { ...config, alarms: { "ops-view-stageB-XB1": { ...XB1, action, incident: topics } } };
  };
  const opened = (world: World) => world.sent.filter(({ attributes }) => attributes?.kind === "incident");

  test("says what, when, which row and how far, and those who read it get no notice beside it", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(eventOf(message()), opening("rollback", ["ops"]), world);
    expect(world.sent.map(({ topic, subject }) => [topic, subject])).toEqual([
      ["on-call", "Rolled back: ops-view stageB XB1"],
      ["ops", "Incident opened: ops-view stageB XB1"],
      ["stakeholders", "Incident: ops-view stageB rolled back"],
    ]);
    const [incident] = opened(world);
    const key = `ops-view-stageB-XB1-${Date.parse("2026-11-21T10:00:00Z")}`;
    expect(incident?.attributes).toEqual({
      kind: "incident",
      incident: key,
      rollout: "ops-view",
      stage: "stageB",
      row: "XB1",
      attempt: "2",
    });
    expect(incident?.text.split("\n")).toEqual([
      "ops-view stageB XB1: Writes fail",
      "",
      `Incident:     ${key}`,
      "What:         Writes fail",
      "Observed:     Threshold Crossed: 1 datapoint [3.0] was greater than the threshold (0.0).",
      "Limit:        Write5xx: Sum over 10s > 0",
      "Since:        2026-11-21T10:00:00.000Z",
      "Row:          XB1 of stageB, attempt 2",
      "Scope:        Patches are written: on → off",
      "Runbook:      Turn WRITE off",
    ]);
  });

  test("is the same one when its alarm is delivered again", async () => {
    const world = new World(OFF, READ, BOTH);
    for (let times = 0; times < 2; times++)
      await handleEvent(eventOf(message()), opening("rollback", ["ops"]), world);
    expect(new Set(opened(world).map(({ attributes }) => attributes?.incident)).size).toBe(1);
  });

  test.each<[string, "rollback" | "page", Flags, RegExp]>([
    [
      "also where the flags were down already",
      "rollback",
      READ,
      /Scope: +the flags were down already, at READ true/,
    ],
    ["also where the row only pages", "page", BOTH, /Scope: +the flags are as they were/],
  ])("is opened %s", async (_, action, live, scope) => {
    const world = new World(OFF, READ, live);
    await handleEvent(eventOf(message()), opening(action, ["stakeholders"]), world);
    expect(opened(world).map(({ topic }) => topic)).toEqual(["stakeholders"]);
    expect(opened(world)[0]?.text).toMatch(scope);
  });

  test("says so where the flags could not be lowered", async () => {
    const world = new World(OFF, READ, BOTH);
    world.store.read = async () => {
      throw new Error("AccessDenied");
    };
    await expect(handleEvent(eventOf(message()), opening("rollback", ["ops"]), world)).rejects.toThrow(
      "AccessDenied",
    );
    expect(opened(world)[0]?.text).toMatch(/Scope: +NOT contained: .*AccessDenied/);
  });
});

describe("a row that needs a decision", () => {
  const AT = "2026-11-21T10:00:00.000Z";
  const XB4 = {
    ...(config.alarms["ops-view-stageB-XB4"] as AbortRow),
    remind: { after: "1h", afterMs: 3_600_000 },
  };
  const deciding = { ...config, alarms: { ...config.alarms, "ops-view-stageB-XB4": XB4 } };
  const fired = message({
    AlarmName: "ops-view-stageB-XB4",
    AlarmArn: `arn:aws:cloudwatch:eu-central-1:${ACCOUNT}:alarm:ops-view-stageB-XB4`,
  });
  const due: Reminder = { cutover: 1, remind: "XB4", at: AT };
  const subjects = (world: World) => world.sent.map(({ subject }) => subject);

  test("pages, says how to decide, and asks to be reminded, counted from the alarm", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(eventOf(fired), deciding, world);
    expect(world.scheduled).toEqual([{ reminder: due, at: Date.parse(AT) + 3_600_000 }]);
    const [page] = world.sent;
    expect(page?.text).toContain('cutover -- abort --rollout ops-view -s stageB --reason "…"');
    expect(page?.text).toContain('cutover -- dismiss --rollout ops-view -s stageB --row XB4 --reason "…"');
    expect(page?.text).toContain("reminded unless either was done within 1h");
    expect(world.store.live).toBe(flagDocument(BOTH));
  });

  test("asks for the same reminder when it is delivered again", async () => {
    const world = new World(OFF, READ, BOTH);
    for (let times = 0; times < 2; times++) await handleEvent(eventOf(fired), deciding, world);
    expect(world.scheduled[1]).toEqual(world.scheduled[0]);
  });

  test("is delivered again where no reminder could be scheduled; the page has gone out", async () => {
    const world = new World(OFF, READ, BOTH);
    world.failing = { schedule: true };
    await expect(handleEvent(eventOf(fired), deciding, world)).rejects.toThrow(
      "no reminder could be scheduled: throttled",
    );
    expect(subjects(world)).toEqual(["Alarm, flags unchanged: ops-view stageB XB4"]);
  });

  test("others ask for none", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(eventOf(message()), deciding, world);
    await handleEvent(eventOf(fired), config, world);
    expect(world.scheduled).toEqual([]);
  });

  test("reminds on-call where nobody decided, once", async () => {
    const world = new World(OFF, READ, BOTH);
    for (let times = 0; times < 2; times++) await handleEvent(due, deciding, world);
    expect(subjects(world)).toEqual(["Decide now: ops-view stageB XB4"]);
    expect(world.sent[0]?.topic).toBe("on-call");
    expect(world.sent[0]?.text).toContain("a decision was due within 1h");
    expect([...world.kept]).toEqual([remindedKey("XB4", AT)]);
    expect(world.store.live).toBe(flagDocument(BOTH));
  });

  const ms = Date.parse(AT);
  test.each<[string, string[], Flags, boolean]>([
    ["dismissed it after it fired", [dismissedKey("XB4", ms + 1)], BOTH, false],
    ["dismissed it as it fired", [dismissedKey("XB4", ms)], BOTH, false],
    ["dismissed an earlier one", [dismissedKey("XB4", ms - 1)], BOTH, true],
    ["dismissed another row", [dismissedKey("XB40", ms + 1), dismissedKey("XB1", ms + 1)], BOTH, true],
    ["was reminded of an earlier one", [remindedKey("XB4", "2026-11-21T09:00:00.000Z")], BOTH, true],
    ["kept nonsense", ["XB4/dismissed/", "XB4/dismissed/x", "XB4"], BOTH, true],
    ["lowered the flags", [], READ, false],
    ["lowered them further", [], OFF, false],
  ])("where somebody %s, reminds accordingly", async (_, kept, live, reminds) => {
    const world = new World(OFF, live);
    for (const key of kept) world.kept.add(key);
    await handleEvent(due, deciding, world);
    expect(world.sent).toHaveLength(reminds ? 1 : 0);
  });

  test("reminds where it cannot be known what was decided, or what is live", async () => {
    const world = new World(OFF, READ, BOTH);
    world.failing = { decisions: true };
    world.store.read = async () => {
      throw new Error("throttled");
    };
    await handleEvent(due, deciding, world);
    expect(world.sent).toHaveLength(1);
    expect(world.logged).toContainEqual(expect.objectContaining({ event: "reminds-all-the-same" }));
  });

  test("fails where on-call could not be told, and reminds at the next call", async () => {
    const world = new World(OFF, READ, BOTH);
    world.failing = { publish: "on-call" };
    await expect(handleEvent(due, deciding, world)).rejects.toThrow("refused");
    world.failing = {};
    await handleEvent(due, deciding, world);
    expect(world.sent).toHaveLength(1);
  });

  test("is not reminded of once its config asks for it no more", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(due, config, world);
    await handleEvent({ ...due, remind: "XX" }, deciding, world);
    expect(world.sent).toEqual([]);
  });

  test.each([
    { ...due, extra: 1 },
    { ...due, at: "now" },
    { remind: "XB4", at: AT },
  ])("a call that is no reminder is refused: %j", async (event) => {
    const world = new World(OFF, READ, BOTH);
    await expect(handleEvent(event, deciding, world)).rejects.toThrow("refused");
    expect(world.sent).toEqual([]);
  });
});

test("a subject is one line of plain characters, whatever the names are", async () => {
  const world = new World(OFF, READ, BOTH);
  const row = "X".repeat(200);
  const named = {
    ...config,
    alarms: { "ops-view-stageB-XB1": { ...config.alarms["ops-view-stageB-XB1"], row } },
  };
  await handleEvent(eventOf(message({ NewStateReason: "a\nb\t– ü" })), named as AbortConfig, world);
  const [page] = world.to("on-call");
  expect(page?.subject).toMatch(/^[ -~]{100}$/);
  expect(page?.text).toContain("Observed:     a b – ü");
});
