import { expect, test } from "vitest";
import { abortRows } from "../../../src/abort/abortRows";
import { abortsOf } from "../../../src/abort/inForce";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import type { Stage } from "../../../src/rollout/rollout";
import { baseline, flags, READ, rollout, stageA, stageB } from "../../support/build";

const row = (spec: Partial<AbortThreshold>) =>
  ({
    title: "Requests fail",
    metric: { namespace: "N", name: "Errors", statistic: "Sum", period: "10s" },
    threshold: { gt: 0 },
    datapoints: { of: 3, breaching: 1 },
    missingData: "notBreaching",
    action: "rollback",
    ...spec,
  }) as AbortThreshold;

const withRows = (abort: Stage["abort"], abortTo?: string) => {
  const first = { ...stageA, abort };
  return rollout({ stages: [baseline, first, stageB], ...(abortTo === undefined ? {} : { abortTo }) });
};
const seen = (of: ReturnType<typeof withRows>, live: number) =>
  abortsOf(of, of.stages[live] as Stage).map(({ flags: down, reach }) => [
    down.map(({ flag }) => flag).join(", "),
    reach,
  ]);

test("a row that goes down by one phase says from where to where, by the stage that is live", () => {
  for (const of of [withRows({ XA1: row({ to: "previous" }) }), withRows({ XA1: row({}) }, "previous")]) {
    expect(seen(of, 1)).toEqual([[READ, "one phase down: from stageA to baseline"]]);
    expect(seen(of, 2)).toEqual([["OPS_VIEW_DB_WRITE", "one phase down: from stageB to stageA"]]);
  }
});

test("a row of some flags names them, and one that goes by its stage says no more", () => {
  const write = "OPS_VIEW_DB_WRITE";
  const of = withRows({
    XA1: row({ to: "off", flags: [write] }),
    XA2: row({}),
    XA3: row({ action: "page" }),
  });
  expect(seen(of, 2)).toEqual([
    [write, `${write} alone, and what requires it`],
    [`${READ}, ${write}`, undefined],
    ["", undefined],
  ]);
});

test("the switch of a stage knows how far each of its rows goes, and how far back its alarm looks", () => {
  const of = withRows({
    XA1: row({ to: "previous" }),
    XA2: row({ to: "previous", alarm: "else", metric: undefined } as never),
    XA3: row({ to: "off", flags: [READ] }),
    XA4: row({}),
  });
  const rows = Object.values(abortRows(of, of.stages[1] as Stage));
  expect(rows.map(({ floor, previous, only }) => ({ floor, previous, only }))).toEqual([
    // Three periods of 10 s, 20 s until they are seen, 3 s to the function, 7 s to deploy and 45 s until servers ask.
    {
      floor: flags(false, false),
      previous: { spanMs: 105_000, floor: flags(false, false) },
      only: undefined,
    },
    // What it follows is not known: five minutes, and 10 s to follow.
    {
      floor: flags(false, false),
      previous: { spanMs: 365_000, floor: flags(false, false) },
      only: undefined,
    },
    { floor: flags(false, false), previous: undefined, only: [READ] },
    { floor: undefined, previous: undefined, only: undefined },
  ]);
});
