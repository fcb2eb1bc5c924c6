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

const URN = "urn:pulumi:stageB::ops-view::cutover:index:Stage$pulumi:index:Stash::stageB-record";
const stash = (output: unknown, urn = URN) => ({ urn, type: "pulumi:index:Stash", outputs: { output } });

/** A state as `pulumi stack export` prints it. */
const holds = (...resources: object[]) =>
  `cat <<'END'\n${JSON.stringify({ version: 3, deployment: { manifest: {}, resources } })}\nEND`;

const verdict = (gate: string, outcome: string, observed: string, required: string) => {
  return { gate, title: "as it was then", outcome, observed, required, remedy: "" };
};
const subject = { attempt: 1, commit: "0123456789ab" };
const first = {
  attempt: 1,
  atFlip: {
    evidence: { subject, measuredAt: "2026-11-21T12:30:00.000Z", observations: [] },
    verdicts: [
      verdict("B2", "pass", "live for 1 d", "≥ 24h"),
      verdict("E2", "fail", "pass: odd", "= 0"),
      verdict("B9", "well", "all is well", "nothing"),
    ],
  },
  settlement: { outcome: "aborted", by: "SB1", sentence: "SB1 (…): nothing is stored", verdicts: [] },
};
const second = { attempt: 2, atFlip: null, settlement: null };
const shownFirst = {
  attempt: 1,
  measured: "2026-11-21 12:30:00Z",
  commit: "0123456789ab",
  aborted: "SB1 (…): nothing is stored",
  gates: [
    { row: "B2", title: "Stage A has soaked", outcome: "pass", said: "live for 1 d; required ≥ 24h" },
    { row: "E2", title: "Counts agree", outcome: "fail", said: "pass: odd; required = 0" },
    { row: "B9", outcome: "unknown", said: "well: all is well; required nothing" },
  ],
  smoke: [],
};
const shownSecond = {
  attempt: 2,
  measured: "nothing: no flag was raised, or the run that did was interrupted",
  gates: [],
  smoke: [],
};
const { attempt: _, ...older } = first;

test.each([
  ["one attempt", holds(stash(first)), [shownFirst]],
  ["every attempt, in their order", holds(stash({ ...second, others: [first] })), [shownFirst, shownSecond]],
  ["a record of an older version", holds(stash(older)), [shownFirst]],
  ["one that was replaced is over", holds({ ...stash(second), delete: true }, stash(first)), [shownFirst]],
  ["another resource", holds({ urn: "urn:x", type: "a:b:C" }, stash(first)), [shownFirst]],
])("a stack's records are taken apart by row, with the rows' titles: %s", async (_, script, value) => {
  expect(await read(script)).toEqual({ stage: "stageB", records: { known: true, value } });
});

test("Pulumi is asked for the stack's own state, and never for secrets", async () => {
  const found = await read('echo "error: $*" >&2; exit 1');
  expect(found?.records).toEqual({
    known: false,
    why: "pulumi says: stack export --stack stageB --non-interactive",
  });
});

test.each([
  ["no pulumi", undefined, "there is no pulumi on PATH"],
  [
    "a stack that is not there",
    "echo \"error: no stack named 'stageB' found\" >&2; exit 255",
    "there is no such stack in this backend",
  ],
  ["a stack without a record", holds(), "its stack has no record of a promotion"],
  ["a stack with nothing in it", "echo '{\"deployment\":{}}'", "its stack has no record of a promotion"],
  ["no JSON", "echo oops", "pulumi answered with something that is not its usual JSON"],
  ["other JSON", "echo '{\"a\":1}'", "its stack's record is not one of this version"],
  ["another record", holds(stash({ attempt: "two" })), "its stack's record is not one of this version"],
  [
    "half a record",
    holds(stash({ attempt: 1, atFlip: {} })),
    "its stack's record is not one of this version",
  ],
  ["silence", "exit 3", "pulumi could not hand over its state"],
])("%s is said, and is no evidence", async (_, script, why) => {
  expect((await read(script))?.records).toEqual({ known: false, why });
});
