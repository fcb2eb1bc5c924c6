import { expect, test } from "vitest";
import { heldAgainstFacts } from "../../../src/flags/facts";
import type { Flags } from "../../../src/flags/flags";
import type { Ledger, Note } from "../../../src/flags/ledger";
import { liveSince } from "../../../src/flags/ledger";
import { plan } from "../../../src/rollout/plan";
import { liveStage, nextStage } from "../../../src/rollout/position";
import { nextAttempt } from "../../../src/rollout/stops";
import { booleanFlag, entry, gist, note, percentageFlag, rollout, stage } from "../../support/build";

const specs = { DUAL: booleanFlag(), READ: percentageFlag() };
const values = (DUAL: boolean, READ: number): Flags => ({ DUAL, READ });
const baseline = stage("baseline", { flags: values(false, 0) });
const dual = stage("dual", { predecessor: "baseline", flags: values(true, 0) });
const read = stage("read", { predecessor: "dual", flags: values(true, 50) });
const alone = stage("alone", { predecessor: "read", flags: values(false, 100), contracts: ["DUAL"] });
const of = rollout({ flags: specs, stages: [baseline, dual, read, alone] });

function ledgerOf(...made: [Partial<Note>, Flags][]): Ledger {
  const history = heldAgainstFacts(
    specs,
    made.map(([said, flags], index) =>
      entry(index + 1, {
        note: note(said),
        flags,
        completedAt: new Date((index + 1) * 60_000).toISOString(),
      }),
    ),
  );
  const on = history[0] as (typeof history)[0];
  const flags = made.at(-1)?.[1] as Flags;
  return {
    history,
    newest: made.length,
    live: { ...on, flags, completedAt: liveSince(history) ?? "", undeclared: [], doors: {} },
  };
}
const UP: [Partial<Note>, Flags][] = [baseline, dual, read, alone].map(({ name, flags, contracts }) => [
  { kind: "promote", stage: name, ...(contracts ? { contracts: [...contracts] } : {}) },
  flags,
]);

test("a stage that was lowered to is live, without what a later one contracted", () => {
  const ledger = ledgerOf(...UP, [{ kind: "lower", stage: "read", reason: "slow" }, values(false, 50)]);
  expect(ledger.history[0]?.foreign).toBeUndefined();
  expect(liveStage(of, ledger)?.name).toBe("read");
  expect(nextStage(of, ledger)?.name).toBe("alone");
  for (const one of [alone, read]) expect(gist(plan(of, { ...one, attempt: 2 }, ledger))).toBe("raise");
});

test("what a row of some flags alone left leads to what is typed, and on from there", () => {
  const parted: [Partial<Note>, Flags] = [{ kind: "abort", stage: "read", row: "X1" }, values(false, 50)];
  const ledger = ledgerOf(...UP.slice(0, 3), parted);
  const remedy =
    'Bring down what is left of dual and the stages after it: cutover abort -s dual --reason "…". Then promote dual anew';
  for (const one of [read, dual, alone]) {
    const made = plan(of, { ...one, attempt: one === alone ? 1 : 2 }, ledger);
    expect(made.kind === "refused" && made.problems.map((problem) => problem.remedy)).toEqual([remedy]);
  }
  const down = ledgerOf(...UP.slice(0, 3), parted, [{ kind: "abort", stage: "dual" }, values(false, 0)]);
  expect(liveStage(of, down)?.name).toBe("baseline");
  expect(gist(plan(of, { ...dual, attempt: nextAttempt(of, dual, down) }, down))).toBe("raise");
});
