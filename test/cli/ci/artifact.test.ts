import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { commentOf, commentsIn } from "../../../cli/ci/artifact";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "cutover-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

it("reads no file that a link names", () => {
  const at = folder();
  writeFileSync(join(at, "secret"), "a-token");
  symlinkSync(join(at, "secret"), join(at, "a.md"));
  expect(commentsIn(at)).toEqual(["a.md"]);
  expect(() => commentOf(at, "a.md")).toThrow(/ELOOP/);
});

it("reads so much of a file and no more, and only so many", () => {
  const at = folder();
  writeFileSync(join(at, "a.md"), "a".repeat(5 * 1024 * 1024));
  expect(commentOf(at, "a.md")).toHaveLength(4 * 1024 * 1024);
  for (let index = 0; index < 100; index++) writeFileSync(join(at, `b${index}.md`), "");
  expect(() => commentsIn(at)).toThrow(/There are 101 comments .* at most 100/);
});
