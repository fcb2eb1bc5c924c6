import { type Loop, repeat } from "../../host/repeat";
import { log } from "./log";

/**
 * Runs `work` every `intervalMs`, never twice at a time, until stopped. A failure is logged and the loop
 * goes on; one that repeats is logged once, so that an outage of a minute is not a thousand lines.
 */
export function every(name: string, intervalMs: number, work: () => Promise<void>): Loop {
  let lastFailure: string | undefined;

  async function once(): Promise<void> {
    try {
      await work();
      if (lastFailure !== undefined) log(`${name}: works again`);
      lastFailure = undefined;
    } catch (error) {
      const failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      if (failure !== lastFailure) log(`${name}: ${failure}`);
      lastFailure = failure;
    }
  }

  return repeat({ everyMs: intervalMs }, once);
}
