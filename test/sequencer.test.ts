import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { longestFirst } from "./sequencer.mjs";
import recorded from "./times.json";

/** A file as `group/name`. */
const known = (times: Readonly<Record<string, number>>, failed: readonly string[] = []) => ({
  groupOf: (file: string) => dirname(file),
  failed: (file: string) => failed.includes(file),
  tookMs: (file: string) => times[file],
});

it("begins with the longest", () => {
  const times = { "a/short": 10, "a/long": 900, "a/middle": 50 };
  expect(longestFirst(Object.keys(times), known(times))).toEqual(["a/long", "a/middle", "a/short"]);
});

it("begins with what nobody has timed, since it may be long, and before that with what failed", () => {
  const order = longestFirst(
    ["a/long", "a/new", "a/broken"],
    known({ "a/long": 900, "a/broken": 1 }, ["a/broken"]),
  );
  expect(order).toEqual(["a/broken", "a/new", "a/long"]);
});

it("keeps the order that it is given where nothing is known", () => {
  expect(longestFirst(["a/c", "a/a", "a/b"], known({}))).toEqual(["a/c", "a/a", "a/b"]);
});

it("keeps groups together, in their order", () => {
  const times = { "b/short": 1, "a/long": 900, "b/long": 800, "a/short": 2 };
  expect(longestFirst(Object.keys(times), known(times))).toEqual(["b/long", "b/short", "a/long", "a/short"]);
});

it("has recorded the times of files that are there", () => {
  const gone = Object.keys(recorded).filter((path) => !existsSync(join(__dirname, "..", path)));
  expect(gone).toEqual([]);
});
