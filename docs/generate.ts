import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stackFileSchema } from "../src/rollout/config/jsonSchema";
import { commandReference } from "./commandReference";
import { configReference } from "./configReference";
import { frontReference } from "./frontReference";
import { pluginReference } from "./pluginReference";

/** The parts of the reference that are written from code, by their files. */
export const GENERATED = {
  [join(__dirname, "reference", "stack-files.md")]: configReference,
  [join(__dirname, "reference", "commands.md")]: commandReference,
  [join(__dirname, "reference", "sandbox-aws.md")]: frontReference,
  [join(__dirname, "reference", "sandbox-plugins.md")]: pluginReference,
  [join(__dirname, "reference", "stack.schema.json")]: () =>
    `${JSON.stringify(stackFileSchema(), null, 2)}\n`,
};

if (process.argv[1] === __filename)
  for (const [file, write] of Object.entries(GENERATED)) writeFileSync(file, write());
