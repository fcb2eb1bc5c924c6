import { dirname } from "node:path";
import { build } from "esbuild";

/** What each source file imports, and what it starts, by paths in the project. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the imports of files, and of all that they lead to. A type that is imported is none: it is gone before anything runs.
 *
 * @param root the project's folder, absolute
 * @param entries paths in it
 */
export async function importsOf(root: string, entries: readonly string[]): Promise<Graph> {
  // One entry that imports all: each by itself would be put together with all that it shares with the others.
  const all = entries.map((path) => `import ${JSON.stringify(`./${path}`)};`).join("\n");
  const { metafile } = await build({
    absWorkingDir: root,
    stdin: { contents: all, resolveDir: root },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "silent",
  });
  const inputs = Object.entries(metafile.inputs).filter(([path]) => path !== "<stdin>");
  return new Map(
    inputs.map(([path, { imports }]) => [path, imports.flatMap((one) => (one.external ? [] : [one.path]))]),
  );
}

/** The same graph with more edges. */
export function joined(graph: Graph, more: Readonly<Record<string, readonly string[]>>): Graph {
  const both = new Map(graph);
  for (const [path, targets] of Object.entries(more)) both.set(path, [...(both.get(path) ?? []), ...targets]);
  return both;
}

/** All that a file leads to, itself included. */
export function reachedFrom(graph: Graph, file: string): ReadonlySet<string> {
  const reached = new Set([file]);
  // A set takes what is added while it is walked through.
  for (const one of reached) for (const next of graph.get(one) ?? []) reached.add(next);
  return reached;
}

/**
 * What stands for a file that nobody imports, such as a table or a page that a module beside it reads: all modules of
 * the nearest folder that has any.
 */
export function besides(graph: Graph, file: string): readonly string[] {
  for (let folder = dirname(file); folder !== "."; folder = dirname(folder)) {
    const there = [...graph.keys()].filter((path) => path.startsWith(`${folder}/`));
    if (there.length > 0) return there;
  }
  return [];
}
