import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const PROJECT = join(__dirname, "..", "..");
const NOWHERE = {
  AWS_REGION: "eu-central-1",
  AWS_ENDPOINT_URL: "http://127.0.0.1:9",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
};

/** The program as it is started by a shell, from a folder that is not the project's. */
function shell(command: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const cutover = `cutover() { '${process.execPath}' '${join(PROJECT, "cli", "cutover.mjs")}' "$@"; }`;
  return new Promise((resolve) => {
    execFile(
      "bash",
      ["-c", `${cutover}; ${command}`],
      { cwd: join(PROJECT, "rollouts", "v2-pipeline"), env: { ...process.env, ...NOWHERE } },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
}

describe("cutover in a shell", () => {
  it("works on the folder that it is started in", async () => {
    const { code, stdout } = await shell("cutover runbook -s percent10");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# Runbook of v2-pipeline, percent10/);
  });

  it.each([
    ["cutover nosuch", 2, /unknown command 'nosuch'/],
    ["cutover drill", 2, /required option '-s, --stage <stage>'/],
    ["cutover status --watch none", 2, /A number of seconds/],
    ["cutover rehearse --quick --rows", 2, /'--quick' cannot be used with option '--rows'/],
    ["cutover rehearse --all -C x", 2, /'--all' cannot be used with option '-C, --cwd <folder>'/],
    ["cutover sandbox start --time-scale fast --name -", 2, /--name: .*\n.*--time-scale: is no number/],
    ["cutover ci stacks -s percent10", 2, /--rollout: is missing/],
    ["cutover ci stacks --since main", 2, /by its hash: --since COMMIT/],
    ["cutover preview -s percent10 --base main", 2, /by its hash: --base COMMIT/],
    ["cutover init x --name x --flag : --stages a", 2, /--flag :: is no flag/],
    ["cutover hold --reason ' '", 2, /--reason: says nothing/],
    ["cutover dismiss -s percent10 --row T3 --reason .", 2, /--reason: says nothing/],
    ["cutover runbook -s nosuch", 1, /Known stages: baseline, percent10/],
    ["cutover --help", 0, /^$/],
  ])("%s: exit code %d", async (command, expected, said) => {
    const { code, stderr } = await shell(command);
    expect(code, stderr).toBe(expected);
    expect(stderr).toMatch(said);
  });

  it("ends without a word when nobody reads on", async () => {
    const { stdout, stderr } = await shell("cutover status --watch 1 | head -n 1");
    expect(stdout).toBe("v2-pipeline: The import pipeline moves from v1 to v2\n");
    expect(stderr).toBe("");
  });
});
