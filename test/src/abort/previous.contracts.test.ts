import { expect, test } from "vitest";
import { lowerFlags } from "../../../src/abort/lower";
import { previousPhase } from "../../../src/abort/previous";
import { handleEvent } from "../../../src/abort/switch";
import type { AbortConfig, AbortRow } from "../../../src/abort/switchConfig";
import { documentSchema, flagDocument } from "../../../src/flags/document";
import type { FlagSpecs, Flags } from "../../../src/flags/flags";
import { MemoryStore } from "./memory";
import { config, eventOf, message, World } from "./switchWorld";

const plain = { kind: "boolean", off: false, requires: [], writes: false } as const;
const percentage = { ...plain, kind: "percentage", off: 0 } as const;
const states = (...list: string[]) => ({ ...plain, kind: "states", states: list, off: "off" }) as const;

const promoted = (store: MemoryStore, stage: string, flags: Flags, contracts?: string[]) =>
  store.promote(flags, {
    note: { cutover: 1, rollout: "ops-view", kind: "promote", stage, attempt: 1, contracts },
  });

/** The row of stageB rings, which goes one phase down. */
async function ring(world: World, own: Pick<AbortConfig, "specs" | "floor">, lowest: Flags): Promise<void> {
  const [name, row] = Object.entries(config.alarms)[0] as [string, AbortRow];
  const previous = { spanMs: 0, floor: lowest };
  await handleEvent(
    eventOf(message()),
    { ...config, ...own, alarms: { [name]: { ...row, previous } } },
    world,
  );
}

test("a row of a contracting stage takes down what went up again, and only that", async () => {
  const specs = { FILL: plain, READ: percentage };
  const world = new World();
  promoted(world.store, "baseline", { FILL: false, READ: 0 });
  promoted(world.store, "fill", { FILL: true, READ: 0 });
  promoted(world.store, "stageB", { FILL: false, READ: 0 }, ["FILL"]);
  promoted(world.store, "refill", { FILL: true, READ: 0 });
  await ring(world, { specs, floor: { FILL: true, READ: 0 } }, { FILL: false, READ: 0 });
  expect(world.store.live).toBe(flagDocument({ FILL: false, READ: 0 }));
  expect(world.store.deployments.at(-1)?.note).toMatchObject({ kind: "abort", stage: "refill" });
});

test("a row whose own stage's flags were contracted names the phase that came down, and not its own stage", async () => {
  const specs = { FILL: plain, READ: percentage };
  const world = new World();
  promoted(world.store, "baseline", { FILL: false, READ: 0 });
  promoted(world.store, "stageB", { FILL: true, READ: 0 });
  promoted(world.store, "filled", { FILL: false, READ: 0 }, ["FILL"]);
  promoted(world.store, "reads", { FILL: false, READ: 10 });
  await ring(world, { specs, floor: { FILL: false, READ: 0 } }, { FILL: false, READ: 0 });
  expect(world.store.live).toBe(flagDocument({ FILL: false, READ: 0 }));
  expect(world.store.deployments.at(-1)?.note).toMatchObject({ kind: "abort", stage: "reads" });
  const page = world.to("on-call")[0]?.text;
  expect(page).toContain("one phase down: from reads to filled");
  expect(page).toContain("Pulumi.reads.yaml");
  expect(page).not.toContain("Pulumi.stageB.yaml");
});

test("a row takes down by one phase what came up again since its own stage contracted it", async () => {
  const specs = { FILL: plain, READ: percentage };
  const world = new World();
  promoted(world.store, "baseline", { FILL: false, READ: 0 });
  promoted(world.store, "fill", { FILL: true, READ: 0 });
  promoted(world.store, "stageB", { FILL: false, READ: 10 }, ["FILL"]);
  promoted(world.store, "refill", { FILL: true, READ: 10 });
  await ring(world, { specs, floor: { FILL: true, READ: 0 } }, { FILL: false, READ: 0 });
  expect(world.store.live).toBe(flagDocument({ FILL: false, READ: 10 }));
  expect(world.to("on-call")[0]?.text).toContain("one phase down: from refill to stageB");
});

test("a flag that has states which old stack files do not know is told by the store's own list", async () => {
  const now: FlagSpecs = { LIMIT: states("off", "shadow", "canary", "enforce"), READ: percentage };
  const store = new MemoryStore({ schema: documentSchema(now) });
  promoted(store, "baseline", { LIMIT: "off", READ: 0 });
  promoted(store, "shadow", { LIMIT: "shadow", READ: 0 });
  promoted(store, "canary", { LIMIT: "canary", READ: 0 });
  const before: FlagSpecs = { LIMIT: states("off", "shadow", "enforce"), READ: percentage };
  const rang = { at: Date.now(), span: 60_000 };
  expect(await previousPhase(store, { rollout: "ops-view", specs: before, rang })).toMatchObject({
    stage: "canary",
    to: "shadow",
    floor: { LIMIT: "shadow", READ: 0 },
  });
});

test("after an abort of all, one phase down is what was before it, however little of the ledger was read", async () => {
  const specs: FlagSpecs = { LIMIT: states("off", "shadow", "enforce"), COUNT: plain };
  const store = new MemoryStore({ schema: documentSchema(specs) });
  promoted(store, "baseline", { LIMIT: "off", COUNT: false });
  promoted(store, "enforce", { LIMIT: "enforce", COUNT: false });
  promoted(store, "switch", { LIMIT: "shadow", COUNT: true }, ["LIMIT"]);
  store.promote(
    { LIMIT: "off", COUNT: false },
    { note: { cutover: 1, rollout: "ops-view", kind: "abort", stage: "all", attempt: 1 } },
  );
  promoted(store, "enforce", { LIMIT: "enforce", COUNT: false });
  const rang = { at: Date.now(), span: 60_000 };
  expect(await previousPhase(store, { rollout: "ops-view", specs, rang })).toMatchObject({
    stage: "enforce",
    to: "baseline",
    floor: { LIMIT: "off", COUNT: false },
  });
});

test("an abort of a stage whose flags were contracted since stops the attempt that is live, and no later one", async () => {
  const specs: FlagSpecs = { FILL: plain, READ: percentage };
  const store = new MemoryStore({ schema: documentSchema(specs) });
  promoted(store, "baseline", { FILL: false, READ: 0 });
  promoted(store, "fill", { FILL: true, READ: 0 });
  promoted(store, "filled", { FILL: false, READ: 0 }, ["FILL"]);
  const note = { rollout: "ops-view", stage: "fill", attempt: 7, reason: "wrong", id: "one" };
  const outcome = await lowerFlags(store, { specs, floor: { FILL: false, READ: 0 }, note });
  expect(outcome.deployment).toBeUndefined();
  expect(store.deployments.at(-1)?.note).toMatchObject({ kind: "stop", stage: "fill", attempt: 1 });
});
