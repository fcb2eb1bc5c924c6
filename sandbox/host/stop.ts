import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { carriersOf, identityOf } from "./identity";
import { endGroup } from "./processes";
import { type LeftSandbox, RECORD, readRecord } from "./record";

/** So long a process of the sandbox that is in no group of it may take to end, in ms, before it is killed. */
const GRACE_MS = 5_000;

/**
 * Ends a sandbox that was left running, and removes its folder. Ends no process but those that it started: by their ids
 * alone they may by now be somebody else's.
 *
 * @returns what was ended; undefined where nothing was left
 * @throws SetupError on a folder that is not such a sandbox's; nothing is touched then
 */
export async function stopSandbox(dir: string): Promise<LeftSandbox | undefined> {
  const left = await readRecord(dir);
  if (left === undefined) return undefined;
  // The last started first, since later ones lean on earlier ones.
  for (const { pid, identity, stopSignal, name } of [...left.services].reverse()) {
    if (identity !== undefined && identityOf(pid) === identity)
      await endGroup({ name, pid, stopSignal: stopSignal as NodeJS.Signals, identity });
  }
  await endCarriers(left.mark);
  await remove(left.dir);
  return left;
}

/** What a service started in a group of its own is the sandbox's all the same. */
async function endCarriers(mark: string): Promise<void> {
  for (const pid of carriersOf(mark)) kill(pid, "SIGTERM");
  for (let waited = 0; waited < GRACE_MS && carriersOf(mark).length > 0; waited += 50) await sleep(50);
  for (const pid of carriersOf(mark)) kill(pid, "SIGKILL");
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** The record goes last: a stop that is interrupted can be typed again. */
async function remove(dir: string): Promise<void> {
  const away = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 } as const;
  for (const name of await readdir(dir)) if (name !== RECORD) await rm(join(dir, name), away);
  await rm(dir, away);
}
