import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Lambda } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSandbox, type Sandbox, silentProgress } from "../../../sandbox";
import { emulated } from "../../../sandbox/aws/emulated";
import { deleteVersions } from "../../support/versions";

const PROJECT = join(__dirname, "..", "..", "..");
const SECRETS = { rolePassword: "hush-hush", address: "hidden@example.com" };

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly replaceReasons?: readonly string[];
}

/** One program, from its first preview to its destruction; each test goes on where the last one ended. */
describe("a program on the sandbox's plugins", () => {
  let sandbox: Sandbox;
  let cwd: string;

  const pulumi = async (args: string[], env: Record<string, string> = {}) => {
    // The types of this program are checked with all others; here that would be most of the test's time.
    const fast = { PULUMI_NODEJS_TRANSPILE_ONLY: "true", ...env };
    const { code, stdout, stderr } = await sandbox.pulumi(args, { cwd, env: fast });
    const output = stdout + stderr;
    for (const secret of Object.values(SECRETS)) expect(output).not.toContain(secret);
    return { code, stdout, output };
  };
  const done = async (...args: string[]) => {
    const { code, stdout, output } = await pulumi(args);
    expect(code, output).toBe(0);
    return stdout;
  };
  const steps = async () => {
    const { steps } = JSON.parse(await done("preview", "--json")) as { steps: Step[] };
    const changes = steps.filter(({ op }) => op !== "same");
    return changes
      .map(({ op, urn }) => `${op} ${urn.split("$").at(-1)?.split("::").slice(-2).join(" ")}`)
      .sort();
  };
  const up = (...args: string[]) => done("up", "--yes", "--skip-preview", ...args);

  beforeAll(async () => {
    sandbox = await openSandbox({ progress: silentProgress });
    cwd = join(sandbox.dir, "program");
    cpSync(join(__dirname, "fixtures", "program"), cwd, { recursive: true });
    symlinkSync(join(PROJECT, "node_modules"), join(cwd, "node_modules"));
    const { host, port, database, user, password, caFile } = sandbox.postgres;
    const db = { host, port, database, user, caFile };
    await done("stack", "init", "s");
    for (const [key, value] of Object.entries({ "aws:region": "us-east-1", "plugins:text": "one" })) {
      await done("config", "set", key, value);
    }
    for (const [key, value] of Object.entries(db)) {
      await done("config", "set", "--path", `db.${key}`, String(value));
    }
    for (const [key, value] of Object.entries({ ...SECRETS, password })) {
      // A password may begin with a dash.
      const set = await sandbox.pulumi(["config", "set", "--secret", "--", key, value], { cwd });
      expect(set.code, set.stderr).toBe(0);
    }
  }, 120_000);
  afterAll(() => sandbox?.stop());

  it("is previewed before anything exists", async () => {
    const planned = await steps();
    expect(planned).toContain("create aws:appconfig/deployment:Deployment flags");
    expect(planned.every((step) => step.startsWith("create "))).toBe(true);
  }, 60_000);

  it("is created, found as it was declared, and then left alone", async () => {
    await up();
    await up("--expect-no-changes");
    await done("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    const outputs = JSON.parse(await done("stack", "output", "--json"));
    expect(outputs).toMatchObject({ account: "000000000000", state: "COMPLETE", versionNumber: 1 });
    expect(outputs.topicArn).toMatch(/^arn:aws:sns:us-east-1:000000000000:on-call-[0-9a-f]{7}$/);
  }, 120_000);

  const answer = async () => {
    const { functionName } = JSON.parse(await done("stack", "output", "--json"));
    const lambda = new Lambda(emulated(sandbox.aws));
    const { Payload } = await lambda.invoke({ FunctionName: functionName });
    return JSON.parse(new TextDecoder().decode(Payload));
  };

  it("runs the function that it declares", async () => expect(await answer()).toBe("one, down"), 60_000);

  it("updates and replaces as the official plugins do", async () => {
    await done("config", "set", "text", "two");
    expect(await steps()).toEqual([
      "replace aws:appconfig/deployment:Deployment flags",
      "replace aws:appconfig/hostedConfigurationVersion:HostedConfigurationVersion flags",
      "update aws:appconfig/application:Application app",
      "update aws:lambda/function:Function abort",
    ]);
    await up();
    await up("--expect-no-changes");
    expect(await answer()).toBe("two, down");
  }, 120_000);

  it("refuses what it does not know, before it changes anything", async () => {
    const { code, output } = await pulumi([
      "up",
      "--yes",
      "--skip-preview",
      "--config",
      "plugins:extra=archivePolicy",
    ]);
    expect(code).not.toBe(0);
    expect(output).toContain(
      "aws:sns/topic:Topic: input 'archivePolicy' is not known to the sandbox's plugin; it knows:",
    );
    await done("config", "rm", "extra");
  }, 60_000);

  it("says so where no endpoint answers", async () => {
    const nowhere = { AWS_ENDPOINT_URL: "http://127.0.0.1:1" };
    const { code, output } = await pulumi(["refresh", "--yes", "--skip-preview"], nowhere);
    expect(code).not.toBe(0);
    expect(output).toContain("no AWS endpoint answers at http://127.0.0.1:1 (AWS_ENDPOINT_URL)");
  }, 60_000);

  it("never touches a real account", async () => {
    const { code, output } = await pulumi(["refresh", "--yes", "--skip-preview"], { AWS_ENDPOINT_URL: "" });
    expect(code).not.toBe(0);
    expect(output).toContain("the sandbox's aws plugin, which works with an emulator only");
  }, 60_000);

  it("is destroyed once the versions that outlive it are gone, and leaves nothing", async () => {
    const destroy = ["destroy", "--yes", "--skip-preview"];
    const { code, output } = await pulumi(destroy);
    expect(code).not.toBe(0);
    expect(output).toContain("there are still hosted configuration versions existing under it");
    await deleteVersions(sandbox.aws);
    await done(...destroy);
    const { deployment } = JSON.parse(await done("stack", "export"));
    expect(deployment.resources ?? []).toEqual([]);
  }, 60_000);
});
