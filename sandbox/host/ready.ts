import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupError } from "./errors";
import { endOfLog, type Service } from "./processes";

/**
 * Waits until a service that was just started is ready. Where it does not become so, or ends, it is stopped.
 *
 * @param look undefined, or a promise of it, for as long as it is not ready; else what it is ready with
 * @param pace how often is looked, and how long it is waited for at the most, in ms
 * @param failure a sentence about what did not start
 * @throws SetupError with that sentence and the end of the service's log
 */
export async function untilReady<T>(
  service: Service,
  look: () => T | undefined | Promise<T | undefined>,
  { everyMs, withinMs }: { readonly everyMs: number; readonly withinMs: number },
  failure: (service: Service) => string,
): Promise<T> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline && service.running; ) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(everyMs);
  }
  const why = failure(service);
  await service.stop();
  throw new SetupError(`${why} ${endOfLog(service.log)}`);
}

/** How often a program of the sandbox's own is looked at, and how long it is waited for, in ms. */
const OWN = { everyMs: 25, withinMs: 60_000 };

/**
 * Waits until a program of the sandbox's own says where it listens, in a line of JSON: `{"listening":…}`.
 *
 * @param failure a sentence about what did not start
 */
export function untilListening(service: Service, failure: string): Promise<string> {
  return untilReady(
    service,
    () => listening(service),
    OWN,
    () => failure,
  );
}

function listening({ log }: Service): string | undefined {
  for (const line of readFileSync(log, "utf8").split("\n"))
    if (line.startsWith('{"listening"') && line.endsWith("}"))
      return String((JSON.parse(line) as { listening: string | number }).listening);
  return undefined;
}
