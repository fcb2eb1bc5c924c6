import { existsSync } from "node:fs";
import { join } from "node:path";
import { madeOnce } from "../host/cache";
import { messageOf } from "../host/errors";
import { tailOf } from "../host/processes";
import type { Surroundings } from "./surroundings";

/** The vendor's own wrapper on npm; it downloads the engine that `$PULUMI_VERSION` names. */
const WRAPPER = "pulumi@3.265.0";
/** Long enough for a slow line, short enough not to be felt where the site is blocked. */
const PROBE_MS = 3_000;

function folder(cache: string, version: string): string {
  return join(cache, "engine", `npm-v${version}`);
}

/** Where the engine of an earlier download is. */
export function downloadedEngine(cache: string, version: string): string {
  return join(folder(cache, version), "versions", version, "bin", "pulumi");
}

/** Downloads the engine with the vendor's wrapper, which keeps it under its `$PULUMI_HOME`. */
export async function downloadEngine(cache: string, version: string, around: Surroundings): Promise<string> {
  const { env, processes, progress, downloadUrl = "https://get.pulumi.com/install.sh" } = around;
  await probe(downloadUrl);
  await progress.step(`Downloading the Pulumi engine ${version}`, () =>
    madeOnce(folder(cache, version), async (aside) => {
      const result = await processes.run(
        "npm",
        ["exec", "--yes", "--package", WRAPPER, "--", "pulumi", "version"],
        {
          cwd: aside,
          env: { ...env, PULUMI_HOME: aside, PULUMI_VERSION: version, PULUMI_SKIP_UPDATE_CHECK: "true" },
        },
      );
      if (result.code !== 0 || !existsSync(join(aside, "versions", version, "bin", "pulumi"))) {
        throw new Error(`the vendor's npm wrapper failed: ${tailOf(result.stderr, 3)}`);
      }
    }),
  );
  return downloadedEngine(cache, version);
}

async function probe(url: string): Promise<void> {
  try {
    const response = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(PROBE_MS) });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new Error(`${new URL(url).host} cannot be reached (${messageOf(cause)})`);
  }
}
