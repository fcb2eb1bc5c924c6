import { describe, expect, test } from "vitest";
import { lowerFlags } from "../../../src/abort/lower";
import { page } from "../../../src/abort/pages";
import type { AbortLimits } from "../../../src/abort/request";
import { handleEvent } from "../../../src/abort/switch";
import type { AbortRow } from "../../../src/abort/switchConfig";
import { documentSchema, flagDocument } from "../../../src/flags/document";
import type { FlagSpecs, Flags } from "../../../src/flags/flags";
import { MemoryStore } from "./memory";
import { config, eventOf, message, OFF, READ, World } from "./switchWorld";

const boolean = { kind: "boolean", off: false, requires: [], writes: false } as const;
const percentage = { ...boolean, kind: "percentage", off: 0 } as const;
/** Off lies between two sides, of which none leads to the other. */
const sides = { ...boolean, kind: "states", states: ["old", "off", "new"], off: "off" } as const;
const limits: AbortLimits = { total: 2_000, patience: 50, pause: 1 };

const note = { rollout: "shop", stage: "ios", attempt: 1, row: "XI1", reason: "it crashes" };

/** What is live once only IOS was to come down, by these words about the flags. */
async function left(store: MemoryStore, specs: FlagSpecs, floor: Flags, only = ["IOS"]) {
  return (await lowerFlags(store, { specs, floor, only, note }, limits)).after;
}

function live(flags: Flags, schema?: FlagSpecs): MemoryStore {
  const store = new MemoryStore(schema ? { schema: documentSchema(schema) } : {});
  store.promote(flags);
  return store;
}

describe("where some flags alone come down", () => {
  const specs = { IOS: boolean, SIDE: sides, SHARE: percentage };

  test("those on either side of off stay", async () => {
    for (const SIDE of ["old", "new"])
      expect(
        await left(live({ IOS: true, SIDE, SHARE: 10 }), specs, { IOS: false, SIDE: "new", SHARE: 50 }),
      ).toEqual({ IOS: false, SIDE, SHARE: 10 });
  });

  test("others stay where they are higher than config had them", async () => {
    const store = live({ IOS: true, SIDE: "new", SHARE: 80 });
    expect(await left(store, specs, { IOS: false, SIDE: "off", SHARE: 50 })).toEqual({
      IOS: false,
      SIDE: "new",
      SHARE: 80,
    });
  });

  test("what came with a later stage stays", async () => {
    const store = live({ IOS: true, LATER: true }, { IOS: boolean, LATER: boolean });
    expect(await left(store, { IOS: boolean }, { IOS: false })).toEqual({ IOS: false, LATER: true });
  });

  test("one goes off that the floor does not name", async () => {
    const store = live({ IOS: true, SIDE: "new", SHARE: 80 });
    expect(await left(store, specs, { SIDE: "off" })).toEqual({ IOS: false, SIDE: "new", SHARE: 80 });
  });

  test("what requires them goes down, too", async () => {
    const needs: FlagSpecs = { ...specs, SHARE: { ...percentage, requires: ["IOS"] } };
    const store = live({ IOS: true, SIDE: "old", SHARE: 80 });
    expect(await left(store, needs, { IOS: false })).toEqual({ IOS: false, SIDE: "old", SHARE: 0 });
  });

  test("what is raised while it is decided stays raised, and what is on its way goes no higher than it is", async () => {
    const store = live({ IOS: true, SIDE: "new", SHARE: 10 });
    const { deploy } = store;
    let first = true;
    store.deploy = async (...asked) => {
      if (first) {
        first = false;
        store.promote({ IOS: true, SIDE: "new", SHARE: 50 });
      }
      return deploy.apply(store, asked);
    };
    // Of two documents that servers may have, the lower one: nothing of what an abort deploys is raised by it.
    expect(await left(store, specs, {})).toEqual({ IOS: false, SIDE: "new", SHARE: 10 });
  });
});

test("a row that takes some flags alone leaves what a later stage raised higher than it was when the row was declared", async () => {
  const world = new World({ READ: true, WRITE: true });
  const [name, row] = Object.entries(config.alarms)[0] as [string, AbortRow];
  const only = { ...config, alarms: { [name]: { ...row, floor: OFF, only: ["WRITE"] } } };
  await handleEvent(eventOf(message()), only, world);
  expect(world.store.live).toBe(flagDocument(READ));
});

test.each<[string, Partial<AbortRow>, string]>([
  ["some flags", { to: "off", only: ["WRITE"] }, "-s stageB --to off --flags WRITE"],
  ["a stage's flags", { to: "baseline" }, "-s stageB --to baseline"],
  ["its stage's floor", {}, "-s stageB"],
  ["one phase", { to: "previous", previous: { spanMs: 1, floor: {} } }, "--to previous"],
])("a page of a row that goes down to %s has that as what is typed by hand", (_, more, words) => {
  const row = { row: "XB1", title: "Writes fail", limit: "0", action: "page", ...more } as const;
  const alarm = { ...row, name: "a", state: "ALARM", reason: "1 > 0", at: "now" } as const;
  const line = `abort --rollout ops-view ${words} --reason "…"`;
  expect(page(config, alarm, { kind: "page-only" }).text).toContain(line);
  expect(page(config, alarm, { kind: "failed", reason: "throttled" }).text).toContain(line);
});
