import { describe, expect, it, test } from "vitest";
import type { Guarding } from "../../../src/rollout/guardFacts";
import { found, HOUR, heardAt, MINUTE, ok, row, said, stage, standing, XB1 } from "./guards";

describe("before the stage's own up has made its alarms", () => {
  const ahead: Guarding = { stage, standing: false, raised: false };

  it("only what they will read, and who would be paged, is looked at", () => {
    const nothing = { alarms: ok(new Map()), switches: new Map(), heard: heardAt([XB1, MINUTE]) };
    expect(found(nothing, [ahead])).toEqual([]);
    expect(said({ ...nothing, heard: heardAt() }, [ahead])).toEqual([
      "XB1: OpsView Write5xx has had no data for 3 h",
    ]);
    expect(said({ ...nothing, onCall: ok([]) }, [ahead])[0]).toMatch(/nobody would be paged/);
  });
});

describe("a row that is silent until its flip", () => {
  const silent = row("Write5xx", { silentUntilFlip: { heartbeat: "Requests", within: "5m" } });
  const heartbeat = row("Requests");
  const guarding = (raised: boolean): Guarding[] => [
    { stage: { name: "stageB", abort: { XB1: silent } }, standing: true, raised },
  ];

  test.each<[string, boolean, ReturnType<typeof heardAt>, RegExp | undefined]>([
    ["goes by its heartbeat before it", false, heardAt([heartbeat, MINUTE]), undefined],
    [
      "is not armed without it",
      false,
      heardAt([silent, MINUTE]),
      /^XB1: the heartbeat OpsView Requests has had no data/,
    ],
    ["goes by its own metric after it", true, heardAt([silent, MINUTE]), undefined],
    [
      "is not armed without that",
      true,
      heardAt([heartbeat, MINUTE]),
      /^XB1: OpsView Write5xx has had no data/,
    ],
  ])("%s", (_, raised, heard, what) => {
    const list = said({ heard }, guarding(raised));
    if (what === undefined) expect(list).toEqual([]);
    else expect(list).toEqual([expect.stringMatching(what)]);
  });
});

test("a row says how long its metric may be silent", () => {
  const rare: Guarding = {
    ...standing,
    stage: { name: "stageB", abort: { XB1: row("Write5xx", { dataWithin: "2d" }) } },
  };
  expect(found({ heard: heardAt([XB1, 47 * HOUR]) }, [rare])).toEqual([]);
  expect(found({ heard: heardAt([XB1, 49 * HOUR]) }, [rare])).toHaveLength(1);
});
