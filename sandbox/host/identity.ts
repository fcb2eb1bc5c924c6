import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The variable in which every process of a sandbox carries the sandbox's mark. */
export const MARK_VARIABLE = "CUTOVER_SANDBOX_MARK";

/**
 * What tells a process from every other one that has, or will have, the same id: when it was started, in which run of
 * the system, and among which processes it is counted. Undefined once it has ended, also where nobody has collected
 * it yet.
 */
export function identityOf(pid: number): string | undefined {
  try {
    if (process.platform !== "linux") {
      const [state = "", ...started] = execFileSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], {
        stdio: ["ignore", "pipe", "ignore"],
      })
        .toString()
        .trim()
        .split(/\s+/);
      return state === "" || state.startsWith("Z") ? undefined : started.join(" ");
    }
    // The fields after the name, which may itself contain spaces and parentheses: the state is the 3rd, the start the 22nd.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return [boot, readlinkSync("/proc/self/ns/pid"), fields[19]].join(" ");
  } catch {
    return undefined;
  }
}

/**
 * The processes that carry a mark. Empty where the system does not tell a process's environment: there a process that
 * left its group is not found.
 */
export function carriersOf(mark: string): number[] {
  const entry = `${MARK_VARIABLE}=${mark}`;
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const pid = /^\d+$/.test(name) ? Number(name) : process.pid;
    if (pid === process.pid) return [];
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
      return environment.includes(entry) && identityOf(pid) !== undefined ? [pid] : [];
    } catch {
      // It has just ended, or is another user's, and then none of ours.
      return [];
    }
  });
}
