import type { Locate } from "../../../src/text/problem";
import { type Finding, finder } from "../finding";
import type { SnapshotFact } from "../look/snapshots";

const { ok, fault, unknown } = finder("Gates");

/** The databases of which promotions take snapshots. */
export function judgeSnapshots(facts: readonly SnapshotFact[], locate: Locate): Finding[] {
  return facts.map(({ stage, kind, of, there, tie }) => {
    const name = `${stage} snapshot`;
    const where = locate(stage, ["cutover:stage", "snapshot", kind]);
    if (!there.ok) return unknown(name, there.why, there.remedy);
    if (!there.value)
      return fault(name, `RDS has no ${kind} ${of} in this account and region`, `Correct snapshot.${kind}`, {
        where,
      });
    if (tie.kind === "another") return fault(name, tie.what, tie.remedy, { where });
    return ok(name, `the ${kind} ${of} is there`);
  });
}
