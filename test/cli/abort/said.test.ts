import { expect, test } from "vitest";
import { showFailed, showOutcome, showStopped, showUnwatched } from "../../../cli/abort/said";
import type { AbortOutcome } from "../../../src/abort/request";
import { ALL_STAGES } from "../../../src/flags/ledger";

const ON = { V2_ROLLOUT_PERCENT: 100, V1_REMOVED: true };
const kept =
  "there is no way back from remove-v1 (v1 is gone): V2_ROLLOUT_PERCENT 100 %, V1_REMOVED true stay";
const place = { rollout: "v2-pipeline" };

/** Of an abort that found everything down already. */
function outcome(changes: Partial<AbortOutcome> = {}): AbortOutcome {
  return {
    ...{ before: ON, after: ON, attempt: 1, recorded: 4, served: 4, stopped: [], ms: 12, why: "done" },
    ...changes,
  };
}

test("behind a door, what stays is said with why, beside what is live", () => {
  expect(showOutcome("v2-pipeline", outcome({ kept }), 340.4)).toEqual([
    "v2-pipeline: done",
    "  before  V2_ROLLOUT_PERCENT 100 %, V1_REMOVED true",
    "  after   V2_ROLLOUT_PERCENT 100 %, V1_REMOVED true",
    `  KEPT    ${kept}`,
    "  340 ms in all",
  ]);
});

test.each<[string, Partial<AbortOutcome>, string, RegExp | undefined, RegExp]>([
  ["nothing is kept", {}, "remove-v1", undefined, /^ {2}to go on: set attempt: 2 in Pulumi\.remove-v1\.yaml/],
  [
    "no flag went down",
    { kept },
    "remove-v1",
    /^ {2}NO FLAG WENT DOWN: .* Mend it, now, and tell people: nobody was told$/,
    /^ {2}once it is mended: set attempt: 2 in Pulumi\.remove-v1\.yaml/,
  ],
  [
    "some went down",
    { kept, deployment: 5 },
    ALL_STAGES,
    /^ {2}NOT EVERY FLAG WENT DOWN: .* Mend it, now$/,
    /^ {2}once it is mended: raise the attempt of each stage/,
  ],
  [
    "its stop could not be written",
    { kept, recorded: undefined, unrecorded: "access denied" },
    "remove-v1",
    /^ {2}NO FLAG WENT DOWN: /,
    /^ {2}Run the same command again$/,
  ],
])("where %s, says what to do now", (_, changes, stage, stays, last) => {
  const lines = showStopped(place, stage, outcome(changes));
  if (stays) expect(lines[0]).toMatch(stays);
  else expect(lines.join()).not.toContain("WENT DOWN");
  expect(lines.at(-1)).toMatch(last);
});

test("where some flags alone went down, says what comes before any stage goes up again", () => {
  const lines = showStopped(place, "remove-v1", outcome({ deployment: 5 }), ["V1_REMOVED"]);
  expect(lines.at(-2)).toMatch(
    /^ {2}before that, what stays up goes down, too: .* abort --rollout v2-pipeline -s remove-v1 --reason "…"$/,
  );
  expect(lines.at(-1)).toMatch(/^ {2}to go on: set attempt: 2 in Pulumi\.remove-v1\.yaml/);
});

test.each<[string, Parameters<typeof showUnwatched>[1], string[], RegExp[]]>([
  ["each alarm is there", { ok: true, value: [] }, ["a", "b"], []],
  [
    "a finish took those of a stage away",
    { ok: true, value: ["b"] },
    ["a", "b"],
    [/NO ALARM WATCHES b,/, /^ {4}npm run cutover -- in .*pulumi up -s b$/],
  ],
  [
    "it is not known",
    { ok: false, why: "no answer", remedy: "" },
    ["a"],
    [/not known \(no answer\)/, /up -s a$/],
  ],
  [
    "the stack files are not at hand",
    { ok: true, value: [] },
    [],
    [/has no alarms before its next pulumi up/],
  ],
])("after it is reopened, what nothing watches is said: %s", (_, missing, stages, expected) => {
  const lines = showUnwatched(place, missing, stages);
  expect(lines).toHaveLength(expected.length);
  for (const [index, words] of expected.entries()) expect(lines[index]).toMatch(words);
});

test("an abort that AWS does not let in says what to mend, before it is run again", () => {
  const expired = Object.assign(new Error("The security token included in the request is expired"), {
    name: "ExpiredTokenException",
    $metadata: {},
  });
  expect(showFailed("v2-pipeline", expired, "")).toEqual([
    "THE FLAGS OF v2-pipeline MAY STILL BE UP: AWS does not take the credentials (The security token included in the request is expired). Log in again",
    "Run the same command again; if that fails too, deploy an earlier version in the AppConfig console.",
  ]);
});
