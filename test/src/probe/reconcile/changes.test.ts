import fc from "fast-check";
import { expect, test } from "vitest";
import { Changes, type Place, READ_AT_ONCE } from "../../../../src/probe/reconcile/changes";

const place = (changed: number, key: number): Place => ({
  changed: String(changed).padStart(9, "0"),
  key: `k${key}`,
});
const beyond = (from: Place | undefined) => (row: Place) =>
  from === undefined || row.changed > from.changed || (row.changed === from.changed && row.key > from.key);
const inOrder = (rows: readonly Place[]) =>
  rows.toSorted((a, b) => (a.changed < b.changed ? -1 : a.changed > b.changed ? 1 : a.key < b.key ? -1 : 1));

/** Reads as the database would answer: what is visible, from a place on, a bounded number. */
const read = (changes: Changes, visible: readonly Place[], at: number) =>
  changes.take(inOrder(visible.filter(beyond(changes.from()))).slice(0, READ_AT_ONCE), at);

test("tells each change once", () => {
  const changes = new Changes();
  const rows = [place(1, 1)];
  changes.begin(rows[0], 0);
  expect(read(changes, rows, 10_000)).toEqual([]);
  rows.push(place(2, 2), place(2, 3));
  expect(read(changes, rows, 20_000)).toEqual(["k2", "k3"]);
  expect(read(changes, rows, 30_000)).toEqual([]);
  rows.push(place(3, 2));
  expect(read(changes, rows, 100_000)).toEqual(["k2"]);
});

test("begins with all rows where there were none", () => {
  const changes = new Changes();
  changes.begin(undefined, 0);
  expect(read(changes, [], 10_000)).toEqual([]);
  expect(read(changes, [place(1, 1)], 20_000)).toEqual(["k1"]);
});

test("tells what became visible late, within half a minute", () => {
  const changes = new Changes();
  changes.begin(place(1, 1), 0);
  const rows = [place(1, 1), place(9, 9)];
  expect(read(changes, rows, 10_000)).toEqual(["k9"]);
  // Its transaction began before that of the other one, and ended after it.
  rows.push(place(5, 5));
  expect(read(changes, rows, 20_000)).toEqual(["k5"]);
});

test("gets on where more has changed than is read at once", () => {
  const changes = new Changes();
  changes.begin(undefined, 0);
  const rows = Array.from({ length: 2 * READ_AT_ONCE + 10 }, (_, key) => place(key, key));
  const told = [10_000, 20_000, 30_000, 40_000].map((at) => read(changes, rows, at).length);
  expect(told).toEqual([READ_AT_ONCE, READ_AT_ONCE, 10, 0]);
});

test("tells every change that is committed in its turn, whenever it is read", () => {
  const step = fc.record({ rows: fc.integer({ min: 0, max: 5 }), ms: fc.integer({ min: 1, max: 60_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const changes = new Changes();
      changes.begin(undefined, 0);
      const rows: Place[] = [];
      let [at, next] = [0, 1];
      for (const { rows: count, ms } of steps) {
        const fresh = Array.from({ length: count }, () => place(next, next++));
        rows.push(...fresh);
        at += ms;
        expect(read(changes, rows, at).sort()).toEqual(fresh.map(({ key }) => key).sort());
      }
    }),
  );
});
