import { join, relative, sep } from "node:path";

/** Set by the build of the package (`package/`), in all that it compiles; sources that run as they are have none. */
declare const CUTOVER_PACKAGED: true;

/** Whether this runs from the installed package, and not from a checkout's sources. */
export function packaged(): boolean {
  return typeof CUTOVER_PACKAGED !== "undefined";
}

/**
 * Where the package has the compiled form of a program of its own that another process runs; undefined in a checkout,
 * where it is made of the source when it is needed.
 *
 * @param source the program's source file, absolute
 */
export function compiled(source: string): string | undefined {
  return packaged() ? compiledIn(join(__dirname, "..", ".."), source) : undefined;
}

/** The same, in a package that lies at `root`: `src/lambda/probe.ts` is `dist/src/lambda/probe.js`. */
export function compiledIn(root: string, source: string): string {
  return join(root, "dist", relative(root, source)).replace(/\.ts$/, ".js");
}

/**
 * The folder from which the commands that are printed can be typed: the checkout, or where the package is installed.
 *
 * @param program the folder of the checkout, or of the package
 */
export function homeOf(program: string): string {
  if (!packaged()) return program;
  const [home = program] = program.split(`${sep}node_modules${sep}`);
  return home;
}
