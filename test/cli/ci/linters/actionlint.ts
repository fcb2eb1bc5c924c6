import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot, madeOnce } from "../../../../sandbox/host/cache";
import { run } from "./run";

/** Where there is a linter: built from the Go module beside this file, once. Undefined where there is no Go. */
export async function actionlint(): Promise<string | undefined> {
  const sums = readFileSync(join(__dirname, "go.sum"));
  const hash = createHash("sha256").update(sums).digest("hex").slice(0, 12);
  const env = {
    ...process.env,
    GOFLAGS: "-mod=readonly",
    GOWORK: "off",
    GO111MODULE: "on",
    CGO_ENABLED: "0",
  };
  const go = await run("go", ["version"], __dirname, env);
  if (go.code === "ENOENT") return undefined;
  const folder = await madeOnce(join(cacheRoot(), "actionlint", hash), async (aside) => {
    const command = "github.com/rhysd/actionlint/cmd/actionlint";
    const args = ["build", "-trimpath", "-ldflags", "-s -w", "-o", join(aside, "actionlint"), command];
    const { code, out } = await run("go", args, __dirname, env);
    if (code !== 0) throw new Error(`actionlint could not be built:\n${out}`);
  });
  return join(folder, "actionlint");
}

/** What the linter finds in workflows, a line each. Other linters that may be on PATH are left out. */
export async function lint(program: string, files: readonly string[]): Promise<string[]> {
  const args = ["-no-color", "-oneline", "-shellcheck=", "-pyflakes=", ...files];
  const { code, out } = await run(program, args, __dirname, process.env);
  if (code !== 0 && code !== 1) throw new Error(`actionlint failed: ${out}`);
  return out.split("\n").filter((line) => line !== "");
}
