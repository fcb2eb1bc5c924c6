#!/usr/bin/env node
// `cutover` as a command of its own: of the installed package, or of a checkout by `npm link`. The stack files are those
// of the folder that it is typed in.
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";

// Typed where this stands, whatever an npm that is around it says.
delete process.env.INIT_CWD;

// The package has no sources.
if (existsSync(new URL("main.ts", import.meta.url))) {
  process.argv.splice(2, 0, "cli/main.ts");
  await import("./bootstrap.mjs");
} else {
  const require = createRequire(import.meta.url);
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Node 20.19 or later is needed, and this is ${process.versions.node}: https://nodejs.org/`);
    process.exit(1);
  }
  // The AWS SDK's word on Node 20 would stand in the middle of every report.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  // Where Node can, what it compiled is kept for the next run.
  module.enableCompileCache?.();
  require("../spare.cjs");
  require("../dist/cli/main.js");
}
