#!/usr/bin/env node
// `cutover` as a command of its own, for `npm link`: the stack files are those of the folder that it is typed in.
process.argv.splice(2, 0, "cli/main.ts");
await import("./bootstrap.mjs");
