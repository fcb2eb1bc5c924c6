import { setTimeout as sleep } from "node:timers/promises";
import type { FlagWatcher } from "./flagWatcher";

/** For how long a start asks where nobody answers. */
const START_WITHIN_MS = 30_000;

/**
 * Reads the flags once, as a platform does that puts them into the environment of what it starts. They are all off
 * where no rollout has come into being yet. Throws where they cannot be read: nothing is started without them.
 */
export async function readAtStart(
  watcher: Pick<FlagWatcher<unknown>, "poll" | "answered">,
  withinMs = START_WITHIN_MS,
): Promise<void> {
  for (const ends = Date.now() + withinMs; ; await sleep(100)) {
    try {
      await watcher.poll();
      break;
    } catch (error) {
      if (error instanceof Error && error.name === "ResourceNotFoundException") return;
      const failure = error instanceof Error ? error.message : String(error);
      if (Date.now() > ends) throw new Error(`The flags cannot be read: ${failure}`);
    }
  }
  if (!watcher.answered) throw new Error("The flags cannot be read: new configuration is ignored");
}
