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

describe("a rollout as cutover init writes it", () => {
  it("is promoted, aborted, promoted again and finished", async () => {
    const own = await written("search", { flags: ["SEARCH_READ"], stages: "only" });
    expect(await rehearse({ cwd: own, quick: true })).toBe(0);
    const { ok, steps, rows = {} } = read(own, "rehearsal-quick.json");
    expect(ok).toBe(true);
    expect(steps.map(({ outcome }) => outcome)).toEqual(
      expect.arrayContaining(["promoted", "aborted", "updated"]),
    );
    expect(rows.XA1).toMatchObject({ stage: "only", section: "abort", proven: "aborted", by: "its metric" });
  });

  it("shows of every row that it does its work", async () => {
    const own = await written("checkout", {
      flags: ["CHECKOUT_READ", "CHECKOUT_PERCENT:percentage"],
      stages: "first,second",
      database: "db.internal/shop",
      tables: ["orders"],
    });
    expect(await rehearse({ cwd: own, rows: true })).toBe(0);
    const { steps, rows = {} } = read(own, "rehearsal-rows.json");
    expect(steps.at(-1)?.name).toMatch(/^every row was seen to do its work: (\d+) of \1$/);
    expect(Object.values(rows).map(({ proven }) => proven)).toEqual(
      expect.arrayContaining(["blocked", "aborted", "sent"]),
    );
  });
});
