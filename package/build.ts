import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { compilePrograms } from "./compile";
import { notices } from "./notices";
import { PACK, TYPED } from "./programs";
import { declarations } from "./types";

/**
 * `npm run build`: makes `dist/`, which is what `npm pack` packs beside the files that programs read (`files` in
 * package.json). Nothing in a checkout uses it.
 */
const ROOT = join(__dirname, "..");
const DIST = join(ROOT, "dist");

async function main(): Promise<void> {
  rmSync(DIST, { recursive: true, force: true });
  const files = await compilePrograms(ROOT);
  write("NOTICES.txt", `${notices(ROOT, files)}\n`);
  for (const [path, text] of declarations(ROOT, TYPED)) write(join("types", path), text);
  writePack();
}

/** Makes the compiled pack a folder of its own, which the engine loads and `pulumi policy publish` takes. */
function writePack(): void {
  const folder = dirname(PACK);
  const { name, version, private: _, ...own } = json(join(folder, "package.json"));
  const { devDependencies, dependencies, version: ours, license } = json("package.json");
  const versions: Record<string, string> = { ...devDependencies, ...dependencies };
  const needed = ["@pulumi/policy", "@pulumi/pulumi"].map((one) => [one, versions[one]]);
  const manifest = {
    ...own,
    name,
    version: ours,
    license,
    main: "index.js",
    files: ["index.js", "PulumiPolicy.yaml"],
    dependencies: Object.fromEntries(needed),
  };
  write(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  write(
    join(folder, "PulumiPolicy.yaml"),
    readFileSync(join(ROOT, folder, "PulumiPolicy.yaml"), "utf8").replace(/^.*#.*\n/gm, ""),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a manifest holds
function json(path: string): any {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}

function write(path: string, text: string): void {
  const file = join(DIST, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
