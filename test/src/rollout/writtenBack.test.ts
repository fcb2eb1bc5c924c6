import { expect, test } from "vitest";
import { parseRollout } from "../../../src/rollout/parse";

/** What Pulumi's `config set`, `config set --secret`, `stack init` and `config refresh` left of these, word for word. */
const BASELINE = `# a comment
config:
  # the rollout
  cutover:rollout:
    name: "no"
    release: {version: v2, date: '2026-02-17 00:00:00 +0000 UTC'}
    flags:
      READ: {kind: boolean}
    database: {host: db, name: app, reads: [users]}
    calendar:
      zone: Europe/Berlin
      days: [mon]
      open: "09:00"
      close: "17:30"
      holidays: ['2026-12-25 00:00:00 +0000 UTC', "2026-12-26"]
    parameters:
      sunset: 2027-03-01 00:00:00 +0000 UTC
  cutover:stage:
    flags:
      READ: false
      # after
  aws:region: eu-central-1
  other:token:
    secure: v1:8wnHUnI4zAhRPeqb:mzXxige7X8X9xqQW/Jo5yo8=
encryptionsalt: v1:A0OZjp/BQkQ=:v1:uWPSFUXLQm6qOkGw:6mOYGUPAXuNsg4ArQ6rc7iieGpxmAQ==
`;

const STAGE = `config:
  cutover:stage:
    predecessor: baseline
    flags: {READ: true}
    entry:
      A1: {title: The team is ready, source: signOff}
      A2: {title: The old one is announced, source: date, after: "2026-11-20 08:30:00 +0200 +0200"}
      A4:
        title: Somebody has come since
        source: sql
        query: select count(*) from users where since > $1
        values: ['2026-11-20 08:30:00 +0000 UTC']
        expect: {gt: 0}
      A3: {title: The new one is announced, source: date, after: "{sunset}"}
    signOffs:
      A1:
        by: ada@example.com
        at: 2026-11-21 10:00:00.5 +0000 UTC
        expires: '2026-12-21 10:00:00 +0000 UTC'
        statement: We are ready
        attempt: 1
`;

test("dates that Pulumi's own commands wrote into stack files are read as they were meant", () => {
  const parsed = parseRollout(
    [
      { stack: "baseline", file: "Pulumi.baseline.yaml", text: BASELINE },
      { stack: "stageA", file: "Pulumi.stageA.yaml", text: STAGE },
    ],
    "folder",
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, undefined, 2));
  const { rollout } = parsed;
  expect(rollout.release?.date).toBe("2026-02-17");
  expect(rollout.calendar?.holidays).toEqual(["2026-12-25", "2026-12-26"]);
  expect(rollout.parameters).toEqual({ sunset: "2027-03-01T00:00:00Z" });
  expect(rollout.stages[1]?.entry.A2).toMatchObject({ after: "2026-11-20T08:30:00+02:00" });
  expect(rollout.stages[1]?.entry.A4).toMatchObject({ values: ["2026-11-20T08:30:00Z"] });
  expect(rollout.stages[1]?.signOffs.A1).toMatchObject({
    at: "2026-11-21T10:00:00.5Z",
    expires: "2026-12-21T10:00:00Z",
  });
});
