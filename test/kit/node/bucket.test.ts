import fc from "fast-check";
import { expect, test } from "vitest";
import { isAmong, placeOf } from "../../../kit/node/src";
import { vectors } from "../vectors";

test.each(vectors.places)("$salt, $key has the place $place", ({ salt, key, place }) => {
  expect(placeOf(salt, key)).toBe(place);
});

test.each(vectors.among)("place $place is among $percent %: $among", ({ place, percent, among }) => {
  expect(isAmong(place, percent)).toBe(among);
});

const percent = fc.double({ min: 0, max: 100, noNaN: true });

test("whoever is in at one percentage is in at every higher one; nobody at 0, everybody at 100", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), percent, percent, (salt, key, a, b) => {
      const place = placeOf(salt, key);
      if (isAmong(place, Math.min(a, b))) expect(isAmong(place, Math.max(a, b))).toBe(true);
      expect([isAmong(place, 0), isAmong(place, 100)]).toEqual([false, true]);
    }),
  );
});

test("of many users about so many percent are in, and other salts begin with other users", () => {
  const users = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);
  const first = (salt: string, share: number) => users.filter((user) => isAmong(placeOf(salt, user), share));
  for (const share of [0.5, 10, 50, 90])
    expect(Math.abs(first("one", share).length / 100 - share)).toBeLessThan(2);
  const others = new Set(first("two", 10));
  const both = first("one", 10).filter((user) => others.has(user));
  // A tenth of a tenth, where the two have nothing to do with each other.
  expect(Math.abs(both.length - 100)).toBeLessThan(50);
});
