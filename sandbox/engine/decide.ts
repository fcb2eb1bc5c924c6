import { SetupError } from "../host/errors";

/** The oldest engine that knows what the program uses (hooks, `Stash`). */
const MINIMUM = "3.248.0";

/** A `pulumi` that was found on PATH, and what could be learned about it. */
export interface Candidate {
  readonly path: string;
  /** Undefined where it did not answer `pulumi version` sensibly. */
  readonly version: string | undefined;
  /** Whether `pulumi-language-nodejs` is beside it, or on PATH. */
  readonly languageHost: boolean;
}

export interface Choice {
  readonly use: (Candidate & { readonly version: string }) | undefined;
  /** Why each candidate before it was skipped, for the person who expected it to be used. */
  readonly notes: readonly string[];
}

/** The first usable engine on PATH, with a reason for every one that was passed over. */
export function chooseFromPath(candidates: readonly Candidate[], minimum = MINIMUM): Choice {
  const notes: string[] = [];
  for (const candidate of candidates) {
    const { path, version, languageHost } = candidate;
    if (version === undefined) {
      notes.push(`Skipping ${path}: it did not answer \`pulumi version\`.`);
    } else if (!isAtLeast(version, minimum)) {
      notes.push(`Skipping ${path}: it is version ${version}, and ${minimum} or later is needed.`);
    } else if (!languageHost) {
      notes.push(`Skipping ${path}: pulumi-language-nodejs is neither beside it nor on PATH.`);
    } else {
      return { use: { ...candidate, version }, notes };
    }
  }
  return { use: undefined, notes };
}

/** What must be known to decide whether the engine can be built here. */
export interface GoSituation {
  /** What `go` says in the module's folder, where from 1.21 on it has become the one that go.mod asks for. */
  readonly said: { readonly version: string } | { readonly complaint: string } | "no go on PATH";
  /** The oldest that go.mod takes. */
  readonly wanted: string;
  readonly freeBytes: number;
  /** The folder whose disk was measured. */
  readonly folder: string;
}

/** The module cache (1.8 GB), the build cache and the linker's working files. */
export const BUILD_BYTES = 4 * 1024 ** 3;

/** Why the engine cannot be built here; undefined where it can. */
export function buildObstacle({ said, wanted, freeBytes, folder }: GoSituation): string | undefined {
  if (said === "no go on PATH") return "there is no `go` on PATH";
  if ("complaint" in said) return `go cannot be used: ${said.complaint}`;
  if (!isAtLeast(said.version, wanted)) {
    return `go is version ${said.version}, and ${wanted} or later is needed`;
  }
  if (freeBytes < BUILD_BYTES) {
    return `building it takes about ${gigabytes(BUILD_BYTES)} of free disk, and ${folder} has ${gigabytes(freeBytes)}`;
  }
  return undefined;
}

/** Nothing worked: says what to install, and what stood in the way of each. `wanted`: the versions of go.mod. */
export function noEngine(
  wanted: { engine: string; go: string },
  reasons: { path: readonly string[]; go: string },
): SetupError {
  const onPath = reasons.path.length === 0 ? ["None was found on PATH."] : reasons.path;
  return new SetupError(
    [
      "No Pulumi engine could be found or built. " +
        `Install the Pulumi CLI ${MINIMUM} or later (https://www.pulumi.com/docs/install/), ` +
        `or Go ${wanted.go} or later (https://go.dev/dl/), and run this again with it on PATH.`,
      ...onPath.map((note) => `  Pulumi CLI: ${note}`),
      `  Go, which builds the engine ${wanted.engine} once (5 to 12 minutes, 4 GB of disk): ${reasons.go}`,
    ].join("\n"),
  );
}

/** Compares dotted versions by their numbers; a pre-release counts as its release. */
export function isAtLeast(version: string, minimum: string): boolean {
  const left = numbers(version);
  const right = numbers(minimum);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbers(version: string): number[] {
  return (version.replace(/^v/, "").split(/[-+]/)[0] ?? "").split(".").map(Number);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}
