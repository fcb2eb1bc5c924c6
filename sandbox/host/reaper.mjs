// Outlives the process that started it by a moment, and ends what that process left behind: a sandbox
// must leave nothing running also after kill -9, a crash, or a second Ctrl-C, when no handler inside
// the process gets to run. Its stdin is a pipe from that process; the end of the pipe is the signal.
//
// Lines on stdin: `+<pid> <signal>` a process group to end, and how; `-<pid>` it has ended by itself;
// `dir <path>` a folder to remove afterwards; `keep` end nothing, the sandbox is meant to stay.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";

const GRACE_MS = 5_000;
const groups = new Map();
const folders = new Set();
let keep = false;

// A Ctrl-C is meant for the others; this process ends by itself right after them.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

function kill(group, signal) {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** A leader that has ended may stay a zombie for long where process 1 does not reap, as in many containers. */
function leads(group) {
  if (!kill(group, 0)) return false;
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${group}/stat`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}

async function reap() {
  if (keep) return;
  for (const [group, signal] of groups) kill(group, signal);
  const deadline = Date.now() + GRACE_MS;
  while ([...groups.keys()].some(leads) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const group of groups.keys()) kill(group, "SIGKILL");
  for (const folder of folders) {
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [first = "", second = ""] = line.split(" ");
    if (line === "keep") keep = true;
    else if (first === "dir") folders.add(line.slice("dir ".length));
    else if (first.startsWith("+")) groups.set(Number(first.slice(1)), second);
    else if (first.startsWith("-")) groups.delete(Number(first.slice(1)));
  })
  .on("close", () => reap().finally(() => process.exit(0)));
