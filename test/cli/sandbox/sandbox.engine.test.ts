import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { initCommand } from "../../../cli/init/run";
import { environment, PROJECT, processesOf, temporaryFolder, until } from "../../sandbox/support";

const APP = join(__dirname, "fixtures", "app.py");
const CUTOVER = [join(PROJECT, "cli", "bootstrap.mjs"), join(PROJECT, "cli", "main.ts")];

/** A machine of its own: where sandboxes are opened, and a rollout as `cutover init` writes it. */
interface Machine {
  readonly temp: string;
  readonly rollout: string;
}

async function machine(): Promise<Machine> {
  const temp = temporaryFolder();
  // PostgreSQL's own user has to walk down to its files.
  chmodSync(temp, 0o755);
  const rollout = join(temporaryFolder(), "little");
  const flags = ["NEW_PATH", "SHARE:percentage"];
  await initCommand({ folder: rollout, name: "little", flags, stages: "p5,p50", print: () => {} });
  onTestFinished(async () => {
    for (const dir of sandboxesOn({ temp })) await cutover({ temp }, "sandbox", "stop", dir);
  });
  return { temp, rollout };
}

/** The folders of sandboxes. Pulumi and what it loads keep caches of their own beside them. */
function sandboxesOn({ temp }: Pick<Machine, "temp">): string[] {
  return readdirSync(temp).flatMap((name) => (name.startsWith("cutover-") ? [join(temp, name)] : []));
}

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, from a folder that is neither the rollout's nor the checkout. */
function run({ temp }: Pick<Machine, "temp">, command: string, args: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    const env = environment({ TMPDIR: temp });
    const child = execFile(command, args, { cwd: "/", env, maxBuffer: 2 ** 24 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

const cutover = (on: Pick<Machine, "temp">, ...args: string[]) =>
  run(on, process.execPath, [...CUTOVER, ...args]);
/** Types lines into a shell, one after the other, until one fails. */
const type = (on: Machine, ...lines: string[]) => run(on, "sh", ["-ec", lines.join("\n")]);

/** What is printed to be typed: the lines under "In a shell", and the one behind "When done". */
function typed(stdout: string): { inShell: string[]; whenDone: string } {
  const inShell = stdout.split("\n").flatMap((line) => (line.startsWith("  ") ? [line.trim()] : []));
  return { inShell, whenDone: /^When done: (.*)$/m.exec(stdout)?.[1] ?? "" };
}

beforeAll(async () => {
  const { code, stderr } = await run({ temp: "/tmp" }, "python3", ["--version"]);
  if (code !== 0) throw new Error(`These tests need python3 on PATH: ${stderr || "there is none"}`);
});

describe("a sandbox for a rollout of one's own", () => {
  it("runs its stacks, and tells an app in another language its flags, until it is stopped", async () => {
    const on = await machine();
    const started = await cutover(on, "sandbox", "start", "-C", on.rollout);
    expect(started.code, started.stderr).toBe(0);
    const { inShell, whenDone } = typed(started.stdout);
    expect(inShell).toHaveLength(3);
    const [dir = ""] = sandboxesOn(on);
    expect(processesOf(dir).length).toBeGreaterThan(3);

    // As it is printed; only that nobody is there to be asked.
    const [evaluate = "", enter = "", up = ""] = inShell;
    const promoted = await type(on, evaluate, enter, `${up} --yes --skip-preview`, `python3 ${APP}`);
    expect(promoted.code, promoted.stdout + promoted.stderr).toBe(0);
    expect(promoted.stdout.trimEnd().split("\n").at(-1)).toBe('{"NEW_PATH": false, "SHARE": 0}');
    // What its gates look at is made up: of the next stage all pass that wait for nobody.
    const stated = { by: "ada@example.com", at: "$(date -u +%FT%TZ)", statement: "ready", attempt: "1" };
    const sign = Object.entries(stated).map(
      ([key, value]) => `pulumi config set -s p5 --path cutover:stage.signOffs.A1.${key} "${value}"`,
    );
    const raise = `${up.replace("baseline", "p5")} --yes --skip-preview`;
    const next = await type(on, evaluate, enter, ...sign, raise);
    expect(next.code, next.stdout + next.stderr).toBe(0);
    const raised = await type(on, evaluate, enter, `python3 ${APP}`);
    expect(JSON.parse(raised.stdout)).toEqual({ NEW_PATH: true, SHARE: 5 });

    const status = await type(on, evaluate, `node ${CUTOVER.join(" ")} status -C "$CUTOVER_PROJECT" --json`);
    expect(JSON.parse(status.stdout)).toMatchObject({ rollout: "little" });
    const database =
      "node -e 'new (require(\"pg\").Client)(process.env.DATABASE_URL).connect().then(()=>process.exit(0))'";
    expect((await type(on, evaluate, `cd ${PROJECT}`, database)).code).toBe(0);

    const stopped = await type(on, whenDone);
    expect(stopped.stdout).toContain("nothing is left of it");
    expect(sandboxesOn(on)).toEqual([]);
    await until("its processes have ended", () => processesOf(dir).length === 0);
    const again = await type(on, whenDone);
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain("Nothing is left to stop");
  });

  it("tells secrets to nobody but whoever asks for them", async () => {
    const on = await machine();
    const started = await cutover(on, "sandbox", "start", "-C", on.rollout);
    const { stdout } = await cutover(on, "sandbox", "env", "--format", "json");
    const { PULUMI_CONFIG_PASSPHRASE, PGPASSWORD, CUTOVER_SANDBOX } = JSON.parse(stdout);
    const secrets = [PULUMI_CONFIG_PASSPHRASE, PGPASSWORD];
    expect(secrets.every((secret) => typeof secret === "string" && secret.length > 15)).toBe(true);
    for (const secret of secrets) expect(started.stdout + started.stderr).not.toContain(secret);
    const { stdout: found } = await run(on, "grep", [
      ...["-rlF", ...secrets.flatMap((secret) => ["-e", secret]), CUTOVER_SANDBOX],
    ]);
    expect(found.trim().split("\n")).toEqual([join(CUTOVER_SANDBOX, "sandbox.json")]);
  });

  it("has secrets of its own in the place of those that nothing here can decrypt", async () => {
    const on = await machine();
    const file = join(on.rollout, "Pulumi.p5.yaml");
    const encrypted = `secretsprovider: awskms://alias/mine?region=eu-central-1
encryptedkey: AQICAHh
config:
  aws:profile: work
  cutover:token-admin: { secure: "v1:AAAA:BBBB" }
  slack:hooks: [plain, { secure: "v1:CCCC:DDDD" }]`;
    const text = readFileSync(file, "utf8").replace(/^config:$/m, encrypted);
    writeFileSync(file, text);
    const started = await cutover(on, "sandbox", "start", "-C", on.rollout);
    expect(started.code, started.stderr).toBe(0);
    const [evaluate = "", enter = ""] = typed(started.stdout).inShell;
    const config = "pulumi config -s p5 --show-secrets --json";
    const { stdout, stderr } = await type(on, evaluate, enter, `${config} && echo "$ADMIN_TOKEN"`);
    expect(stdout, stderr).not.toBe("");
    const lines = stdout.trimEnd().split("\n");
    const values = JSON.parse(lines.slice(0, -1).join("\n"));
    expect(values["cutover:token-admin"]).toEqual({ value: lines.at(-1), secret: true });
    expect(values["slack:hooks"].objectValue).toEqual(["plain", expect.stringMatching(/^[\w-]{20,}$/)]);
    expect(values).not.toHaveProperty("aws:profile");
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("stands beside another one of the same rollout", async () => {
    const on = await machine();
    const [one, two] = await Promise.all([
      cutover(on, "sandbox", "start", "-C", on.rollout, "--name", "one"),
      cutover(on, "sandbox", "start", "-C", on.rollout, "--name", "two"),
    ]);
    expect([one.code, two.code], one.stderr + two.stderr).toEqual([0, 0]);
    const both = await cutover(on, "sandbox", "env");
    expect(both).toMatchObject({ code: 1, stdout: "" });
    expect(both.stderr).toContain("2 sandboxes run:");
    const [, first = ""] = /AWS at (\S+)\./.exec(one.stdout) ?? [];
    const { stdout } = await cutover(on, "sandbox", "env", "one");
    expect(stdout).toContain(`export AWS_ENDPOINT_URL='${first}'`);
    expect(two.stdout).not.toContain(first);
    expect((await cutover(on, "sandbox", "stop", "one")).code).toBe(0);
    expect((await cutover(on, "sandbox", "env")).stdout).not.toContain(first);
    expect((await cutover(on, "sandbox", "stop")).code).toBe(0);
    expect(sandboxesOn(on)).toEqual([]);
  });

  it("needs no HOME that can be written", async () => {
    const on = await machine();
    const home = join(on.rollout, "Pulumi.yaml");
    const cache = process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? "/root", ".cache");
    const { code, stderr } = await run(on, "env", [
      ...[`HOME=${home}`, `XDG_CACHE_HOME=${cache}`, process.execPath, ...CUTOVER],
      ...["sandbox", "start", "-C", on.rollout],
    ]);
    expect(code, stderr).toBe(0);
  });

  it("says so where neither HOME nor a cache can be written, and leaves nothing", async () => {
    const on = await machine();
    const { code, stderr } = await run(on, "env", [
      ...[`XDG_CACHE_HOME=${join(on.rollout, "Pulumi.yaml")}`, process.execPath, ...CUTOVER],
      ...["sandbox", "start", "-C", on.rollout],
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /The folder that keeps the engine and the emulator cannot be written:\n.* Set XDG_CACHE_HOME/,
    );
    expect(sandboxesOn(on)).toEqual([]);
  });
});

describe("Ctrl-C leaves nothing behind, and says nothing, as soon as", () => {
  /** What can be seen of a start from outside, in the order in which it comes. */
  const STEPS: readonly (readonly [step: string, isThere: (dir: string) => boolean])[] = [
    ["there is a folder", existsSync],
    ["the emulator runs", (dir) => logs(dir).some((name) => name.startsWith("ministack-"))],
    ["the database runs", (dir) => logs(dir).some((name) => name.startsWith("postgres-"))],
    ["plugins are installed", (dir) => existsSync(join(dir, "pulumi", "plugins"))],
    ["the webhook runs", (dir) => logs(dir).includes("webhook.log")],
    ["the stack files are copied", (dir) => existsSync(join(dir, "project", "Pulumi.p50.yaml"))],
    ["there is a stack", (dir) => existsSync(join(dir, "state", ".pulumi", "stacks"))],
    ["what is made up goes on", (dir) => logs(dir).includes("made-up.log")],
    ["its record is written", (dir) => existsSync(join(dir, "sandbox.json"))],
  ];

  function logs(dir: string): string[] {
    return existsSync(join(dir, "logs")) ? readdirSync(join(dir, "logs")) : [];
  }

  it.each(STEPS)("%s", async (_, isThere) => {
    const on = await machine();
    const child = spawn(process.execPath, [...CUTOVER, "sandbox", "start", "-C", on.rollout], {
      cwd: "/",
      env: environment({ TMPDIR: on.temp }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
    const ended = exit(child);
    let dir: string | undefined;
    const seen = () => {
      dir ??= sandboxesOn(on)[0];
      return dir !== undefined && isThere(dir);
    };
    // Looked for without a pause: what is seen may be over at once.
    while (child.exitCode === null && !seen()) await new Promise((resolve) => setImmediate(resolve));
    child.kill("SIGINT");
    const code = await ended;
    // The last step may be over before the signal comes: then it runs, and has said how it is stopped.
    if (code === 0) {
      expect(said).toContain("When done: ");
      await type(on, typed(said).whenDone);
    } else {
      expect(code).toBe(130);
      // Progress, and the words of a start that had just come to its end.
      expect(said).not.toMatch(/^ +- |failed|error|interrupted/im);
    }
    expect(sandboxesOn(on)).toEqual([]);
    await until("its processes have ended", () => processesOf(String(dir)).length === 0);
  });

  function exit(child: ChildProcess): Promise<number | null> {
    return new Promise((resolve) => child.once("close", resolve));
  }
});
