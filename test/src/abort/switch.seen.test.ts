import { describe, expect, test } from "vitest";
import { handleEvent } from "../../../src/abort/switch";
import { codeDigest } from "../../../src/flags/acknowledged";
import { BOTH, config, eventOf, message, OFF, READ, World } from "./switchWorld";

const LINE = /To say that you saw this: npm run cutover -- ack --rollout ops-view ([0-9A-Z]{5}-[0-9A-Z]{5})$/;
const digestOf = (text: string | undefined) =>
  codeDigest({ rollout: "ops-view", stage: "stageB" }, LINE.exec(text ?? "")?.[1] ?? "");

describe("the page of an alarm that rolls back", () => {
  test("ends with the line that says somebody saw it; its code stands in no other place", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(eventOf(message()), config, world);
    const [page] = world.to("on-call");
    const code = LINE.exec(page?.text ?? "")?.[1] ?? "";
    expect(code).not.toBe("");
    const { note } = world.store.deployments.at(-1) ?? {};
    expect(note).toMatchObject({ kind: "abort", row: "XB1", digest: digestOf(page?.text) });
    const others = world.sent.filter(({ topic }) => topic !== "on-call");
    expect(others.length).toBeGreaterThan(0);
    expect(JSON.stringify([world.store.deployments, world.logged, others])).not.toContain(code);
  });

  test("has it also where the flags were down: the stop carries its digest", async () => {
    const world = new World(OFF, READ);
    await handleEvent(eventOf(message()), config, world);
    expect(world.store.deployments.at(-1)?.note).toMatchObject({
      kind: "stop",
      digest: digestOf(world.to("on-call")[0]?.text),
    });
  });

  test("delivered again it has none: the ledger keeps the code of the first", async () => {
    const world = new World(OFF, READ, BOTH);
    await handleEvent(eventOf(message()), config, world);
    await handleEvent(eventOf(message()), config, world);
    const [first, again] = world.to("on-call");
    expect(world.store.deployments.at(-1)?.note?.digest).toBe(digestOf(first?.text));
    expect(again?.text).toContain("Next:");
    expect(again?.text).not.toContain("To say that you saw this");
  });

  test.each<[string, () => Promise<never>]>([
    ["cannot be read", () => Promise.reject(new Error("throttled"))],
    ["does not answer", () => new Promise<never>(() => undefined)],
  ])("comes without it, and soon, where the ledger %s", async (_, entry) => {
    const world = new World(OFF, READ, BOTH);
    const { deploy } = world.store;
    world.store.deploy = async (...asked) => {
      const result = await deploy.apply(world.store, asked);
      world.store.entry = entry;
      return result;
    };
    const began = Date.now();
    await handleEvent(eventOf(message()), config, world);
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(world.to("on-call")[0]?.subject).toBe("Rolled back: ops-view stageB XB1");
    expect(world.to("on-call")[0]?.text).not.toContain("To say that you saw this");
  });
});
