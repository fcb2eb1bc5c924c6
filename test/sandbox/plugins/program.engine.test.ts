import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSandbox, type Sandbox, silentProgress } from "../../../sandbox";

const PROJECT = join(__dirname, "..", "..", "..");

describe("a program on the sandbox's plugins", () => {
  let sandbox: Sandbox;
  let cwd: string;

  const pulumi = async (...args: string[]) => {
    const { code, stdout, stderr } = await sandbox.pulumi(args, { cwd });
    return { code, output: stdout + stderr };
  };
  const done = async (...args: string[]) => {
    const { code, output } = await pulumi(...args);
    expect(code, output).toBe(0);
    return output;
  };

  beforeAll(async () => {
    sandbox = await openSandbox({ progress: silentProgress });
    cwd = join(sandbox.dir, "program");
    cpSync(join(__dirname, "fixtures", "program"), cwd, { recursive: true });
    symlinkSync(join(PROJECT, "node_modules"), join(cwd, "node_modules"));
    const { password, ...db } = sandbox.postgres;
    await done("stack", "init", "s");
    await done("config", "set", "aws:region", "us-east-1");
    for (const [key, value] of Object.entries(db)) {
      await done("config", "set", "--path", `db.${key}`, String(value));
    }
    await done("config", "set", "--secret", "password", password);
    await done("config", "set", "--secret", "rolePassword", "hush-hush");
  }, 120_000);
  afterAll(() => sandbox?.stop());

  it("lives its life", async () => {
    console.log(await done("preview", "--diff"));
    console.log(await done("up", "--yes", "--skip-preview"));
    console.log(await done("up", "--yes", "--skip-preview", "--expect-no-changes"));
    console.log(await done("refresh", "--yes", "--skip-preview", "--expect-no-changes"));
    await done("config", "set", "text", "two");
    console.log(await done("preview", "--diff"));
    console.log(await done("up", "--yes", "--skip-preview"));
    console.log(await done("stack", "export"));
    console.log(await done("destroy", "--yes", "--skip-preview"));
  }, 120_000);
});
