import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ReportEvent } from "../report/data";
import { PROGRAM } from "../sandbox/project";
import { PATIENCE_MS } from "./pace";
import type { Step } from "./timeline";
import type { Delivered } from "./webhook";
import type { World } from "./world";

/** What a report is made from: the world of any rehearsal. */
export type Reported = Pick<World, "sandbox" | "project" | "webhook">;

/** Kinds of steps that the ledger tells by itself: as deployments. */
const IN_LEDGER: readonly string[] = ["promoted", "aborted"];

/** What a rehearsal did beside changing flags, and what it was told, for the report's timeline. */
export function eventsOf(steps: readonly Step[], delivered: readonly Delivered[]): ReportEvent[] {
  const did = steps.flatMap(({ at, name, stack, outcome, expected, why }): ReportEvent[] => {
    if (outcome === expected && IN_LEDGER.includes(outcome)) return [];
    const kind = outcome !== expected ? "failed" : outcome === "blocked" ? "blocked" : "step";
    const words = outcome === expected ? [...why] : [`${outcome}, not ${expected}`, ...why];
    return [{ at, kind, title: name, ...(stack === null ? {} : { stage: stack }), lines: words }];
  });
  const heard = delivered.flatMap(({ at, topic, subject, message }): ReportEvent[] =>
    // The report has these from the alarms' histories, and from the stages' own logs of what they told.
    /^OK: |^\S+ \S+ C\d+: /.test(subject ?? "")
      ? []
      : [{ at, kind: "message", title: `to ${topic}: ${subject ?? message.slice(0, 100)}`, lines: [] }],
  );
  return [...did, ...heard];
}

/**
 * Writes the report of a rehearsal while its world still runs, with the command that people type, in a process of its
 * own that has the sandbox's environment. Returns why it could not be written, or nothing.
 */
export async function writeReportPage(
  { sandbox, project, webhook }: Reported,
  steps: readonly Step[],
  file: string,
): Promise<string | undefined> {
  await mkdir(dirname(file), { recursive: true });
  const events = join(sandbox.dir, "events.json");
  await writeFile(events, JSON.stringify(eventsOf(steps, webhook.delivered)));
  const command = [join(PROGRAM, "cli", "cutover.mjs"), "report"];
  const options = ["--html", file, "--events", events, "-C", project.folder];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...command, ...options],
      { cwd: PROGRAM, env: { ...sandbox.env }, timeout: PATIENCE_MS },
      (error, stdout, stderr) =>
        resolve(error ? stderr.trim() || stdout.trim() || "the command said nothing" : undefined),
    );
  });
}
