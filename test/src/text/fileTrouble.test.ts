import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { whyUnread, whyUnwritten } from "../../../src/text/fileTrouble";

function thrownBy(use: (folder: string) => unknown): unknown {
  const folder = mkdtempSync(join(tmpdir(), "trouble-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  try {
    use(folder);
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

test.each<[string, (folder: string) => unknown, string]>([
  ["a file that is not there", (folder) => readFileSync(join(folder, "none")), "is not there"],
  ["a folder that is a file", () => readdirSync(__filename), "is no folder"],
  ["a file that is a folder", (folder) => readFileSync(folder), "is a folder"],
])("%s", (_, use, words) => expect(whyUnread(thrownBy(use))).toBe(words));

test.each<[string, (folder: string) => unknown, string]>([
  [
    "a folder that is not there",
    (folder) => writeFileSync(join(folder, "none", "a"), ""),
    "lies in a folder that is not there",
  ],
  ["a folder that is a file", () => writeFileSync(join(__filename, "a"), ""), "lies in what is no folder"],
  ["a file that is a folder", (folder) => writeFileSync(folder, ""), "is a folder"],
])("to be written: %s", (_, use, words) => expect(whyUnwritten(thrownBy(use))).toBe(words));

test("what the system says of anything else is told as it is", () => {
  expect(whyUnread(Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" }))).toBe(
    "cannot be read: EIO: i/o error, read",
  );
  expect(whyUnwritten("gone")).toBe("cannot be written: gone");
});
