import { appendFile } from "node:fs/promises";
import { serveWebhook } from "./server";

/** A webhook as a process of its own: appends what it hears to a file, a line of JSON each, and says where it listens. */
async function main(file: string): Promise<void> {
  const { url, stop } = await serveWebhook((delivered) =>
    appendFile(file, `${JSON.stringify(delivered)}\n`, { mode: 0o600 }),
  );
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => void stop().finally(() => process.exit(0)));
  console.log(JSON.stringify({ listening: url }));
}

void main(String(process.argv[2]));
