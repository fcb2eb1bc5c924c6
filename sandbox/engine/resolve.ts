import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { cacheRoot } from "../host/cache";
import { messageOf } from "../host/errors";
import type { Processes } from "../host/processes";
import { type Candidate, chooseFromPath, noEngine } from "./decide";
import { buildEngine, builtEngine } from "./go-build";
import { engineVersion, goVersion } from "./module";
import type { Surroundings } from "./surroundings";

export interface Engine {
  readonly pulumi: string;
  readonly version: string;
  readonly origin: "path" | "go";
  /** Whether the vendor's `pulumi-language-nodejs` comes with it. */
  readonly languageHost: boolean;
}

const HOST = "pulumi-language-nodejs";

/**
 * Finds an engine: on PATH, else a build from the Go module beside this file, which an earlier run may have left.
 * Nothing else is fetched: go.sum holds a checksum of all that is built, and the vendor's binaries have none here.
 * Throws a SetupError that says what to install where neither is possible.
 */
export async function resolveEngine(surroundings: Surroundings): Promise<Engine> {
  const { progress } = surroundings;
  const cache = surroundings.cache ?? cacheRoot();
  const version = engineVersion();

  const fromPath = chooseFromPath(await candidates(surroundings));
  for (const note of fromPath.notes) progress.note(note);
  if (fromPath.use !== undefined) {
    const { path, version, languageHost } = fromPath.use;
    return { pulumi: path, version, origin: "path", languageHost };
  }

  const built = builtEngine(cache, version);
  if (existsSync(built)) return { pulumi: built, version, origin: "go", languageHost: hostBeside(built) };

  try {
    const pulumi = await buildEngine(cache, version, surroundings);
    return { pulumi, version, origin: "go", languageHost: hostBeside(pulumi) };
  } catch (error) {
    throw noEngine({ engine: version, go: goVersion() }, { path: fromPath.notes, go: messageOf(error) });
  }
}

async function candidates({ env, processes }: Surroundings): Promise<Candidate[]> {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const hostOnPath = folders.some((folder) => executable(join(folder, HOST)));
  const paths = [...new Set(folders.map((folder) => join(folder, "pulumi")))].filter(executable);
  return Promise.all(
    paths.map(async (path) => ({
      path,
      version: await askVersion(path, env, processes),
      languageHost: hostOnPath || hostBeside(path),
    })),
  );
}

async function askVersion(
  path: string,
  env: Readonly<Record<string, string>>,
  processes: Processes,
): Promise<string | undefined> {
  const result = await processes
    .run(path, ["version"], {
      env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      signal: AbortSignal.timeout(10_000),
    })
    .catch(() => undefined);
  return /^v?(\d+\.\d+\.\d+\S*)\s*$/m.exec(result?.stdout ?? "")?.[1];
}

function hostBeside(pulumi: string): boolean {
  return executable(join(dirname(realpathSync(pulumi)), HOST));
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
