/**
 * A number with what it counts, for a sentence: `1 flag`, `2 flags`.
 *
 * @param one the word for one of them
 * @param more the word for several, where that is not `one` with an s
 */
export function counted(number: number | bigint, one: string, more = `${one}s`): string {
  return `${number} ${Number(number) === 1 ? one : more}`;
}
