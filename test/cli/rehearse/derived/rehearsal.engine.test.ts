import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { initCommand } from "../../../../cli/init/run";
import { rehearse } from "../../../../cli/rehearse/run";
import type { Rehearsal } from "../../../../cli/rehearse/timeline";

/** Rollouts that nobody wrote a script for, rehearsed to their finish on a real engine. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rehearsed-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function written(
  name: string,
  given: Omit<Parameters<typeof initCommand>[0], "folder" | "name" | "print">,
) {
  const own = join(folder, name);
  mkdirSync(own);
  expect(await initCommand({ folder: own, name, ...given, print: () => {} })).toBe(0);
  return own;
}

const read = (own: string, file: string) =>
  JSON.parse(readFileSync(join(own, ".cutover", file), "utf8")) as Rehearsal;

/** Only a rehearsal that hangs ever takes as long. */
const HANGS_MS = 1_200_000;

describe("a rollout as cutover init writes it", { timeout: HANGS_MS }, () => {
  it("is promoted, aborted, promoted again and finished", async () => {
    const own = await written("search", {
      flags: ["SEARCH_READ"],
      stages: "only",
      database: "db.internal/shop",
      tables: ["orders"],
    });
    expect(await rehearse({ cwd: own, quick: true })).toBe(0);
    const { ok, steps, rows = {} } = read(own, "rehearsal-quick.json");
    expect(ok).toBe(true);
    expect(steps.map(({ outcome }) => outcome)).toEqual(
      expect.arrayContaining(["promoted", "aborted", "updated"]),
    );
    expect(rows.XA1).toMatchObject({ stage: "only", section: "abort", proven: "aborted", by: "its metric" });
  });
});
