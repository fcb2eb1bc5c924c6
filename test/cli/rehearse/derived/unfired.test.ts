import { expect, test } from "vitest";
import type { Lever } from "../../../../cli/rehearse/derived/levers/lever";
import { type Row, rowsOf } from "../../../../cli/rehearse/derived/rehearsedRows";
import { requireFired, unfired, unfiredLine } from "../../../../cli/rehearse/derived/unfired";
import { loadRollout } from "../../../../src/rollout/load";

const rollout = loadRollout(".");
const rows = rowsOf(rollout);
const lever = (can: (row: Row) => boolean): Lever => ({
  moves: "everything",
  can,
  pull: async () => {},
  release: async () => {},
});
const idsOf = (some: readonly Row[]) => some.map(({ id }) => id);

test("where every row can be moved, none is left", () => {
  const world = { rollout, appLeftOut: false, levers: [lever(() => true)] };
  expect(unfired(world, rows)).toEqual([]);
  expect(() => requireFired(world, rows)).not.toThrow();
  expect(unfiredLine(world, rows)).toBeUndefined();
});

test("where nothing can be, those are left that do nothing by themselves", () => {
  const open = unfired({ rollout, levers: [] }, rows);
  const seen = rows.filter((row) => !open.includes(row));
  // Messages are sent, people have not signed, no time has passed, nothing was drilled.
  expect(new Set(seen.map(({ section }) => section))).toEqual(new Set(["messages", "entry", "exit"]));
  expect(idsOf(open)).toEqual(expect.arrayContaining(["A1", "SA1", "SA2", "XA1", "XA3", "XB1", "B4"]));
  for (const id of ["B1", "B2", "B3", "E1", "E4", "C1", "C4", "F4s"]) expect(idsOf(seen)).toContain(id);
  // Before the finish nothing is left to pass.
  expect(idsOf(open)).toEqual(expect.arrayContaining(["F1", "F2", "F3"]));
});

test("each is told with what it is, and with what to write", () => {
  const kept = lever(({ id }) => !["A1", "SA1", "XA1", "XA3"].includes(id));
  const refused = () => requireFired({ rollout, appLeftOut: false, levers: [kept] }, rows);
  expect(refused).toThrow(/^4 of \d+ rows can never be seen to do their work here:\n( {2}- .*\n?){4}$/);
  for (const said of [
    /stageA A1 \(entry, sql\): nothing that is made up here makes it block a promotion: .*\. Say under faults in rehearsal\.ts what makes it do so: faults: \{ A1: \{ sql: \["…"\], mendSql: \["…"\] \} \}/,
    /stageA SA1 \(smoke, \w+\): .* fail after a flip: .*faults: \{ SA1: \{ config: \[\{ stack: "stageA", path: \["cutover:stage", "smoke", "SA1", "…"\], value: … \}\] \} \}/,
    /stageA XA1 \(abort, metric\): .* bring the flags down: .*No value of its metric sets it off/,
    /stageA XA3 \(abort, \w+\): .* page on-call: /,
  ])
    expect(refused).toThrow(said);
});

test("who asks for the story reads in one line how many rows it cannot tell of", () => {
  const kept = lever(({ id }) => !["SA1", "XA1"].includes(id));
  expect(unfiredLine({ rollout, levers: [kept] }, rows)).toMatch(
    /^2 of \d+ rows need a fault in rehearsal\.ts to be seen to do anything, and are not told of here: SA1, XA1\.$/,
  );
});

test("where the rollout's own app is left out, what counts all the same is told", () => {
  const kept = lever(({ id }) => !["A1", "XA1"].includes(id));
  const refused = () => requireFired({ rollout, appLeftOut: true, levers: [kept] }, rows);
  expect(refused).toThrow(/A1 \(entry, sql\): .*faults: \{ A1: \{ config: \[/);
  expect(refused).toThrow(/XA1 \(abort, metric\): .*see it in the story, without --rows/);
});
