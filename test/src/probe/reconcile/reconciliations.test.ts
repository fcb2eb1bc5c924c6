import { expect, test, vi } from "vitest";
import { Reconciler } from "../../../../src/probe/reconcile/reconciler";
import { Reconciliations } from "../../../../src/probe/reconcile/reconciliations";
import type { ReconcileSettings } from "../../../../src/probe/reconcile/settings";

const source = (name: string) => ({ name, query: `select id from ${name}` });
const ONE: ReconcileSettings = {
  ...{ first: source("a"), second: source("b"), key: "id", lagMs: 1, timeoutMs: 5_000 },
  rowsPerMinute: { first: 60_000_000, later: 60_000 },
};

test("several share the time of a measurement, and one that fails makes its own rows fail", async () => {
  const rounds = vi.spyOn(Reconciler.prototype, "round").mockResolvedValue({ failure: "timeout: too slow" });
  rounds.mockResolvedValueOnce({
    done: {
      ...{ missing: 1, extra: 2, different: 0, pending: 0, more: false },
      ...{ matched: 7, passes: 0, written: 0, samples: {}, slow: [] },
    },
  });
  const all = new Reconciliations({
    reconcile: { items: ONE, users: ONE },
    counted: { X1: { of: "items", count: ["missing", "extra"] }, X2: { of: "users", count: ["missing"] } },
  });
  const reading = { reading: async () => ({ failure: "bad-answer: nothing is read here" }) };
  expect(await all.round(reading, 15_000)).toMatchObject({
    values: { X1: 3 },
    failures: { "reconcile.users": "timeout: too slow", X2: "timeout: too slow" },
    reconciled: { items: { matched: 7 } },
  });
  expect(rounds.mock.calls.map(([, deadline, walkMs]) => [deadline, walkMs])).toEqual([
    [15_000, 2_500],
    [15_000, 2_500],
  ]);
});
