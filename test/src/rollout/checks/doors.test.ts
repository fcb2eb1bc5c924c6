import { describe, expect, it, test } from "vitest";
import { parseRollout, type StackFile } from "../../../../src/rollout/parse";

const BASELINE = `config:
  aws:region: eu-central-1
  cutover:rollout:
    name: v2
    topics: { onCall: [{ protocol: email, endpoint: on-call@example.com }] }
    flags:
      PERCENT: { kind: percentage }
      REMOVED: { kind: boolean, requires: [{ flag: PERCENT, atLeast: 100 }] }
  cutover:stage:
    flags: { PERCENT: 0, REMOVED: false }
`;
const stage = (before: string, percent: number, removed: boolean, more = "") => `config:
  cutover:stage:
    predecessor: ${before}
    soak: 1h
    flags: { PERCENT: ${percent}, REMOVED: ${removed} }
    entry:
      S-${before}: { title: soaked, source: soak, atLeast: 1h }
${more}`;
const file = (stack: string, text: string): StackFile => ({ stack, file: `Pulumi.${stack}.yaml`, text });
const door = (floor: string, because = "v1 is gone from the code") =>
  `    irreversible: { floor: ${floor}, because: ${because} }\n`;
const row = (answer: string) => `    abort:
      X1:
        title: Something is wrong
        metric: { namespace: N, name: M, statistic: Sum, period: 1m }
        threshold: { gt: 0 }
        missingData: notBreaching
        ${answer}
`;

/** A rollout of four stages, the last of which goes through the door. */
const parsed = (last: string, more: Readonly<Record<string, string>> = {}, first = BASELINE) =>
  parseRollout(
    [
      file("baseline", first),
      file("half", stage("baseline", 50, false, more.half)),
      file("full", stage("half", 100, false, more.full)),
      file("gone", stage("full", 100, true, last)),
    ],
    "/project",
  );
const faults = (...args: Parameters<typeof parsed>) => {
  const result = parsed(...args);
  return result.ok ? [] : result.problems.map(({ where, what }) => `${where}: ${what}`);
};

describe("a stage that there is no way back from", () => {
  test.each([
    "full",
    "gone",
    "half",
    "{ PERCENT: 100 }",
    "{ PERCENT: 50 }",
    "{ PERCENT: 100, REMOVED: true }",
  ])("may have %s as its floor", (floor) => {
    expect(faults(door(floor))).toEqual([]);
  });

  it("asks for a sign-off of its own, before all else", () => {
    const result = parsed(door("full"));
    const gone = result.ok ? result.rollout.stages.at(-1) : undefined;
    expect(Object.keys(gone?.entry ?? {})).toEqual(["irreversible", "S-full"]);
    expect(gone?.entry.irreversible).toMatchObject({
      source: "signOff",
      remedy: "Know this, then sign it under signOffs: v1 is gone from the code",
    });
  });

  it("may have it signed, and another one may be irreversible, too", () => {
    const signed = `    signOffs:
      irreversible: { by: ada, at: "2026-11-21T10:00:00Z", statement: I know, attempt: 1 }
`;
    expect(faults(`${door("full")}${signed}`, { full: door("half") })).toEqual([]);
    expect(faults(signed)).toEqual([
      expect.stringContaining("signOffs.irreversible: no gate of this promotion asks for it"),
    ]);
  });

  test.each<[string, string, string]>([
    ["a later or higher floor", "{ PERCENT: 100, REMOVED: true }", ""],
    ["a stage that is not there", "ful", "floor: names ful, which is no stage of this rollout"],
    ["a flag that is not there", "{ PERCEN: 100 }", "floor.PERCEN: is not a flag of this rollout"],
    [
      "a value that the flag cannot have",
      "{ PERCENT: true }",
      "floor.PERCENT: must be a percentage, got true",
    ],
    ["nothing to keep", "baseline", "floor: keeps nothing"],
    ["nothing to keep, flag by flag", "{}", "floor: keeps nothing"],
    [
      "a floor that is no sound set of flags",
      "{ PERCENT: 40, REMOVED: true }",
      "floor: is no sound set of flags: REMOVED is on but requires PERCENT at 100 %, which is at 40 %",
    ],
    [
      "a floor that is no stage's flags",
      "{ PERCENT: 1 }",
      "floor: is no stage's flags (PERCENT 1 %, REMOVED false): no stage could be promoted from where an abort ends",
    ],
  ])("with %s", (_, floor, expected) => {
    const found = faults(door(floor));
    if (expected === "") return expect(found).toEqual([]);
    expect(found).toEqual([expect.stringContaining(`Pulumi.gone.yaml`)]);
    expect(found[0]).toContain(`cutover:stage.irreversible.${expected}`);
  });

  it("cannot keep more than it has", () => {
    expect(faults("", { half: door("full") })).toEqual([
      expect.stringMatching(
        /^Pulumi\.half\.yaml:\d+ cutover:stage\.irreversible\.floor: lies above the stage's own flags \(PERCENT 100, here 50\)/,
      ),
    ]);
  });

  it("cannot be the first", () => {
    expect(faults("", {}, `${BASELINE}${door("baseline")}`)).toEqual([
      expect.stringContaining("cutover:stage.irreversible: the first stage cannot be"),
    ]);
  });

  it("needs a reason", () => {
    expect(faults(door("full", "because"))).toEqual([expect.stringContaining("irreversible.because")]);
  });

  it("keeps its gate's id for itself", () => {
    const own = stage(
      "full",
      100,
      true,
      `      irreversible: { title: signed, source: signOff }\n${door("full")}`,
    );
    const result = parseRollout(
      [
        file("baseline", BASELINE),
        file("half", stage("baseline", 50, false)),
        file("full", stage("half", 100, false)),
        file("gone", own),
      ],
      "/project",
    );
    expect(result.ok ? [] : result.problems.map(({ what }) => what)).toEqual([
      "has the id of the sign-off that an irreversible stage asks for by itself",
    ]);
  });
});

describe("a door after which a flag comes down", () => {
  const first = BASELINE.replace(
    "REMOVED: { kind: boolean, requires: [{ flag: PERCENT, atLeast: 100 }] }",
    "FILL: { kind: boolean }",
  ).replace("REMOVED: false", "FILL: false");
  const step = (before: string, percent: number, fill: boolean, more = "") =>
    stage(before, percent, fill, more).replace("REMOVED", "FILL");
  const CONTRACTS = "    contracts: [FILL]\n";
  const problems = (stages: Readonly<Record<string, string>>) => {
    const files = Object.entries({ baseline: first, ...stages }).map(([name, text]) => file(name, text));
    const result = parseRollout(files, "/project");
    return result.ok ? [] : result.problems.map(({ where, what }) => `${where}: ${what}`);
  };

  it("is told by what it contracts: nothing before it leaves the same", () => {
    expect(
      problems({
        full: step("baseline", 100, true),
        closed: step("full", 100, false, `${CONTRACTS}${door("closed")}`),
      }),
    ).toEqual([]);
  });

  it("has to be told from a stage before it with the same flags", () => {
    expect(
      problems({
        reads: step("baseline", 100, false),
        fill: step("reads", 100, true),
        closed: step("fill", 100, false, `${CONTRACTS}${door("closed")}`),
      }),
    ).toEqual([
      expect.stringMatching(
        /^Pulumi\.closed\.yaml:\d+ cutover:stage\.irreversible: has no more than what reads has:/,
      ),
    ]);
  });

  it("has to be told from what a row of some flags leaves", () => {
    const some = row('action: rollback\n        to: "off"\n        flags: [FILL]');
    expect(
      problems({
        full: step("baseline", 100, true, some),
        closed: step("full", 100, false, `${CONTRACTS}${door("closed")}`),
      }),
    ).toEqual([expect.stringContaining("irreversible: has no more than what X1 leaves of full:")]);
  });

  it("keeps what later stages would contract", () => {
    expect(
      problems({
        full: step("baseline", 100, true, door("full")),
        closed: step("full", 100, false, CONTRACTS),
      }),
    ).toEqual([
      expect.stringMatching(
        /^Pulumi\.closed\.yaml:\d+ cutover:stage\.flags\.FILL: is below the floor of full \(FILL true\).*v1 is gone/,
      ),
    ]);
  });
});

describe("a row behind a door", () => {
  test.each<[string, string, string | undefined]>([
    ["freezes", "action: rollback\n        whenIrreversible: freeze", undefined],
    ["reverts", "action: rollback\n        whenIrreversible: revert", undefined],
    [
      "decides once nobody did",
      "action: page\n        remind: { after: 1h, undecided: rollback }\n        whenIrreversible: freeze",
      undefined,
    ],
    [
      "says nothing where it only pages",
      "action: page\n        whenIrreversible: freeze",
      "abort.X1.whenIrreversible: must be nothing in a row that only pages: it changes no flag",
    ],
    ["does nothing else", "action: rollback\n        whenIrreversible: stop", "abort.X1.whenIrreversible"],
  ])("%s", (_, answer, expected) => {
    const found = faults(door("full"), { half: row(answer) });
    expect(found).toEqual(expected === undefined ? [] : [expect.stringContaining(expected)]);
  });

  it("means nothing where there is no door", () => {
    expect(faults("", { half: row("action: rollback\n        whenIrreversible: freeze") })).toEqual([
      expect.stringContaining(
        "abort.X1.whenIrreversible: means nothing: no stage of this rollout is irreversible",
      ),
    ]);
  });
});
