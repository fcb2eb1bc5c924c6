import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { missingTables } from "../../../../src/rollout/checks/tables";
import { loadRollout } from "../../../../src/rollout/load";
import { showProblem } from "../../../../src/text/problem";

const rollout = loadRollout(join(__dirname, "..", "..", "..", ".."));
const reads = rollout.database?.reads ?? [];
const without = (...tables: string[]) =>
  missingTables(
    rollout,
    reads.filter((one) => !tables.includes(one)),
  ).map(showProblem);

describe("a table that the database does not have", () => {
  it("is none where all are there, and more", () => {
    expect(missingTables(rollout, [...reads, "another"])).toEqual([]);
    expect(missingTables({ ...rollout, database: undefined }, [])).toEqual([]);
  });

  it.each([
    ["custody_transitions", "F3 of stageB and XB4 of stageB ask it"],
    ["acknowledged", "F4 of stageB and XB3 of stageB ask it"],
    ["schema_migrations", "A1 of stageA asks it"],
    ["patches", "A3 of stageA and E2 of stageA and XA2 of stageA and F4 of stageB and XB3 of stageB ask it"],
  ])("is told with the rows that read it: %s", (table, rows) => {
    expect(without(table)).toEqual([
      `cutover:rollout.database.reads, ${table}: there is no such table in the schema public of ops, and ${rows}. Name your own table there and in the queries of these rows; or create it first, by its migration`,
    ]);
  });

  it("is told, too, where no row reads it; all at once", () => {
    const database = rollout.database && { ...rollout.database, reads: ["nowhere", "acknowledged"] };
    expect(missingTables({ ...rollout, database }, []).map(({ what }) => what)).toEqual([
      "there is no such table in the schema public of ops",
      expect.stringContaining("F4 of stageB"),
    ]);
  });

  it("is not mistaken for one whose name begins like it", () => {
    const database = rollout.database && { ...rollout.database, reads: ["patch", "custody"] };
    for (const { what } of missingTables({ ...rollout, database }, [])) expect(what).not.toMatch(/ask/);
  });
});
