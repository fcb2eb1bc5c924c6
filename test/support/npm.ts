import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot, madeOnce } from "../../sandbox/host/cache";
import { run } from "../cli/ci/linters/run";

/**
 * A folder with exactly the packages of a lock file, installed once and shared by all clones. Folders in it find them, as
 * Node looks for packages.
 *
 * @param name what it is for
 * @param from the folder with `package.json` and `package-lock.json`
 */
export function npmWith(name: string, from: string): Promise<string> {
  const files = ["package.json", "package-lock.json"];
  const key = createHash("sha256").update([process.platform, process.arch, process.version].join(" "));
  for (const file of files) key.update(readFileSync(join(from, file)));
  return madeOnce(join(cacheRoot(), name, key.digest("hex").slice(0, 16)), async (aside) => {
    for (const file of files) copyFileSync(join(from, file), join(aside, file));
    const { code, out } = await run(
      "npm",
      ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
      aside,
      process.env,
    );
    if (code !== 0) throw new Error(`Installing ${name} from npm's registry failed:\n${out}`);
  });
}
