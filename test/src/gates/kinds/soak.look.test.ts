import { expect, it } from "vitest";
import type { Ledger } from "../../../../src/flags/ledger";
import { look } from "../../../../src/gates/kinds/soak.look";
import { entry, flags, ledger, note } from "../../../support/build";

const lookAt = (ledger: Ledger) => look(undefined, { ledger, live: "stageA" });

it("is the time since when the live flags are live, and the deployment that put them there", () => {
  expect(lookAt(ledger(flags(true, false), [entry(1), entry(2)]))).toEqual({
    kind: "occupancy",
    stage: "stageA",
    since: "2026-11-02T12:00:00.000Z",
    deployment: 2,
  });
});

it("starts anew with whatever deployment is live now, an abort's, too", () => {
  const abort = entry(5, { note: note({ kind: "abort", stage: "stageB" }) });
  expect(lookAt(ledger(flags(true, false), [entry(2), abort]))).toMatchObject({
    since: "2026-11-05T12:00:00.000Z",
    deployment: 5,
  });
});

it("is no data where no flags are live", () => {
  expect(lookAt({ history: [], newest: 0 })).toMatchObject({
    kind: "failure",
    failure: "no-data",
  });
});
