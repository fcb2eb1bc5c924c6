import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The version of cutover, as its package says it. */
export function versionOf(): string {
  const { version } = JSON.parse(readFileSync(join(__dirname, "..", "package.json"), "utf8"));
  return version;
}
