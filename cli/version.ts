import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What cutover's package says of itself. */
interface Package {
  readonly version: string;
  /** The Node that it runs on: `>=20.19`. */
  readonly engines: { readonly node: string };
  /** Exact versions. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** What cutover's package says of itself. */
export function ownPackage(): Package {
  return JSON.parse(readFileSync(join(__dirname, "..", "package.json"), "utf8"));
}

/** The version of cutover, as its package says it. */
export const versionOf = (): string => ownPackage().version;
