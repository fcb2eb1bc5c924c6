import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SetupError } from "./errors";
import { endGroup, type ServiceRecord } from "./processes";

const FILE = "stop.json";

/** A service, and when it was started: a process id alone may long belong to someone else. */
interface StopRecord extends ServiceRecord {
  readonly started: string | undefined;
}

/** Writes down what `stopSandbox` needs to end these services later, from another process. */
export async function writeStopRecord(dir: string, services: readonly ServiceRecord[]): Promise<void> {
  const records: StopRecord[] = services.map((service) => ({ ...service, started: startTime(service.pid) }));
  await writeFile(join(dir, FILE), `${JSON.stringify(records, null, 2)}\n`, { mode: 0o600 });
}

/** Ends a sandbox that was left running, and removes its folder. */
export async function stopSandbox(dir: string): Promise<void> {
  const text = await readFile(join(dir, FILE), "utf8").catch(() => {
    throw new SetupError(`${dir} is not the folder of a running sandbox: it has no ${FILE}.`);
  });
  const records = JSON.parse(text) as StopRecord[];
  for (const record of records.reverse()) {
    if (record.started !== undefined && startTime(record.pid) === record.started) await endGroup(record);
  }
  await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** When a process was started, in whatever form the system tells it; undefined when it is gone. */
function startTime(pid: number): string | undefined {
  try {
    if (process.platform !== "linux")
      return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)])
        .toString()
        .trim();
    // Field 22, counted after the name, which may itself contain spaces and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
