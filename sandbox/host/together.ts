/**
 * Like `Promise.all`, but throws its first failure only once nothing goes on any more: what goes on might still write
 * where everything is about to be removed.
 *
 * @param onFailure ends the rest, at the first failure
 */
export async function together<T extends readonly Promise<unknown>[]>(
  work: readonly [...T],
  onFailure: () => Promise<void> = async () => {},
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  try {
    return await Promise.all(work);
  } catch (error) {
    await onFailure();
    await Promise.allSettled(work);
    throw error;
  }
}
