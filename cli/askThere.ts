import type { Readable, Writable } from "node:stream";
import { UserError } from "../src/text/problem";

export interface Question {
  readonly text: string;
  /** Shown where nothing is typed yet. */
  readonly example?: string | undefined;
  /** Stands there to be changed, or taken as it is. */
  readonly initial?: string | undefined;
  /** What is wrong with an answer, if anything. */
  readonly check: (answer: string) => string | undefined;
}

/** Asks until the answer passes the question's check. */
export type Ask = (question: Question) => Promise<string>;

/**
 * Asks a person at a terminal: an answer that does not do is asked for again, with what is wrong with it. Broken off, it
 * throws a `UserError` that says so.
 *
 * @param undone what was not done then, as a sentence's beginning
 */
export async function askThere(
  undone: string,
  input: Readable = process.stdin,
  output: Writable = process.stderr,
): Promise<Ask> {
  const { isCancel, text } = await import("@clack/prompts");
  return async ({ text: message, example, initial, check }) => {
    const answer = await text({
      message,
      input,
      output,
      ...(example === undefined ? {} : { placeholder: example }),
      ...(initial === undefined ? {} : { initialValue: initial }),
      validate: (typed) => check((typed ?? "").trim()),
    });
    if (isCancel(answer)) throw new UserError(`${undone}: it was broken off.`);
    return (answer ?? "").trim();
  };
}
