// Runs a TypeScript program of this project straight after `git clone`:
//
//     node cli/bootstrap.mjs cli/main.ts rehearse
//
// Installs the dependencies where they are missing or older than the lock file, and then runs the
// program in this same process, so that signals, exit code and terminal are simply its own.
import { spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const MINIMUM_NODE = [20, 19];
// The AWS SDK's word on Node 20 would stand in the middle of every report.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
const QUIET_MS = 2_000;
const HEARTBEAT_MS = 15_000;
const project = dirname(dirname(fileURLToPath(import.meta.url)));

/** Says what to do, without a stack, and ends. */
function fail(message) {
  console.error(message);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [wantedMajor, wantedMinor] = MINIMUM_NODE;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  fail(
    `Node ${MINIMUM_NODE.join(".")} or later is needed, and this is ${process.versions.node}: https://nodejs.org/`,
  );
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes a list of what it has
 * installed, as its last act: so a half-finished installation has none. What is optional may be absent
 * (programs for other platforms).
 */
function installed() {
  try {
    const wanted = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")).packages;
    const present = JSON.parse(
      readFileSync(join(project, "node_modules", ".package-lock.json"), "utf8"),
    ).packages;
    return Object.entries(wanted).every(
      ([path, { version, optional }]) =>
        path === "" || (present[path] === undefined ? optional === true : present[path].version === version),
    );
  } catch {
    return false;
  }
}

/** One at a time: two installations into one folder would spoil each other. */
async function whileLocked(work) {
  const lock = join(project, ".cutover", "npm-ci.lock");
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (!isRunning(Number(readFileSync(lock, "utf8") || process.pid))) rmSync(lock, { force: true });
      else await sleep(250);
    }
  }
  const unlock = () => rmSync(lock, { force: true });
  process.on("exit", unlock);
  try {
    return await work();
  } finally {
    unlock();
    process.off("exit", unlock);
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** `npm ci` empties node_modules first: through a link, that of another checkout. */
function refuseLink() {
  const folder = join(project, "node_modules");
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  fail(
    `${folder} is a link, and what it leads to is not what package-lock.json asks for. Installing would empty ` +
      `the folder that it leads to. Remove the link, or run npm ci where it leads.`,
  );
}

async function install() {
  refuseLink();
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1_000);
  const live = process.stderr.isTTY && !process.env.CI;
  const say = () =>
    process.stderr.write(`${live ? "\r" : ""}… Installing dependencies (${seconds()} s)${live ? "" : "\n"}`);
  const first = setTimeout(say, QUIET_MS);
  const later = setInterval(() => seconds() * 1_000 >= QUIET_MS && say(), live ? 1_000 : HEARTBEAT_MS);
  const { code, output } = await npmCi();
  clearTimeout(first);
  clearInterval(later);
  if (live) process.stderr.write("\r\x1b[2K");
  if (code !== 0) {
    fail(`npm ci failed. In ${project}, it said:\n\n${complaint(output)}`);
  }
  if (Date.now() - startedAt >= QUIET_MS) console.error(`✔ Installing dependencies (${seconds()} s)`);
}

/** What npm complains about, without the manual that it adds. */
function complaint(output) {
  const lines = output
    .split("\n")
    .filter((line) => line.startsWith("npm error") || line.startsWith("npm cannot"));
  const usage = lines.findIndex((line) => /^npm error (Usage|Clean install)/.test(line));
  return lines.slice(0, usage === -1 ? 15 : Math.min(usage, 15)).join("\n");
}

function npmCi() {
  // Started by npm, the same npm; it says where it is.
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  return new Promise((done) => {
    let output = "";
    const child = spawn(
      command,
      [...first, "ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"],
      {
        cwd: project,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("error", (error) =>
      done({ code: 1, output: `${output}\nnpm cannot be started: ${error.message}` }),
    );
    child.on("close", (code) => done({ code: code ?? 1, output }));
  });
}

checkNode();
const [script, ...args] = process.argv.slice(2);
if (script === undefined) fail("usage: node cli/bootstrap.mjs <script.ts> [arguments]");
const program = resolve(project, script);
if (!existsSync(program)) fail(`${script} does not exist in ${project}`);
if (!installed()) await whileLocked(async () => installed() || (await install()));

// As if it had been started by itself.
process.argv = [process.execPath, program, ...args];
const require = createRequire(import.meta.url);
require("../start.cjs");
require(program);
