import { expect, test } from "vitest";
import type { ReportAttempt, ReportData, ReportEvidence } from "../../../../cli/report/data";
import { evidenceSection } from "../../../../cli/report/sections/evidence";
import { at, reportFixture } from "../fixture";

const record = (attempt: number) => ({
  attempt,
  measured: `before attempt ${attempt}`,
  gates: [{ row: "A1", outcome: "pass" as const, said: `${attempt}` }],
  smoke: [],
});
const records = (...attempts: number[]): ReportEvidence => ({
  stage: "stageA",
  records: { known: true, value: attempts.map(record) },
});
const unread: ReportEvidence = {
  stage: "stageA",
  records: { known: false, why: "there is no pulumi on PATH" },
};
const attempt = (number: number, spec: Partial<ReportAttempt> = {}): ReportAttempt => ({
  stage: "stageA",
  attempt: number,
  flip: { deployment: number + 1, at: at(number * 1_000) },
  ended: "live",
  said: "live",
  ...spec,
});

/** What a reader sees, a line for each card. */
function cards(evidence: ReportEvidence[], attempts: ReportAttempt[] | undefined): string[] {
  const data: ReportData = {
    ...reportFixture(),
    evidence,
    ledger: attempts
      ? { known: true, value: { deployments: [], attempts } }
      : { known: false, why: "access denied" },
  };
  return evidenceSection(data)
    .text.split('<div class="card">')
    .slice(1)
    .map((card) =>
      card
        .replaceAll(/<[^>]*>/g, " ")
        .replaceAll(/\s+/g, " ")
        .trim(),
    );
}

test("each attempt is shown with its end and its evidence, the newest first", () => {
  const first = attempt(1, {
    flip: { deployment: 2, at: at(0), by: "arn:aws:iam::1:user/ada", release: "v2.54.1" },
    ended: "down",
    said: "aborted by XA1 (a server error)",
  });
  const [newest, oldest, ...more] = cards([records(1, 2)], [first, attempt(2)]);
  expect(newest).toMatch(
    /^stageA, attempt 2 Live Flipped .*, in deployment 3 Measured before attempt 2 Gates/,
  );
  expect(oldest).toMatch(
    /^stageA, attempt 1 Brought down aborted by XA1 \(a server error\) Flipped .* by arn:aws:iam::1:user\/ada, in deployment 2, release v2\.54\.1 Measured before attempt 1 Gates of stageA, attempt 1, at the flip .* A1 Pass 1$/,
  );
  expect(more).toEqual([]);
});

test.each<[string, ReportEvidence[], ReportAttempt[] | undefined, RegExp[]]>([
  [
    "one that no record is kept of",
    [records(2)],
    [attempt(1), attempt(2)],
    [/attempt 2 Live .*Measured/, /attempt 1 Live .*Its stack keeps no record of it\.$/],
  ],
  [
    "one that the ledger does not reach back to",
    [records(1, 2)],
    [attempt(2)],
    [/attempt 2 Live/, /^stageA, attempt 1 Measured before attempt 1/],
  ],
  [
    "one that never went up",
    [],
    [attempt(1, { flip: undefined, ended: "stopped", said: "stopped by hand" })],
    [/^stageA, attempt 1 Stopped stopped by hand$/],
  ],
  [
    "a stack that cannot be read",
    [unread],
    [attempt(1)],
    [/^stageA Unknown there is no pulumi on PATH$/, /^stageA, attempt 1 Live Flipped [^.]*$/],
  ],
  ["a ledger that cannot be read", [records(1)], undefined, [/^stageA, attempt 1 Measured/]],
  ["neither", [unread], undefined, [/^stageA Unknown/]],
  ["the first stage, which is promoted on nothing", [], [attempt(1, { stage: "baseline" })], []],
])("%s is told as far as it is known", (_, evidence, attempts, lines) => {
  const shown = cards(evidence, attempts);
  expect(shown).toHaveLength(lines.length);
  for (const [index, line] of lines.entries()) expect(shown[index]).toMatch(line);
});
