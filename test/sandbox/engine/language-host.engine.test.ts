import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgress, openSandbox, type RunResult, type Sandbox } from "../../../sandbox";
import { PROJECT } from "../support";

let sandbox: Sandbox;
let cwd: string;

beforeAll(async () => {
  sandbox = await openSandbox({ progress: createProgress() });
  // A copy, since the engine writes the stack's config beside Pulumi.yaml.
  cwd = join(sandbox.dir, "program");
  cpSync(join(__dirname, "fixtures", "program"), cwd, { recursive: true });
  symlinkSync(join(PROJECT, "node_modules"), join(cwd, "node_modules"));
  await pulumi("stack", "init", "dev");
  await pulumi("config", "set", "text", "hello");
  await pulumi("config", "set", "--secret", "word", "do-not-tell");
});
afterAll(() => sandbox?.stop());

function pulumi(...args: string[]): Promise<RunResult> {
  return sandbox.pulumi([...args, "--non-interactive"], { cwd });
}
const withPack = () => ["--policy-pack", join(cwd, "policies")];

describe("the language host", () => {
  it("runs a program with its config, hooks and Stash, and keeps secrets secret", async () => {
    const up = await pulumi("up", "--yes", "--skip-preview");
    expect(up.stderr).toBe("");
    expect(up.stdout).toMatch(/3 created/);
    expect(up.stdout).not.toContain("do-not-tell");
    const outputs = await pulumi("stack", "output", "--json", "--show-secrets");
    expect(JSON.parse(outputs.stdout)).toEqual({ kept: "hello", secret: "do-not-tell", stack: "dev" });
  });

  it("changes nothing the second time, and prints no warning about itself", async () => {
    const up = await pulumi("up", "--yes", "--skip-preview");
    expect(up).toMatchObject({ code: 0, stderr: "" });
    expect(up.stdout).toMatch(/3 unchanged/);
    expect(up.stdout).not.toMatch(/warning|\$PATH/i);
  });

  it("runs a policy pack that knows its stack and config as it loads", async () => {
    const allowed = await pulumi("preview", ...withPack());
    expect(allowed.code).toBe(0);
    await pulumi("config", "set", "forbidden", "hell");
    const blocked = await pulumi("preview", ...withPack());
    expect(blocked.code).not.toBe(0);
    expect(blocked.stdout).toContain('text contains "hell" in dev');
    await pulumi("config", "rm", "forbidden");
  });

  it("reports a program that throws, and a hook that refuses", async () => {
    await pulumi("config", "set", "broken", "true");
    const broken = await pulumi("preview");
    expect(broken.code).not.toBe(0);
    expect(broken.stdout).toMatch(/error: broken on purpose/);
    expect(broken.stdout).not.toMatch(/non-zero exit code/);
    await pulumi("config", "set", "broken", "false");
    await pulumi("config", "set", "refuse", "true");
    await pulumi("destroy", "--yes", "--skip-preview");
    const refused = await pulumi("up", "--yes", "--skip-preview");
    expect(refused.code).not.toBe(0);
    expect(refused.stdout).toMatch(/refused by the hook/);
    expect(refused.stdout).not.toMatch(/kept created/);
  });

  it("ends in an orderly way when the command is aborted, and leaves the stack unlocked", async () => {
    await pulumi("config", "set", "refuse", "false");
    await pulumi("config", "set", "slow", "true");
    const abort = new AbortController();
    const aborted = await sandbox.pulumi(["up", "--yes", "--skip-preview", "--non-interactive"], {
      cwd,
      signal: abort.signal,
      onLine: (line) => line.includes("waiting in the hook") && abort.abort(),
    });
    expect(aborted.code).not.toBe(0);
    await pulumi("config", "set", "slow", "false");
    expect(await pulumi("up", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
  });
});
