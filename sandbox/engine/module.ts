import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The version of the engine that is built where PATH has none: go.mod is the one place that names it. */
export function engineVersion(): string {
  return inModule(/github\.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/, "github.com/pulumi/pulumi/pkg/v3");
}

/** The oldest Go that builds it. */
export function goVersion(): string {
  return inModule(/^go (\S+)$/m, "a version of Go");
}

function inModule(pattern: RegExp, what: string): string {
  const found = pattern.exec(readFileSync(join(__dirname, "go.mod"), "utf8"))?.[1];
  if (found === undefined) throw new Error(`sandbox/engine/go.mod does not name ${what}`);
  return found;
}
