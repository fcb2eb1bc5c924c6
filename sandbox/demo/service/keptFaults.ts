import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Loop } from "../../host/repeat";
import { every } from "./loop";
import type { FaultsHeard } from "./run";
import type { ServerSettings } from "./settings";

/** How often a server looks what its other instance was told, in ms. */
const LOOK_MS = 100;

/** The faults that a server begins with, and who hears of those that it is told to have later. */
interface KeptFaults {
  readonly initial: unknown;
  readonly heard: FaultsHeard | undefined;
  /** Takes over what is told meanwhile to another instance of this server: the one before serves until this one does. */
  follow(faults: { set(told: unknown): unknown }): Loop[];
}

/**
 * A server that is deployed anew is the same code, and does the same wrong. Where nobody hands its faults on, it keeps
 * them by itself, in a file of its own, if its settings say so.
 */
export function keptFaults(
  { FAULTS, FAULTS_KEPT, SERVER_NAME }: Pick<ServerSettings, "FAULTS" | "FAULTS_KEPT" | "SERVER_NAME">,
  heard?: FaultsHeard,
): KeptFaults {
  if (!FAULTS_KEPT) return { initial: FAULTS, heard, follow: () => [] };
  const file = join(tmpdir(), `faults-of-${SERVER_NAME}.json`);
  let last = readKept(file);
  return {
    initial: last === undefined ? FAULTS : JSON.parse(last),
    heard: (faults) => {
      last = JSON.stringify(faults);
      writeFileSync(file, last);
      heard?.(faults);
    },
    follow: (faults) => [
      every("faults", LOOK_MS, async () => {
        const now = readKept(file);
        if (now !== undefined && now !== last) faults.set(JSON.parse(now));
      }),
    ],
  };
}

/** What was told last; undefined where nothing was yet, or where it is just being written. */
function readKept(file: string): string | undefined {
  try {
    const text = readFileSync(file, "utf8");
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}
