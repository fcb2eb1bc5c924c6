import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stackFileSchema } from "./schema";

writeFileSync(join(__dirname, "stack.schema.json"), `${JSON.stringify(stackFileSchema(), null, 2)}\n`);
