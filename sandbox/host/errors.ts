/**
 * A problem that the person at the keyboard can solve: shown as its message alone, without a stack.
 * The message says what is wrong and what to do.
 */
export class SetupError extends Error {
  override readonly name = "SetupError";
}

/** The message of anything that was thrown, for use inside another message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
