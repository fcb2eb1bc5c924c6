import { expect, test } from "vitest";
import { Standstill } from "../../../cli/rehearse/standstill";

/** What is said, at which second. */
const story = (...said: readonly (readonly [second: number, said: string | undefined])[]) => {
  const standstill = new Standstill();
  return said.map(([second, words]) => standstill.lasts(words, 20_000, second * 1_000));
};
const each = (from: number, to: number, said: string | undefined, every = 1) =>
  Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, at) => [from + at * every, said] as const);

test("the same for long enough stands still", () => {
  expect(story(...each(0, 19, "404")).includes(true)).toBe(false);
  expect(story(...each(0, 20, "404")).at(-1)).toBe(true);
});

test("whatever comes between begins it anew: another answer, or none that lasts", () => {
  for (const between of ["500", undefined])
    expect(story(...each(0, 15, "404"), [16, between], ...each(17, 30, "404")).includes(true)).toBe(false);
});

test("nothing said never stands still", () => {
  expect(story(...each(0, 300, undefined)).includes(true)).toBe(false);
});

test("a few long waits are no proof: on a busy machine one answer may take half a minute", () => {
  expect(story(...each(0, 90, "404", 30)).includes(true)).toBe(false);
  expect(story(...each(0, 120, "404", 30)).at(-1)).toBe(true);
});
