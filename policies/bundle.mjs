// Bundles the policy pack into one file. The vendor's language host would otherwise type-check the pack's sources
// with ts-node at every preview, and one file starts faster with any host.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = dirname(fileURLToPath(import.meta.url));

/** Writes policies/dist/index.js, which the pack's package.json names as its main. */
export async function bundlePolicies() {
  await build({
    entryPoints: [join(folder, "index.ts")],
    outfile: join(folder, "dist", "index.js"),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    keepNames: true,
    logLevel: "warning",
    // The engine and the pack must share one SDK.
    external: ["@pulumi/*"],
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) void bundlePolicies();
