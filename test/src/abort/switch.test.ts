import { describe, expect, test } from "vitest";
import { handleEvent } from "../../../src/abort/switch";
import type { AbortConfig, AbortRow } from "../../../src/abort/switchConfig";
import { flagDocument } from "../../../src/flags/document";
import { ACCOUNT, BOTH, config, eventOf, message, OFF, READ, World } from "./switchWorld";

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
    // Nobody is bound to send news at any time, so none is promised.
    expect(notice?.text).toContain(
      "News:         none comes by itself, ask on-call; stageB stays down until it is promoted anew",
    );
    expect(notice?.text).not.toMatch(/UTC/);
    expect(notice?.text).toMatch(/ETA: +not measured yet, restarting 1 service/);
  });

  test("tells how long this rollback takes, by what was measured and what the plan promises", async () => {
    const world = new World(OFF, READ, BOTH);
    world.converged = async () => ({ ms: 41_000, day: "2026-11-20" });
    await handleEvent(eventOf(message()), { ...config, promised: { row: "R2", within: "2m" } }, world);
    expect(world.to("stakeholders")[0]?.text).toMatch(
      /ETA: +every server follows within about 41 s, restarting 1 service, as measured on 2026-11-20; R2 promises < 2m/,
    );
  });

  test("pages before anybody asks how long servers took: a CloudWatch that hangs delays no page", async () => {
    const world = new World(OFF, READ, BOTH);
    const XB1 = { ...(config.alarms["ops-view-stageB-XB1"] as AbortRow), incident: ["ops"] as const };
    const opening = { ...config, alarms: { "ops-view-stageB-XB1": XB1 } };
    await new Promise<void>((asked) => {
      world.converged = () => {
        asked();
        return new Promise(() => undefined);
      };
      void handleEvent(eventOf(message()), opening, world);
    });
    expect(world.sent.map(({ topic, subject }) => [topic, subject])).toEqual([
      ["on-call", "Rolled back: ops-view stageB XB1"],
      ["ops", "Incident opened: ops-view stageB XB1"],
    ]);
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
    const follow = world.follow.bind(world);
    await new Promise<void>((reached) => {
      world.follow = () => {
        reached();
        return new Promise(() => undefined);
      };
      void handleEvent(eventOf(message()), config, world);
    });
    expect(world.sent).toEqual([]);
    world.follow = follow;
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
    expect(world.to("on-call")[0]?.text).toContain("ops/web could not be restarted (no such service)");
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

test("a subject is one line of plain characters, whatever the names are", async () => {
  const world = new World(OFF, READ, BOTH);
  const row = "X".repeat(200);
  const named = {
    ...config,
    alarms: { "ops-view-stageB-XB1": { ...config.alarms["ops-view-stageB-XB1"], row } },
  };
  await handleEvent(eventOf(message({ NewStateReason: "a\nb\t– ü" })), named as AbortConfig, world);
  const [page] = world.to("on-call");
  expect(page?.subject).toMatch(/^[ -~]{99}$/);
  expect(page?.text).toContain("Observed:     a b – ü");
});
