import { execFile } from "node:child_process";
import { z } from "zod";
import { keptIn } from "../../../src/promotion/kept";
import { type AttemptRecord, showRecord } from "../../../src/promotion/record";
import type { Rollout } from "../../../src/rollout/rollout";
import type { ReportEvidence, ReportRecord } from "../data";

/** A record, as `showRecord` writes it. */
const shown = z.object({
  measured: z.string(),
  commit: z.string().optional(),
  gates: z.record(z.string(), z.string()).default({}),
  smoke: z.record(z.string(), z.string()).default({}),
  aborted: z.string().optional(),
});

/** What `pulumi stack export` prints, as far as it is read. */
const exported = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          /** It was replaced, and waits for its end. */
          delete: z.boolean().optional(),
          outputs: z.record(z.string(), z.unknown()).default({}),
        }),
      )
      .default([]),
  }),
});

type Row = ReportRecord["gates"][number];

/** How long one look into a state backend may take, in ms. */
const PATIENCE_MS = 60_000;

/** What the stages were promoted on, attempt by attempt, from their stacks' state: Pulumi has it, where it has a backend here. */
export async function readEvidence(
  rollout: Rollout,
  stages: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<ReportEvidence[]> {
  return Promise.all(
    stages.map(async (stage): Promise<ReportEvidence> => {
      const state = await stackState(stage, folder, env);
      return { stage, records: state.ok ? recordsOf(rollout, stage, state.value) : unknown(state.why) };
    }),
  );
}

const unknown = (why: string) => ({ known: false as const, why });

function recordsOf(rollout: Rollout, stage: string, state: unknown): ReportEvidence["records"] {
  try {
    const { resources } = exported.parse(state).deployment;
    const held = Object.fromEntries(resources.filter((one) => !one.delete).map((one) => [one.urn, one]));
    const kept = keptIn(stage, held);
    if (kept.length === 0) return unknown("its stack has no record of a promotion");
    return { known: true, value: kept.map((one) => recordOf(rollout, one)) };
  } catch {
    return unknown("its stack's record is not one of this version");
  }
}

function recordOf(rollout: Rollout, record: AttemptRecord): ReportRecord {
  const { gates, smoke, measured, commit, aborted } = shown.parse(showRecord(record));
  const titles = new Map(
    rollout.stages.flatMap(({ entry, exit, smoke }) =>
      Object.entries({ ...entry, ...exit, ...smoke }).map(([row, { title }]) => [row, title]),
    ),
  );
  return {
    attempt: record.attempt,
    measured,
    ...(commit === undefined ? {} : { commit }),
    ...(aborted === undefined ? {} : { aborted }),
    gates: Object.entries(gates).map(([row, said]) => rowOf(row, said, titles.get(row))),
    smoke: Object.entries(smoke).map(([row, said]) => rowOf(row, said, titles.get(row))),
  };
}

/** `pass: 412; required > 0`, taken apart. What does not read so is shown as it stands, and is no pass. */
function rowOf(row: string, said: string, title: string | undefined): Row {
  const [, outcome, rest] = /^(pass|fail|inconclusive|not-run): ([\s\S]*)$/.exec(said) ?? [];
  return {
    row,
    ...(title === undefined ? {} : { title }),
    outcome: (outcome as Row["outcome"] | undefined) ?? "unknown",
    said: rest ?? said,
  };
}

type Output = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

/** Secrets stay as they are in there, encrypted: `--show-secrets` is not asked for. */
function stackState(stack: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Output> {
  const args = ["stack", "export", "--stack", stack, "--non-interactive"];
  return new Promise((resolve) => {
    execFile(
      "pulumi",
      args,
      { cwd, env, timeout: PATIENCE_MS, maxBuffer: 256 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error) {
          resolve({ ok: false, why: whyNot(error, stderr) });
          return;
        }
        try {
          resolve({ ok: true, value: JSON.parse(stdout) });
        } catch {
          resolve({ ok: false, why: "pulumi answered with something that is not its usual JSON" });
        }
      },
    );
  });
}

function whyNot(error: Error & { code?: unknown; killed?: boolean }, stderr: string): string {
  if (error.code === "ENOENT") return "there is no pulumi on PATH";
  if (error.killed) return `pulumi gave no answer within ${PATIENCE_MS / 1_000} s`;
  if (/no stack named|not found/i.test(stderr)) return "there is no such stack in this backend";
  const last = stderr
    .trim()
    .split("\n")
    .at(-1)
    ?.replace(/^error:\s*/, "");
  return last ? `pulumi says: ${last}` : "pulumi could not hand over its state";
}
