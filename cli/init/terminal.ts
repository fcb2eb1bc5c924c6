import type { Readable, Writable } from "node:stream";
import { UserError } from "../../src/text/problem";
import type { Ask } from "./question";

/** Asks a person at a terminal: an answer that does not do is asked for again, with what is wrong with it. */
export async function askThere(
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
    if (isCancel(answer)) throw new UserError("No files are written: it was broken off.");
    return (answer ?? "").trim();
  };
}
