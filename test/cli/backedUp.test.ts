import { expect, it, test } from "vitest";
import { backedUp } from "../../cli/backedUp";
import { loadRollout } from "../../src/rollout/load";

const own = loadRollout(`${__dirname}/../..`);
const backup = { dumps: "/dumps", queries: {} };

it("is the database of a rollout, and where its dumps lie", () => {
  expect(backedUp({ ...own, backup })).toEqual({ backup, database: own.database });
});

test.each([
  [
    { ...own, backup: undefined, database: undefined },
    ["does not say where dumps lie", "declares no database"],
  ],
  [{ ...own, backup: undefined }, ["does not say where dumps lie"]],
  [{ ...own, backup, database: undefined }, ["declares no database"]],
])("says all that is missing, at once", (rollout, missing) => {
  const refusal = () => backedUp(rollout);
  expect(refusal).toThrow("ops-view takes no backups:");
  for (const what of missing) expect(refusal).toThrow(what);
});
