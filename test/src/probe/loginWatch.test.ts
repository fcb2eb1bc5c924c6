import { expect, test } from "vitest";
import type { ReachSource } from "../../../src/gates/database";
import { LoginWatch } from "../../../src/probe/loginWatch";

type Reach = Awaited<ReturnType<ReachSource["reach"]>>;

const MADE = {
  user: "gate",
  ...{ attributes: [], roles: [], creates: [], writes: [], borrows: [], databases: [] },
  temporary: false,
};
const WRITES = { ...MADE, writes: ["public.orders"] };
const REFUSED = { refused: "the password is another" };
const WORDS = [expect.stringMatching(/^gate may change rows of public\.orders/)];

/** A watch at a clock of the test's own, over what the database would say. */
function watching() {
  const at = { now: 0, says: MADE as Reach, asked: 0 };
  const watch = new LoginWatch(() => at.now);
  const source: ReachSource = {
    reach: async () => {
      at.asked++;
      return at.says;
    },
  };
  const look = (refused = false, msLeft = 10_000) => watch.look(source, refused, msLeft);
  return { at, look, watch };
}

test("the catalog is read about once a minute, and what was found holds until then", async () => {
  const { at, look } = watching();
  at.says = WRITES;
  expect(await look()).toEqual(WORDS);
  at.says = MADE;
  for (at.now = 10_000; at.now < 50_000; at.now += 10_000) expect(await look()).toEqual(WORDS);
  expect(at.asked).toBe(1);
  at.now = 60_000;
  expect(await look()).toEqual([]);
  expect(at.asked).toBe(2);
});

test("it is looked at once where something was refused, and until it is let in again", async () => {
  const { at, look } = watching();
  await look();
  at.says = REFUSED;
  at.now = 10_000;
  expect(await look(true)).toEqual(["the password is another"]);
  at.now = 11_000;
  at.says = MADE;
  expect(await look()).toEqual([]);
  expect(at.asked).toBe(3);
});

test("where it cannot be asked, what was found stays, and is looked for anew the next time", async () => {
  const { at, look } = watching();
  at.says = WRITES;
  await look();
  at.says = undefined;
  at.now = 60_000;
  expect(await look()).toEqual(WORDS);
  at.now = 61_000;
  expect(await look(false, 0)).toEqual(WORDS);
  expect(at.asked).toBe(2);
  at.says = MADE;
  expect(await look()).toEqual([]);
});

test("a database that never answers holds up no run", async () => {
  const { look, watch } = watching();
  await look();
  const silent: ReachSource = { reach: () => new Promise(() => {}) };
  expect(await watch.look(silent, true, 5)).toEqual([]);
});
