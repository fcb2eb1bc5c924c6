import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { PLUGIN_OPTIONS } from "../sandbox/engine/bundle";
import { PROGRAM_OPTIONS } from "../sandbox/host/program";
import { handlerCode } from "../src/lambda/bundle";
import { FUNCTIONS } from "../src/lambda/functions";
import { compiledIn } from "../src/text/packaged";
import { HANDLERS, LOADED, PACK, PLUGINS, STARTED } from "./programs";

/** How the same programs become one file each in a checkout. */
const { OPTIONS } = require("../start.cjs") as { OPTIONS: BuildOptions };

/** What all that is compiled here is told. See src/text/packaged.ts. */
const DEFINE = { CUTOVER_PACKAGED: "true" };

/**
 * Compiles every program of the package. Returns the packages of others that became part of it, as their files' paths
 * from the checkout's folder.
 *
 * @param root the checkout, which is also the package's folder
 */
export async function compilePrograms(root: string): Promise<string[]> {
  const one = (source: string, options: BuildOptions) =>
    build({
      ...options,
      entryPoints: [join(root, source)],
      outfile: compiledIn(root, join(root, source)),
      absWorkingDir: root,
      define: DEFINE,
      legalComments: "none",
      minifySyntax: true,
      minifyWhitespace: true,
      metafile: true,
    });
  const made = await Promise.all([
    ...[...LOADED, PACK].map((source) => one(source, { ...OPTIONS, ...inPlace(root, source) })),
    // What reads SQL is found where the package is installed: it is no JavaScript alone.
    ...STARTED.map((source) => one(source, { ...PROGRAM_OPTIONS, external: ["libpg-query"] })),
    ...PLUGINS.map((source) => one(source, { ...PROGRAM_OPTIONS, ...PLUGIN_OPTIONS })),
    ...HANDLERS.map((handler) => compileHandler(root, handler)),
  ]);
  // What a function is made of is part of the command, which looks at gates as well.
  return [...new Set(made.flatMap((result) => (result ? Object.keys(result.metafile?.inputs ?? {}) : [])))];
}

async function compileHandler(root: string, handler: (typeof HANDLERS)[number]): Promise<undefined> {
  const source = join(root, "src", "lambda", `${handler}.ts`);
  const { name, bytes } = FUNCTIONS[handler];
  const file = compiledIn(root, source);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, await handlerCode(source, name, bytes, { define: DEFINE }));
}

/** What a program needs to find the package's folder from where it lies. Others are run from elsewhere, as in a checkout. */
function inPlace(root: string, source: string): Pick<BuildOptions, "banner" | "plugins"> {
  const file = compiledIn(root, join(root, source));
  const path = relative(dirname(file), root).split(sep).join("/");
  const js = `const CUTOVER_ROOT = require("node:path").join(__dirname, ${JSON.stringify(path)});`;
  return { banner: { js }, plugins: [folders(root)] };
}

/** A source that asks for its folder is told where that is in the package: what lies in it is packed at the same path. */
function folders(root: string): Plugin {
  return {
    name: "where a source lies",
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        if (path.includes(`${sep}node_modules${sep}`) || !/\b__dirname\b/.test(text)) return undefined;
        const folder = JSON.stringify(relative(root, dirname(path)).split(sep).join("/"));
        return {
          contents: `const __dirname = require("node:path").join(CUTOVER_ROOT, ${folder}); ${text}`,
          loader: "ts",
        };
      }),
  };
}
