import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readEvidence } from "../../../../cli/report/gather/evidence";
import { rollout } from "../../../components/rollout";

/** A `pulumi` that answers so, by a shell's words. */
async function read(script: string | undefined) {
  const folder = mkdtempSync(join(tmpdir(), "cutover-evidence-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  if (script !== undefined) {
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "pulumi"), 0o755);
  }
  const env = {
    PATH: [folder, "/bin", "/usr/bin", dirname(process.execPath)].slice(0, script ? 4 : 1).join(delimiter),
  };
  const [found] = await readEvidence(rollout(), ["stageB"], folder, env);
  return found;
}

const answers = (value: unknown) => `cat <<'END'\n${JSON.stringify(value)}\nEND`;

test("a stack's record is taken apart by row, with the rows' titles; what is no verdict is no pass", async () => {
  const record = {
    measured: "2026-11-21 12:30:00Z",
    commit: "0123456789ab",
    gates: {
      B2: "pass: live for 1 d; required ≥ 24h",
      E2: "fail: pass: odd; required = 0",
      B9: "all is well",
    },
    aborted: "SB1 (…): nothing is stored",
  };
  expect(await read(answers(record))).toEqual({
    stage: "stageB",
    record: {
      known: true,
      value: {
        measured: "2026-11-21 12:30:00Z",
        commit: "0123456789ab",
        aborted: "SB1 (…): nothing is stored",
        gates: [
          { row: "B2", title: "Stage A has soaked", outcome: "pass", said: "live for 1 d; required ≥ 24h" },
          { row: "E2", title: "Counts agree", outcome: "fail", said: "pass: odd; required = 0" },
          { row: "B9", outcome: "unknown", said: "all is well" },
        ],
        smoke: [],
      },
    },
  });
});

test("Pulumi is asked for the stack's own output, and never for secrets", async () => {
  const found = await read('echo "error: $*" >&2; exit 1');
  expect(found?.record).toEqual({
    known: false,
    why: "pulumi says: stack output evidence --json --stack stageB --non-interactive",
  });
});

test.each([
  ["no pulumi", undefined, "there is no pulumi on PATH"],
  [
    "a stack that is not there",
    "echo \"error: no stack named 'stageB' found\" >&2; exit 255",
    "there is no such stack in this backend",
  ],
  [
    "a stack without a record",
    "echo 'error: current stack does not have output property' >&2; exit 255",
    "its stack has no record of a promotion",
  ],
  ["no JSON", "echo oops", "pulumi answered with something that is not its usual JSON"],
  ["other JSON", "echo '{\"a\":1}'", "its stack's record is not one of this version"],
  ["silence", "exit 3", "pulumi stack output failed"],
])("%s is said, and is no evidence", async (_, script, why) => {
  expect((await read(script))?.record).toEqual({ known: false, why });
});
