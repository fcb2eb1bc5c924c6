import { failure } from "../../../src/aws/known";
import type { Known } from "../data";

/** Why something could not be read, in a few words on one line. */
export function shortReason(error: unknown): string {
  return failure(error).why;
}

/** Reads something. Never throws: what fails is not known. */
export async function attempt<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return { known: true, value: await read() };
  } catch (error) {
    return { known: false, why: shortReason(error) };
  }
}
