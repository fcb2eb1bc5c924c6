import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stackFileSchema } from "./jsonSchema";

writeFileSync(
  join(__dirname, "..", "..", "..", "docs", "reference", "stack.schema.json"),
  `${JSON.stringify(stackFileSchema(), null, 2)}\n`,
);
