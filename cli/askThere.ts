import { createInterface } from "node:readline/promises";

/** Asks one question; the answer is trimmed. */
export type Ask = (question: string) => Promise<string>;

/** Asks a person at a terminal. */
export async function askThere<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await work(async (question) => (await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}
