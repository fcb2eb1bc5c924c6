import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandReference } from "./commandReference";
import { configReference } from "./configReference";

/** The pages of the reference that are written from code, by their files. */
export const GENERATED = {
  [join(__dirname, "reference", "stack-files.md")]: configReference,
  [join(__dirname, "reference", "commands.md")]: commandReference,
};

if (process.argv[1] === __filename)
  for (const [file, write] of Object.entries(GENERATED)) writeFileSync(file, write());
