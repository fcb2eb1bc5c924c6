import { expect, test } from "vitest";
import type { Command } from "./page";
import { planOf, unused } from "./plan";

const command = (text: string, page = "a.md"): Command => ({ page, line: 1, text, exit: 0 });
const EXCEPTIONS = [
  { command: "npm test", because: "it is this test" },
  { command: "npm run rehearse", page: "b.md", because: "another page types it" },
];

test("a command is excepted as a whole, and where the exception names a page there alone", () => {
  const plan = (...typed: [string, string?]) =>
    planOf([command(...typed)], EXCEPTIONS)[0]?.exception?.because;
  expect(plan("npm test")).toBe("it is this test");
  expect(plan("npm test", "b.md")).toBe("it is this test");
  expect(plan("npm test -- unit")).toBeUndefined();
  expect(plan("npm tests")).toBeUndefined();
  expect(plan("npm run rehearse", "b.md")).toBe("another page types it");
  expect(plan("npm run rehearse")).toBeUndefined();
});

test("an exception that excepts nothing is told", () => {
  expect(unused([command("npm test"), command("npm run rehearse")], EXCEPTIONS)).toEqual([EXCEPTIONS[1]]);
  expect(unused([command("npm test"), command("npm run rehearse", "b.md")], EXCEPTIONS)).toEqual([]);
});
