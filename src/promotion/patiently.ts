import { setTimeout as sleep } from "node:timers/promises";

/** Between two looks at a world that does not answer, in ms. */
const PAUSE_MS = 500;

/** Asks until there is an answer, whatever kept it away, for at most `patience` ms; then throws what was said last. */
export async function patiently<T>(ask: () => Promise<T>, patience: number): Promise<T> {
  for (const ends = Date.now() + patience; ; await sleep(PAUSE_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() + PAUSE_MS > ends) throw error;
    }
  }
}
