import { copyFile, link, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot, madeOnce } from "../host/cache";
import { SetupError } from "../host/errors";
import { type RunResult, tailOf } from "../host/processes";

interface Plugin {
  readonly name: string;
  /** The SDK's own: the engine picks a plugin by the version of the SDK that asks for it. */
  readonly version: string;
}

/**
 * Installs the vendor's plugin of exactly this version under an engine's home. It is downloaded once, into the cache that all
 * sandboxes share, and from there linked: the engine finds no plugin behind a symbolic link. No checksum of the vendor's
 * archives is published in a package, so nothing but the vendor's own TLS vouches for it.
 *
 * @param pulumi runs the engine to its end with this home
 */
export async function installOfficial(
  home: string,
  { name, version }: Plugin,
  pulumi: (args: readonly string[], home: string) => Promise<RunResult>,
): Promise<void> {
  const cached = await madeOnce(join(cacheRoot(), "official", `${name}-${version}`), async (aside) => {
    const { code, stderr } = await pulumi(["plugin", "install", "resource", name, `v${version}`], aside);
    if (code === 0) return;
    throw new SetupError(
      `The vendor's ${name} plugin ${version} could not be downloaded; leave out --official-plugins to use the sandbox's own.\n${tailOf(stderr, 3)}`,
    );
  });
  await linked(join(cached, "plugins"), join(home, "plugins"));
}

/** The same folder again, of the same files where both are on one disk. */
async function linked(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linked(source, target);
    else await link(source, target).catch(() => copyFile(source, target));
  }
}
