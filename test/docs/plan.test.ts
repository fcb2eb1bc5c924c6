import { expect, test } from "vitest";
import type { Command } from "./page";
import { planOf, unused } from "./plan";

const command = (text: string): Command => ({ page: "a.md", line: 1, text, exit: 0 });
const EXCEPTIONS = [
  { command: "npm test", because: "it is this test" },
  { command: "pulumi login s3://bucket", because: "there is no bucket" },
];

test("a command is excepted by how it begins, word by word", () => {
  const plan = (text: string) => planOf([command(text)], EXCEPTIONS)[0]?.exception?.because;
  expect(plan("npm test")).toBe("it is this test");
  expect(plan("npm test -- unit")).toBe("it is this test");
  expect(plan("npm tests")).toBeUndefined();
  expect(plan("pulumi login")).toBeUndefined();
  expect(plan("pulumi login s3://bucket-2")).toBeUndefined();
});

test("an exception that excepts nothing is told", () => {
  expect(unused([command("npm test")], EXCEPTIONS)).toEqual([EXCEPTIONS[1]]);
  expect(unused([command("npm test"), command("pulumi login s3://bucket")], EXCEPTIONS)).toEqual([]);
});
