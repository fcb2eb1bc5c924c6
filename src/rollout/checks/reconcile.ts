import { NEEDS_DATABASE } from "../../gates/common";
import { meant } from "../../text/nearest";
import { type Locate, type Problem, tellWhere } from "../../text/problem";
import type { RolloutConfig } from "../config/stackFile";
import type { Stage } from "../rollout";

/** Reconciliations that nothing goes by or that nobody can ask, and rows that go by none. */
export function reconcileProblems(
  { name: stage, reconcile = {}, abort }: Stage,
  { database }: Pick<RolloutConfig, "database">,
  locate: Locate,
): Problem[] {
  const known = Object.keys(reconcile);
  const asked = Object.entries(abort).flatMap(([row, { reconcile: of }]) => (of ? [{ row, ...of }] : []));
  const unknown = asked
    .filter(({ of }) => !Object.hasOwn(reconcile, of))
    .map(
      ({ row, of }): Problem => ({
        where: locate(stage, ["cutover:stage", "abort", row, "reconcile", "of"]),
        what: `is ${of}, which this stage does not compare`,
        remedy: meant(
          of,
          known,
          known.length > 0
            ? `This stage compares ${known.join(", ")}`
            : "Declare it under reconcile of this stage",
        ),
      }),
    );
  const own = known.flatMap((name): Problem[] => {
    const where = locate(stage, ["cutover:stage", "reconcile", name]);
    if (!database) return [{ where, ...NEEDS_DATABASE }];
    // Its figures alone stop nothing, and what is declared with a stage's probe goes by its rows.
    return tellWhere(!asked.some(({ of }) => of === name), {
      where,
      what: "is compared, and no abort row goes by what differs",
      remedy: `Add a row under abort with reconcile: { of: ${name} } and a threshold, or take it out`,
    });
  });
  return [...unknown, ...own];
}
