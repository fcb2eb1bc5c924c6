import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { renderStatus } from "../../../cli/status/render";
import type { StatusView } from "../../../cli/status/schema";
import { focusOn, statusView } from "../../../cli/status/view";
import type { Rollout } from "../../../src/rollout/rollout";
import { type Paints, PLAIN, pageWidth } from "../../../src/text/page";
import { plainLine } from "../../../src/text/text";
import { ALARMS, abortedB, againB, DENIED, facts, finished, is, liveA, OK, ROLLOUT } from "./facts";

const COLOURED: Paints = {
  ...PLAIN,
  bold: (text) => `\x1b[1m${text}\x1b[22m`,
  bad: (text) => `\x1b[31m${text}\x1b[39m`,
};

async function text(view: Promise<StatusView> | StatusView, all = false, width = 80) {
  return renderStatus(await view, { width, paints: PLAIN, all }).join("\n");
}

const soaking = async () => statusView(await facts(liveA(3)));
const aborted = async () =>
  statusView(await facts(abortedB(), { alarms: is({ ...ALARMS, "ops-view-stageB-XB1": OK }) }));

test("a rollout that soaks, at a glance", async () => {
  expect(await text(soaking())).toBe(
    `ops-view: The operations view moves from memory to PostgreSQL
eu-central-1, 2026-11-21 12:00:00Z

STAGES
  ✔ baseline  passed
  ● stageA    soaking      21 h left of 24h, until 2026-11-22 09:00:00Z; live
                           for 3 h, since 2026-11-21 09:00:00Z
  ■ stageB    blocked      by B2, B3, not before 2026-11-22 09:00:00Z

FLAGS  3 h ago (2026-11-21 09:00:00Z) by stageA, attempt 1 (deployment 2)
  OPS_VIEW_DB_READ   true
  OPS_VIEW_DB_WRITE  false

GATES  of stageB: 1 fail, 1 inconclusive, 3 not measured (--gates measures them)
  B2  fail          Stage A has been live for 24 h: stageA live for 3 h, since
                    2026-11-21 09:00:00Z; required ≥ 24h without a break. Wait
                    until the soak is over, not before 2026-11-22 09:00:00Z
  B3  inconclusive  No open incident: no-data: nobody has stated it: signOffs of
                    stageB has no B3; required a statement for this attempt,
                    made since the stage is live, not expired. Ask for a
                    statement, and put it under signOffs

ALARMS  stageA: 3 ok

LAST DRILL  none

NEXT MESSAGE  C2 of stageA to ops in 21 h (2026-11-22 09:00:00Z): Reads have
              come from the database for 24 h`,
  );
});

test("the newest page, and who saw it; every one where all is asked for", async () => {
  const page = {
    stage: "stageA",
    deployment: 5,
    of: "a drill of stageA, attempt 1",
    at: "2026-11-21T11:00:00Z",
  };
  const value = [
    { ...page, said: "nobody has said that they saw it" },
    { ...page, deployment: 3, of: "the abort of stageA, attempt 1, by XA1", said: "seen by ada" },
  ];
  const view: StatusView = { ...(await soaking()), pages: { known: true, value } };
  expect(await text(view)).toContain(`
LAST PAGE  of a drill of stageA, attempt 1 (deployment 5): nobody has said that
           they saw it

NEXT`);
  expect(await text(view, true)).toContain("(deployment 3): seen by ada");
  const denied: StatusView = { ...view, pages: { known: false, why: "denied", remedy: "Mend it" } };
  expect(await text(denied)).toContain("LAST PAGE  unknown");
});

test("what there is no way back from stands beneath the flags", async () => {
  const stages = ROLLOUT.stages.map((one) =>
    one.name === "stageA" ? { ...one, irreversible: { floor: "stageA", because: "memory is gone" } } : one,
  ) as unknown as Rollout["stages"];
  expect(await text(statusView(await facts(liveA(3), { rollout: { ...ROLLOUT, stages } })))).toContain(`
  OPS_VIEW_DB_READ   true
  OPS_VIEW_DB_WRITE  false
  Kept by any abort: there is no way back from stageA (memory is gone):
  OPS_VIEW_DB_READ true stays
`);
});

test("an abort is told first in its stage's line, and again among what has to be looked at", async () => {
  const shown = await text(aborted());
  expect(shown).toMatch(/✖ stageB {4}aborted {6}by XB1 \(A write endpoint/);
  expect(shown).toMatch(/LOOK AT\n {2}! stageB was aborted by XB1 at 2026-11-21 10:00:00Z\. Find the cause/);
});

test("a stage that was tried again has its attempts told, each with its end; the others where all is asked for", async () => {
  const shown = await text(statusView(await facts(againB())), false, 100);
  expect(shown.split("ATTEMPTS\n")[1]?.split("\n\n")[0]).toBe(
    `  stageB  1   aborted by XB1 at 2026-11-21 10:00:00Z (Threshold crossed); flipped at 2026-11-20
              16:00:00Z, in deployment 3
  stageB  2   live; flipped at 2026-11-21 11:00:00Z by arn:aws:iam::1:user/ada, in deployment 5,
              release v2.54.1`,
  );
  expect(await text(soaking())).not.toContain("ATTEMPTS");
  expect(await text(soaking(), true)).toMatch(/ATTEMPTS\n {2}baseline {2}1 {3}passed, on to stageA; flipped/);
});

test("one stage alone shows each alarm and message, also those that are as they should be", async () => {
  const shown = await text(focusOn(await soaking(), "stageA"), true);
  expect(shown).toMatch(
    /XA1 {6}ok {9}The queue answers with a server error \(rollback\), for 2 d\n +2 h; armed/,
  );
  expect(shown).toMatch(/cutover {2}ok {9}ops-view-stageA-abort.errors, for 2 d 2 h/);
  expect(shown).not.toContain("stageB");
});

test("what cannot act is never called ok, and what to do about it is told once", async () => {
  const unarmed = [
    {
      stage: "stageA",
      rows: ["XA1"],
      what: "OpsView Queue5xx has never had data",
      remedy: "Correct its name",
    },
    {
      stage: "stageA",
      rows: ["XA1", "XA3"],
      what: "nobody would be paged",
      remedy: "Run pulumi up -s baseline",
    },
  ];
  const view = statusView(await facts(liveA(3), { unarmed: is(unarmed) }));
  expect(view.alarms.known && view.alarms.value.map(({ row, armed }) => [row, armed])).toEqual([
    ["XA1", { not: "OpsView Queue5xx has never had data", remedy: "Correct its name" }],
    ["XA3", { not: "nobody would be paged", remedy: "Run pulumi up -s baseline" }],
    [undefined, undefined],
  ]);
  const shown = await text(view);
  expect(shown).toMatch(/ALARMS {2}stageA: 2 not armed, 1 ok/);
  expect(shown).toMatch(/XA1 {2}not armed {2}The queue answers/);
  expect(shown).toMatch(
    /! stageA XA1 is not armed: OpsView Queue5xx has never had data\. Correct its\n {4}name\./,
  );
  expect(shown.match(/nobody would be paged\. Run/g)).toHaveLength(1);
});

test("whether guards are armed may be unknown: then no status is complete, and it says so", async () => {
  const view = statusView(await facts(liveA(3), { unarmed: DENIED }));
  expect(view.complete).toBe(false);
  expect(view.attention).toContainEqual({
    where: "guards",
    what: "it is not known whether they are armed: access denied (cloudwatch:DescribeAlarms)",
    remedy: "Give it",
  });
  expect(await text(view)).not.toContain("armed;");
});

test("what is unknown says why; the same cause is told once", async () => {
  const view = statusView(await facts(undefined, { ledger: DENIED, told: DENIED }));
  const shown = await text(view);
  expect(shown).toMatch(/FLAGS {2}unknown, access denied \(cloudwatch:DescribeAlarms\)\. Give it\./);
  expect(shown).toMatch(/LAST DRILL {2}unknown, for the same reason/);
  expect(shown.match(/access denied/g)).toHaveLength(1);
  expect(shown).not.toMatch(/\bnone\b/);
});

describe("whatever it holds,", () => {
  const nasty = fc.string({ unit: "grapheme", maxLength: 200 });

  test("no line is wider than the terminal, and colour moves nothing", { timeout: 30_000 }, async () => {
    const views = [await soaking(), await aborted()];
    fc.assert(
      fc.property(
        fc.constantFrom(...views),
        fc.integer({ min: 40, max: 140 }),
        nasty,
        fc.boolean(),
        (view, width, words, all) => {
          const stages = view.stages.map((stage) => ({ ...stage, sentence: words }));
          const given = { ...view, title: words, stages };
          const lines = renderStatus(given, { width, paints: PLAIN, all });
          expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
          const coloured = renderStatus(given, { width, paints: COLOURED, all });
          // biome-ignore lint/suspicious/noControlCharactersInRegex: this is about them
          expect(coloured.map((line) => line.replaceAll(/\x1b\[\d+m/g, "").trimEnd())).toEqual(lines);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("no text of others reaches the terminal as a command", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (words) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: this is about them
        expect(plainLine(words)).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      }),
    );
    expect(plainLine("a\x1b[2J\nb\u202Ec")).toBe("a [2J b c");
  });
});

test.each([
  [undefined, 80],
  [0, 40],
  [20, 40],
  [100, 100],
  [400, 120],
])("a terminal of %s columns has pages of %d", (columns, width) => {
  expect(pageWidth(columns)).toBe(width);
});

test("a finished rollout says so first, of each stage, and misses no alarm", async () => {
  const view = statusView(await facts(finished(60), { alarms: is({}), unarmed: is([]) }));
  expect(view.stages.map(({ name, state }) => `${name} ${state}`)).toEqual(
    ROLLOUT.stages.map(({ name }) => `${name} finished`),
  );
  expect(view.finished).toMatchObject({ deployment: 4, reason: "nobody complains" });
  expect(view.attention.filter(({ what }) => /alarm|armed/.test(what))).toEqual([]);
  const shown = await text(view);
  expect(shown.replaceAll(/\s+/g, " ")).toMatch(
    /FINISHED: ops-view is finished since .*, by arn:aws:iam::1:user\/ada \(deployment 4\): nobody complains/,
  );
  expect(shown).toMatch(/⚑ +stageB +finished/);
});
