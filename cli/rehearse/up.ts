import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunResult, Sandbox } from "../../sandbox";
import type { Verdict } from "../../src/gates/judge";
import { admit } from "../../src/promotion/admit";
import { REPORT_VARIABLE, type RunReport, readReport } from "../../src/promotion/runReport";
import { type EngineAccount, isChange, readEngineEvents } from "../engine-events";
import { POLICY_PACK } from "../policyPack";

/** How a run of `pulumi` came out. */
export type Outcome = "promoted" | "blocked" | "unchanged" | "updated" | "aborted" | "failed";

/** One run of `pulumi`, with what it decided and on what. */
export interface Run {
  readonly outcome: Outcome;
  readonly account: EngineAccount;
  readonly report: RunReport | undefined;
  readonly verdicts: readonly Verdict[];
  readonly earliest: string | undefined;
  /** All that the engine printed, for when the outcome is not the expected one. */
  readonly output: string;
}

export interface UpOptions {
  readonly folder: string;
  readonly stack: string;
  /** Left out, the pack is applied, as in every documented way of working. */
  readonly policyPack?: "none";
  readonly preview?: boolean;
  readonly signal?: AbortSignal;
}

/** Runs `pulumi up` (or `preview`) of a stack and reads what came of it from the engine's own events. */
export async function up(sandbox: Sandbox, options: UpOptions): Promise<Run> {
  const { folder, stack, preview } = options;
  const id = randomUUID();
  const events = join(sandbox.dir, `events-${id}.json`);
  const reportFile = join(sandbox.dir, `report-${id}.json`);
  const command = preview ? ["preview"] : ["up", "--yes", "--skip-preview"];
  // The engine also logs what the SDK says to itself, secrets in plain text: for our eyes, and not for long.
  await writeFile(events, "", { mode: 0o600 });
  let result: RunResult;
  let account: EngineAccount;
  try {
    result = await sandbox.pulumi(
      [...command, "--stack", stack, "--non-interactive", "--event-log", events],
      {
        cwd: folder,
        env: {
          // The engine offers its event log only where debug commands are on.
          PULUMI_DEBUG_COMMANDS: "true",
          [REPORT_VARIABLE]: reportFile,
          ...(options.policyPack === "none" ? {} : { PULUMI_OPTION_POLICY_PACK: POLICY_PACK }),
        },
        ...(options.signal ? { signal: options.signal } : {}),
      },
    );
    account = await readEngineEvents(events);
  } finally {
    await rm(events, { force: true });
  }
  const report = await readReport(reportFile);
  const judgement = judged(report);
  return {
    outcome: outcomeOf(result.code, account, report),
    account,
    report,
    verdicts: [...(judgement?.verdicts ?? []), ...(report?.settlement?.verdicts ?? [])],
    earliest: judgement?.earliest,
    output: [result.stdout, result.stderr, ...changed(account)].join("\n").trim(),
  };
}

/** What the engine did to each resource: its own display leaves out what it calls unimportant. */
function changed({ steps }: EngineAccount): string[] {
  return steps.filter(({ op }) => isChange(op)).map(({ op, urn }) => `${op} ${urn}`);
}

function judged(report: RunReport | undefined) {
  const { promotion } = report ?? {};
  if (!promotion?.evidence) return undefined;
  const { subject, gates, evidence, unarmed, timeScale } = promotion;
  return admit({ subject, gates, evidence, unarmed }, { now: Date.now(), timeScale, moment: "admission" });
}

function outcomeOf(code: number, account: EngineAccount, report: RunReport | undefined): Outcome {
  if (report?.settlement?.outcome === "aborted") return "aborted";
  if (code !== 0) {
    const stopped =
      account.violations.length > 0 ||
      account.errors.some((error) => /is not promoted|last look refuses/.test(error));
    return stopped ? "blocked" : "failed";
  }
  if (Object.keys(account.changes).length === 0) return "unchanged";
  // A foundation has no plan; bringing it up for the first time promotes the first stage.
  if (!report) return account.changes.create ? "promoted" : "updated";
  return report.plan.kind === "raise" ? "promoted" : "updated";
}
