import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sandbox } from "..";
import { SetupError } from "../host/errors";
import { type Service, tail } from "../host/processes";
import { writeProgram } from "../host/program";

const READY_WITHIN_MS = 60_000;

/** A webhook that lives as long as its sandbox, also when we do not. */
export interface SpawnedWebhook {
  readonly url: string;
  /** What topics delivered: a line of JSON for each message, see `Delivered`. There from the start. */
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
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline && service.running; ) {
    const url = listening(service);
    if (url !== undefined) return { url, file };
    await sleep(25);
  }
  await service.stop();
  throw new SetupError(`The webhook did not start. The end of its log:\n${tail(service.log)}`);
}

function listening({ log }: Service): string | undefined {
  for (const line of readFileSync(log, "utf8").split("\n"))
    if (line.startsWith('{"listening"') && line.endsWith("}"))
      return (JSON.parse(line) as { listening: string }).listening;
  return undefined;
}
