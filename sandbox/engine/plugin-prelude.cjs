// Runs before each bundled plugin of the engine.
const { enableCompileCache } = require("node:module");
// Compiled code is kept beside the bundle where Node can do that (22.8 and later): these programs are
// started anew by every `pulumi` command.
if (enableCompileCache) enableCompileCache(`${__dirname}/.compiled`);

// The engine puts its plugins into process groups of their own, and a killed engine cannot end them.
const engine = process.ppid;
setInterval(() => {
  // An engine that was killed while this process started has left it to init already: no engine here is init itself.
  if (process.ppid !== engine || engine === 1) process.exit(1);
}, 500).unref();
