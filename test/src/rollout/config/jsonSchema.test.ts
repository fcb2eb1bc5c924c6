import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stackFileSchema } from "../../../../src/rollout/config/jsonSchema";

test("the schema that editors use is the one that the program parses with", () => {
  const file = readFileSync(
    join(__dirname, "..", "..", "..", "..", "docs", "reference", "stack.schema.json"),
    "utf8",
  );
  expect(JSON.parse(file), "out of date: npm run docs").toEqual(
    JSON.parse(JSON.stringify(stackFileSchema())),
  );
});
