import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sandbox } from "..";
import { writeProgram } from "../host/program";
import { untilListening } from "../host/ready";

/** A webhook that lives as long as its sandbox, also when we do not. */
export interface SpawnedWebhook {
  readonly url: string;
  /** What topics delivered, and tools took in: a line of JSON for each message, see `Delivered` and `Accepted`. There from the start. */
  readonly file: string;
}

/** Starts the webhook in a sandbox, as a process of its own. */
export async function spawnWebhook(sandbox: Pick<Sandbox, "dir" | "spawn">): Promise<SpawnedWebhook> {
  const file = join(sandbox.dir, "deliveries.jsonl");
  await writeFile(file, "", { mode: 0o600 });
  // One file, which needs nothing but itself for as long as the sandbox stands.
  const outfile = join(sandbox.dir, "webhook.cjs");
  await writeProgram(join(__dirname, "main.ts"), outfile);
  const service = await sandbox.spawn("webhook", process.execPath, [outfile, file]);
  const url = await untilListening(service, "The webhook did not start.");
  return { url, file };
}
