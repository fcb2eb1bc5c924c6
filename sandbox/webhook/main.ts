import { appendFile } from "node:fs/promises";
import { serveWebhook } from "./server";

/** A webhook as a process of its own: appends what it hears to a file, a line of JSON each, and says where it listens. */
async function main(file: string): Promise<void> {
  const append = (line: object) => appendFile(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  const { url, stop } = await serveWebhook(append, append);
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => void stop().finally(() => process.exit(0)));
  console.log(JSON.stringify({ listening: url }));
}

void main(String(process.argv[2]));
