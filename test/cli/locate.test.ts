import { expect, test } from "vitest";
import { UsageError } from "../../cli/exit";
import { requireFolder } from "../../cli/locate";

test.each(["/no/such/folder", __filename])("a folder that is none is wrong usage: %s", (folder) => {
  expect(() => requireFolder(folder)).toThrow(UsageError);
  expect(() => requireFolder(folder)).toThrow(
    /is no folder that is there: name the one of the stack files with -C\. There is: ops-view \(its root\), v2-pipeline \(rollouts\/v2-pipeline\)$/,
  );
});

test("one that is there is none of its business", () => {
  expect(() => requireFolder(__dirname)).not.toThrow();
});
