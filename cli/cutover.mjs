#!/usr/bin/env node
// `cutover` as a command of its own, for `npm link`: the stack files are those of the folder that it is typed in.
// Typed where this stands, whatever an npm that is around it says.
delete process.env.INIT_CWD;
process.argv.splice(2, 0, "cli/main.ts");
await import("./bootstrap.mjs");
