import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../src/text/problem";
import type { Sandbox } from "..";
import { untilReady } from "../host/ready";
import { runnable } from "../host/runnable";

const SOURCE = join(__dirname, "main.ts");
const PACE = { everyMs: 50, withinMs: 120_000 };

/** What the process is told in a file. */
export interface MadeUpSettings extends Pick<Sandbox, "aws" | "postgres"> {
  /** The folder of the rollout's stack files. */
  readonly folder: string;
  /** How much faster declared durations pass than the clock. */
  readonly timeScale: number;
  /** The namespaces of the metrics that an app of the rollout's own publishes. */
  readonly publishes: readonly string[];
}

/** What it says, a line of JSON. */
export type StandinReport = { readonly ready: true } | { readonly problem: string };

/**
 * Starts what goes on in a made-up world as a process of the sandbox's own, which lives as long as it, also when we do not.
 * Throws a `UserError` where the rollout's tables cannot be made up.
 */
export async function spawnMadeUp(
  { dir, aws, postgres, spawn }: Pick<Sandbox, "dir" | "aws" | "postgres" | "spawn">,
  given: Pick<MadeUpSettings, "folder" | "timeScale" | "publishes">,
): Promise<void> {
  const file = join(dir, "made-up.json");
  const settings: MadeUpSettings = { ...given, aws, postgres };
  // It holds the password of the sandbox's database.
  await writeFile(file, JSON.stringify(settings), { mode: 0o600 });
  const service = await spawn("made-up", process.execPath, [...runnable(SOURCE), file]);
  const started = await untilReady(
    service,
    () => toldIn(service.log),
    PACE,
    () => "What a made-up world consists of did not start.",
  )
    // It may have ended before anybody looked.
    .catch((error: unknown) => toldIn(service.log) ?? Promise.reject(error))
    .finally(() => rm(file, { force: true }));
  if ("problem" in started) throw new UserError(started.problem);
}

function toldIn(log: string): StandinReport | undefined {
  const line = readFileSync(log, "utf8")
    .split("\n")
    .find((one) => /^\{"(ready|problem)":.*\}$/.test(one));
  return line === undefined ? undefined : (JSON.parse(line) as StandinReport);
}
