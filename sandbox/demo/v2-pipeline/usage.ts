import type { Signals } from "./signals";

/** What a server may use; its share of it is told. */
const MEMORY_LIMIT_BYTES = 1024 * 1024 * 1024;

/** What a process has used so far. */
export interface Usage {
  /** Microseconds of CPU time, user and system. */
  readonly cpuMicros: number;
  readonly memoryBytes: number;
  /** In ms, from any beginning. */
  readonly at: number;
}

export function usageNow(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system, memoryBytes: process.memoryUsage.rss(), at: performance.now() };
}

/** CPU of one core between two looks, and memory at the second one, in whole percent from 0 to 100. */
export function percentsOf(before: Usage, now: Usage): { cpu: number; memory: number } {
  const wallMicros = Math.max(1, (now.at - before.at) * 1_000);
  return {
    cpu: percent((now.cpuMicros - before.cpuMicros) / wallMicros),
    memory: percent(now.memoryBytes / MEMORY_LIMIT_BYTES),
  };
}

function percent(share: number): number {
  return Math.min(100, Math.max(0, Math.round(share * 100)));
}

/** Samples the process at each call. */
export function sampler(signals: Signals, addedCpu: () => number, look: () => Usage = usageNow): () => void {
  let before = look();
  return () => {
    const now = look();
    const { cpu, memory } = percentsOf(before, now);
    before = now;
    signals.observe("CpuPercent", Math.min(100, cpu + addedCpu()));
    signals.observe("MemoryPercent", memory);
  };
}
