import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { initCommand } from "../../cli/init/run";
import { POLICY_PACK } from "../../cli/policyPack";
import { loadRollout } from "../../src/rollout/load";
import { Ground } from "./harness";
import { publishOnce } from "./publish";

/** What `cutover init` writes, on a real engine: the first stage comes up, and the next one says what it waits for. */
let ground: Ground;
let folder: string;

beforeAll(async () => {
  ground = await Ground.open();
  folder = join(ground.sandbox.dir, "written");
  const given = {
    name: "written",
    flags: ["SEARCH_READ", "SEARCH_PERCENT:percentage"],
    stages: "first,second",
  };
  await publishOnce(ground.sandbox, ["Errors"], { namespace: given.name });
  expect(await initCommand({ folder, ...given, print: () => {} })).toBe(0);
});
afterAll(() => ground?.close());

async function pulumi(...args: string[]) {
  const { code, stdout, stderr } = await ground.sandbox.pulumi([...args, "--non-interactive"], {
    cwd: folder,
    env: { PULUMI_OPTION_POLICY_PACK: POLICY_PACK },
  });
  return { code, said: `${stdout}${stderr}` };
}

it("comes up, and is blocked by the sign-off that nobody has made yet, and by nothing else", async () => {
  for (const stack of ["baseline", "first"]) {
    const made = await pulumi("stack", "init", stack);
    expect(made.code, made.said).toBe(0);
  }
  const up = await pulumi("up", "--yes", "--skip-preview", "--stack", "baseline");
  expect(up.code, up.said).toBe(0);
  const preview = await pulumi("preview", "--stack", "first");
  expect(preview.code).not.toBe(0);
  expect(preview.said).toContain("written first, attempt 1, is not promoted: 0 of 1 gate passes.");
  expect(preview.said).toMatch(/A1\s*│\s*INCONCLUSIVE/);
  expect(preview.said).toContain("Put a statement under signOffs");
});

it("is still read once Pulumi's own commands have written its files, a date without quotes among them", async () => {
  const file = join(folder, "Pulumi.first.yaml");
  const text = readFileSync(file, "utf8");
  const signed = `    signOffs:
      A1: { by: ada@example.com, at: 2026-01-01T10:00:00+02:00, statement: We are ready, attempt: 1 }
`;
  writeFileSync(file, text.replace("    # What must hold before the next stage", `${signed}$&`));
  const before = loadRollout(folder);
  for (const words of [
    ["config", "set", "aws:region", "eu-central-1", "--stack", "first"],
    ["config", "set", "--secret", "cutover:token-admin", "not-a-real-one", "--stack", "first"],
    ["config", "refresh", "--force", "--stack", "baseline"],
    ["stack", "init", "second"],
  ]) {
    const { code, said } = await pulumi(...words);
    expect(code, said).toBe(0);
  }
  expect(readFileSync(file, "utf8")).toContain("2026-01-01 10:00:00 +0200");
  expect(loadRollout(folder)).toEqual(before);
});
