import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keptFaults } from "../../../../sandbox/demo/service/keptFaults";

let folder: string;
const before = process.env.TMPDIR;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kept-"));
  process.env.TMPDIR = folder;
});
afterEach(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(folder, { recursive: true });
});

const settings = { FAULTS: { latencyMs: 5 }, FAULTS_KEPT: true, SERVER_NAME: "ops-1" };

it("a server that keeps its faults begins with those that it was told last", () => {
  const heard = vi.fn();
  const first = keptFaults(settings, heard);
  expect(first.initial).toEqual({ latencyMs: 5 });
  first.heard?.({ write5xx: 1 });
  expect(heard).toHaveBeenCalledWith({ write5xx: 1 });
  expect(keptFaults(settings).initial).toEqual({ write5xx: 1 });
  expect(keptFaults({ ...settings, SERVER_NAME: "ops-2" }).initial).toEqual({ latencyMs: 5 });
});

it("one that does not keep them is healed by a restart, and hands them on as before", () => {
  const heard = vi.fn();
  keptFaults(settings).heard?.({ write5xx: 1 });
  const without = keptFaults({ ...settings, FAULTS_KEPT: false }, heard);
  expect(without).toMatchObject({ initial: { latencyMs: 5 }, heard });
  expect(without.follow({ set: heard })).toEqual([]);
});

it("what it cannot read is none", () => {
  writeFileSync(join(folder, "faults-of-ops-1.json"), "{");
  expect(keptFaults(settings).initial).toEqual({ latencyMs: 5 });
});

it("what the instance before is told while this one starts reaches it, too", async () => {
  const before = keptFaults(settings);
  before.heard?.({ write5xx: 1 });
  const after = keptFaults(settings);
  expect(after.initial).toEqual({ write5xx: 1 });
  before.heard?.({});
  const set = vi.fn((told: unknown) => after.heard?.(told as object));
  const loops = after.follow({ set });
  await vi.waitFor(() => expect(set).toHaveBeenCalledWith({}), { timeout: 10_000 });
  await Promise.all(loops.map((loop) => loop.stop()));
  expect(set).toHaveBeenCalledTimes(1);
});
