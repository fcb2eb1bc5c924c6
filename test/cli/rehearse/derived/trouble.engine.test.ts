import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { initCommand } from "../../../../cli/init/run";
import type { Rehearsal } from "../../../../cli/rehearse/timeline";
import { environment, PROJECT, processesOf, temporaryFolder, until } from "../../../sandbox/support";

/** What can go wrong with a rehearsal of one's own rollout: a sentence, an exit code, and nothing that is left. */
const CUTOVER = [join(PROJECT, "cli", "bootstrap.mjs"), join(PROJECT, "cli", "main.ts")];
/** Only a rehearsal that hangs ever takes as long. */
const HANGS_MS = 600_000;

/** A machine of its own: where sandboxes are opened, and a rollout as `cutover init` writes it. */
async function machine(own?: string) {
  const temp = temporaryFolder();
  // PostgreSQL's own user has to walk down to its files.
  chmodSync(temp, 0o755);
  const rollout = join(temporaryFolder(), "little");
  const given = { flags: ["NEW"], stages: "only", database: "db.internal/shop", tables: ["orders"] };
  await initCommand({ folder: rollout, name: "little", ...given, print: () => {} });
  if (own !== undefined) writeFileSync(join(rollout, "rehearsal.ts"), `export default ${own};\n`);
  return { temp, rollout };
}
type Machine = Awaited<ReturnType<typeof machine>>;

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A rehearsal as people type it, from a folder that is not the rollout's. */
function rehearsing({ temp, rollout }: Machine, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...CUTOVER, "rehearse", "-C", rollout, "--quick"], {
    cwd: "/",
    env: environment({ TMPDIR: temp, ...env }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { child, said: saidBy(child), printed: () => printed.get(child) ?? "" };
}

const printed = new WeakMap<ChildProcess, string>();

function saidBy(child: ChildProcess): Promise<Said> {
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.on("data", (text) => {
      texts[name] += text;
      printed.set(child, texts.stdout);
    });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...texts })));
}

/** The folders of sandboxes. Pulumi and what it loads keep caches of their own beside them. */
const sandboxesOn = ({ temp }: Machine) =>
  readdirSync(temp).flatMap((name) => (name.startsWith("cutover-") ? [join(temp, name)] : []));

/** Nothing runs, nothing lies about, and nobody is shown a stack trace or a secret. */
async function leftNothing(on: Machine, { stdout, stderr }: Said): Promise<void> {
  expect(sandboxesOn(on)).toEqual([]);
  await until("its processes have ended", () => processesOf(join(on.temp, "cutover-")).length === 0);
  expect(stdout + stderr).not.toMatch(/^\s+at .+[:(]\S*:\d+:\d+\)?$|unhandled|CUTOVER_DEBUG/im);
}

const kept = ({ rollout }: Machine) => join(rollout, ".cutover", "rehearsal-quick.json");

describe("is told in one sentence, and nothing is left:", { timeout: HANGS_MS }, () => {
  it.each<[what: string, own: string, says: RegExp]>([
    [
      "an app whose command does not exist",
      '{ app: { command: ["no-such-program", "serve"] } }',
      /The app, no-such-program serve, does not start: cannot start\s+no-such-program: there is no such program\./,
    ],
    [
      "an app that ends at once",
      '{ app: { command: ["sh", "-c", "echo no licence; exit 3"] } }',
      /The app, sh -c .*, ended by\s+itself\.\s+The end of its\s+log:\nno licence/,
    ],
    [
      "a seed that the database refuses",
      '{ seed: [async () => { throw new Error("there are no orders to begin with"); }] }',
      /a function, a seed of rehearsal\.ts, failed: there are no orders to begin\s+with/,
    ],
    [
      "a seed that is not there",
      '{ seed: ["seed.sql"] }',
      /rehearsal\.ts seed\.0: names\s+\S+\/seed\.sql,\s+and\s+no\s+such\s+file\s+is\s+there\./,
    ],
  ])("%s", async (_, own, says) => {
    const on = await machine(own);
    const said = await rehearsing(on).said;
    expect(said.code, said.stdout + said.stderr).toBe(1);
    expect(said.stderr).toMatch(says);
    await leftNothing(on, said);
    expect(existsSync(kept(on))).toBe(false);
  });

  it("a query that made-up tables cannot satisfy", async () => {
    const on = await machine();
    const file = join(on.rollout, "Pulumi.only.yaml");
    const text = readFileSync(file, "utf8");
    const never = text.replace("select count(*) from orders\n", "select count(*) from orders where 1 = 2\n");
    expect(never).not.toBe(text);
    writeFileSync(file, never);
    const said = await rehearsing(on).said;
    expect(said.code, said.stdout + said.stderr).toBe(1);
    expect(said.stderr).toMatch(/The tables of this rollout cannot be made up:\n {2}- .*A10/);
    await leftNothing(on, said);
  });

  it("an app that dies while it is rehearsed: a failed step with the end of its log", async () => {
    // It serves, and dies of the first look at its flags.
    const app = `require("http").createServer((asked, answer) => {
      if (asked.url === "/") return answer.end("so");
      console.log("out of memory");
      process.exit(3);
    }).listen(process.env.PORT)`;
    const on = await machine(
      `{ app: { command: [${JSON.stringify(process.execPath)}, "-e", ${JSON.stringify(app)}], ready: "/" } }`,
    );
    const said = await rehearsing(on).said;
    expect(said.code, said.stdout + said.stderr).toBe(1);
    const { ok, steps } = JSON.parse(readFileSync(kept(on), "utf8")) as Rehearsal;
    expect(ok).toBe(false);
    expect(steps.at(-1)).toMatchObject({ name: "the app goes on running", outcome: "failed" });
    expect(steps.at(-1)?.why.join("\n")).toMatch(
      /^app-[12] of the app, .*(.|\n)* ended by itself, with exit code 3\. The end of its log:\nout of memory$/,
    );
    expect(said.stdout).toContain("out of memory");
    await leftNothing(on, said);
  });

  const mounts = canMount();
  it.skipIf(!mounts)("a disk that is full", async () => {
    const on = await machine();
    const command = [process.execPath, ...CUTOVER, "rehearse", "-C", on.rollout, "--quick"];
    // A disk of 4 MB, which is there for this command alone.
    const script = `mount -t tmpfs -o size=4m,mode=755 tmpfs "$TMPDIR" && "$@"; code=$?; ls -d "$TMPDIR"/cutover-*; exit $code`;
    const child = spawn("unshare", ["-m", "sh", "-c", script, "sh", ...command], {
      cwd: "/",
      env: environment({ TMPDIR: on.temp }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = await saidBy(child);
    expect(said.code, said.stdout + said.stderr).toBe(1);
    expect(said.stderr).toMatch(/^The disk is full:\n {2}- .*has no room for a\s+sandbox/m);
    expect(said.stdout).toBe("");
    await leftNothing(on, said);
  });
});

/** Whether a test may mount a disk that nobody else sees: root may, where the kernel lets it. */
function canMount(): boolean {
  try {
    execFileSync("unshare", ["-m", "sh", "-c", "mount -t tmpfs tmpfs /mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("Ctrl-C leaves nothing behind, and says nothing,", { timeout: HANGS_MS }, () => {
  const logs = (dir: string) => (existsSync(join(dir, "logs")) ? readdirSync(join(dir, "logs")) : []);

  it.each<[when: string, isThere: (dir: string, printed: string) => boolean]>([
    ["while the servers start", (dir) => logs(dir).includes("app-1.log")],
    ["while its pace is measured", (dir) => readdirSync(dir).some((name) => name.startsWith("events-"))],
    ["during the first step", (_, said) => said.includes("Rehearsing little")],
    ["during a step", (_, said) => said.includes("A1 is signed off for only")],
  ])("%s", async (_, isThere) => {
    const on = await machine();
    const { child, said, printed } = rehearsing(on);
    const seen = () => {
      const [dir] = sandboxesOn(on);
      return dir !== undefined && isThere(dir, printed());
    };
    while (child.exitCode === null && !seen()) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill("SIGINT");
    const ended = await said;
    expect(ended.code, ended.stdout + ended.stderr).toBe(130);
    expect(ended.stdout + ended.stderr).not.toMatch(/✖|^ +- |failed|error|interrupted/im);
    await leftNothing(on, ended);
    expect(existsSync(kept(on))).toBe(false);
  });
});

it("two rehearsals of one rollout at once both come out well, with a HOME that cannot be written", {
  timeout: 2 * HANGS_MS,
}, async () => {
  const on = await machine();
  const cache = process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? "/root", ".cache");
  const env = { HOME: join(on.rollout, "Pulumi.yaml"), XDG_CACHE_HOME: cache };
  const both = await Promise.all([rehearsing(on, env).said, rehearsing(on, env).said]);
  for (const said of both) {
    expect(said.code, said.stdout + said.stderr).toBe(0);
    await leftNothing(on, said);
  }
  expect(JSON.parse(readFileSync(kept(on), "utf8"))).toMatchObject({ rollout: "little", ok: true });
  expect(readdirSync(join(on.rollout, ".cutover")).sort()).toEqual([
    "rehearsal-quick.html",
    "rehearsal-quick.json",
  ]);
});
