import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import { madeOnce } from "../host/cache";
import { type RunResult, tailOf } from "../host/processes";
import { buildObstacle } from "./decide";
import { goVersion } from "./module";
import type { Surroundings } from "./surroundings";

const COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";

function folder(cache: string, version: string): string {
  // The sums pin every source file: another go.sum is another engine.
  const hash = createHash("sha256")
    .update(readFileSync(join(__dirname, "go.sum")))
    .digest("hex")
    .slice(0, 12);
  return join(cache, "engine", `v${version}-${hash}`);
}

/** Where the engine of an earlier build is. */
export function builtEngine(cache: string, version: string): string {
  return join(folder(cache, version), "pulumi");
}

/** Builds the engine from the tools module beside this file. */
export async function buildEngine(cache: string, version: string, around: Surroundings): Promise<string> {
  const { env, processes, progress, freeBytes = measureFree } = around;
  const goEnv = {
    ...env,
    // A person's own flags, workspace or vendoring must not change what is built.
    GOFLAGS: "-mod=readonly",
    GOWORK: "off",
    GO111MODULE: "on",
    CGO_ENABLED: "0",
  };
  const go = async (args: readonly string[], onLine?: (line: string) => void) =>
    processes.run("go", args, { cwd: __dirname, env: goEnv, onLine });

  const asked = await go(["env", "GOVERSION", "GOMODCACHE"]).catch(() => undefined);
  const checked = asked?.stdout.split("\n")[1] || cache;
  const obstacle = buildObstacle({
    said: asked === undefined ? "no go on PATH" : answerOf(asked),
    wanted: goVersion(),
    freeBytes: await freeBytes(checked),
    folder: checked,
  });
  if (obstacle !== undefined) throw new Error(obstacle);

  await progress.step(`Building the Pulumi engine ${version} with Go (once, 5 to 12 minutes)`, (detail) =>
    madeOnce(folder(cache, version), async (aside) => {
      const count = counter(detail);
      const ldflags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
      const args = ["build", "-v", "-trimpath", "-ldflags", ldflags, "-o", join(aside, "pulumi"), COMMAND];
      const result = await go(args, count);
      if (result.code !== 0) throw new Error(`go build failed:\n${tailOf(result.stderr, 12)}`);
    }),
  );
  return builtEngine(cache, version);
}

/** What `go env GOVERSION` says, or why it says nothing, as where the Go that go.mod asks for cannot be fetched. */
function answerOf({ code, stdout, stderr }: RunResult): { version: string } | { complaint: string } {
  if (code !== 0) return { complaint: tailOf(stderr, 3) };
  return { version: (stdout.split("\n")[0] ?? "").replace(/^go/, "") };
}

/** Turns what `go build -v` prints into a short detail. */
function counter(detail: (text: string) => void): (line: string) => void {
  let downloads = 0;
  let packages = 0;
  return (line) => {
    if (line.startsWith("go: downloading")) detail(`${++downloads} modules downloaded`);
    else if (!line.startsWith("go:")) detail(`${++packages} packages compiled`);
  };
}

async function measureFree(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
