import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { Processes } from "../../sandbox/host/processes";

export const PROJECT = join(__dirname, "..", "..");

/** A folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), "cutover-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Child processes that end with the test. */
export function processesIn(dir: string, graceMs?: number): Processes {
  const processes = new Processes(dir, graceMs);
  onTestFinished(async () => {
    await processes.stop();
    await processes.release();
  });
  return processes;
}

/** Our environment as children get it. */
export function environment(more: Record<string, string> = {}): Record<string, string> {
  return { ...(process.env as Record<string, string>), ...more };
}

/** Writes an executable shell script. */
export function script(path: string, ...lines: string[]): string {
  writeFileSync(path, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(path, 0o755);
  return path;
}

/** Whether a process exists and is more than a zombie that nobody has collected. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}

/** The processes that know a folder by their environment or command line, such as those of a sandbox. */
export function processesOf(dir: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return ["cmdline", "environ"].some((file) =>
          readFileSync(`/proc/${name}/${file}`, "latin1").includes(dir),
        );
      } catch {
        return false;
      }
    })
    .map(Number)
    .filter(isAlive);
}

/** Waits until something holds; fails loudly when it does not come to hold. */
export async function until(what: string, holds: () => boolean, ms = 10_000): Promise<void> {
  for (let waited = 0; waited < ms; waited += 25) {
    if (holds()) return;
    await sleep(25);
  }
  throw new Error(`did not come true in ${ms} ms: ${what}`);
}
