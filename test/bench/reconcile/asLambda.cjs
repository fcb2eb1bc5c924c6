// Loads one function's file and nothing else, calls it when it is told to, and says what that took of memory and
// processor. Its memory is the function's: no loader of TypeScript and no test stands beside it.
const { readFileSync } = require("node:fs");
const { handler } = require(process.argv[2]);

/** In bytes: now, and the most that there ever was. Source: proc(5). */
function memory() {
  const status = readFileSync("/proc/self/status", "utf8");
  const of = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
  return { now: of("VmRSS"), most: of("VmHWM") };
}

process.on("message", async (remainingMs) => {
  const before = process.cpuUsage();
  try {
    const report = await handler({}, { getRemainingTimeInMillis: () => remainingMs });
    const { user, system } = process.cpuUsage(before);
    process.send({ report, cpuMs: (user + system) / 1_000, memory: memory() });
  } catch (error) {
    process.send({ error: String(error) });
  }
});
process.send({ loaded: memory() });
