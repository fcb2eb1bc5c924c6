import { execFile } from "node:child_process";
import { z } from "zod";
import type { Rollout } from "../../../src/rollout/rollout";
import type { ReportEvidence } from "../data";

/** A stack's output `evidence`, as `showRecord` writes it. */
const shown = z.object({
  measured: z.string(),
  commit: z.string().optional(),
  gates: z.record(z.string(), z.string()).default({}),
  smoke: z.record(z.string(), z.string()).default({}),
  aborted: z.string().optional(),
});

type Row = Extract<ReportEvidence["record"], { known: true }>["value"]["gates"][number];

/** How long one look into a state backend may take, in ms. */
const PATIENCE_MS = 60_000;

/** What the stages were promoted on, from their stacks' outputs: Pulumi has them, where it has a backend here. */
export async function readEvidence(
  rollout: Rollout,
  stages: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<ReportEvidence[]> {
  return Promise.all(
    stages.map(async (stage): Promise<ReportEvidence> => {
      const output = await stackOutput(stage, folder, env);
      if (!output.ok) return { stage, record: { known: false, why: output.why } };
      const parsed = shown.safeParse(output.value);
      if (!parsed.success)
        return { stage, record: { known: false, why: "its stack's record is not one of this version" } };
      return { stage, record: { known: true, value: recordOf(rollout, parsed.data) } };
    }),
  );
}

function recordOf(rollout: Rollout, { gates, smoke, ...rest }: z.infer<typeof shown>) {
  const titles = new Map(
    rollout.stages.flatMap(({ entry, exit, smoke }) =>
      Object.entries({ ...entry, ...exit, ...smoke }).map(([row, { title }]) => [row, title]),
    ),
  );
  const { measured, commit, aborted } = rest;
  return {
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

/** Secrets stay hidden: `--show-secrets` is not asked for. */
function stackOutput(stack: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Output> {
  const args = ["stack", "output", "evidence", "--json", "--stack", stack, "--non-interactive"];
  return new Promise((resolve) => {
    execFile(
      "pulumi",
      args,
      { cwd, env, timeout: PATIENCE_MS, maxBuffer: 16 * 1024 * 1024 },
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
  if (/does not have output property/.test(stderr)) return "its stack has no record of a promotion";
  if (/no stack named|not found/i.test(stderr)) return "there is no such stack in this backend";
  const last = stderr
    .trim()
    .split("\n")
    .at(-1)
    ?.replace(/^error:\s*/, "");
  return last ? `pulumi says: ${last}` : "pulumi stack output failed";
}
