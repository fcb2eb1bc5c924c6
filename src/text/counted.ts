/**
 * A number with what it counts, for a sentence: `1 flag`, `2 flags`.
 *
 * @param one the word for one of them
 * @param more the word for several, where that is not `one` with an s
 */
export function counted(number: number | bigint, one: string, more = `${one}s`): string {
  return `${number} ${Number(number) === 1 ? one : more}`;
}

/** How many of them pass, for a sentence: `1 of 2 gates pass`, `0 of 1 gate passes`. */
export function passing(passed: number, all: number, what: string): string {
  return `${passed} of ${counted(all, what)} ${all === 1 ? "passes" : "pass"}`;
}
