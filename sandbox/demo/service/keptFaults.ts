import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FaultsHeard } from "./run";
import type { ServerSettings } from "./settings";

/** The faults that a server begins with, and who hears of those that it is told to have later. */
export interface Begun {
  readonly initial: unknown;
  readonly heard: FaultsHeard | undefined;
}

/**
 * A server that is deployed anew is the same code, and does the same wrong. Where nobody hands its faults on, it keeps
 * them by itself, in a file of its own, if its settings say so.
 */
export function keptFaults(
  { FAULTS, FAULTS_KEPT, SERVER_NAME }: Pick<ServerSettings, "FAULTS" | "FAULTS_KEPT" | "SERVER_NAME">,
  heard?: FaultsHeard,
): Begun {
  if (!FAULTS_KEPT) return { initial: FAULTS, heard };
  const file = join(tmpdir(), `faults-of-${SERVER_NAME}.json`);
  return {
    initial: readKept(file) ?? FAULTS,
    heard: (faults) => {
      writeFileSync(file, JSON.stringify(faults));
      heard?.(faults);
    },
  };
}

function readKept(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // It was told of none yet.
    return undefined;
  }
}
