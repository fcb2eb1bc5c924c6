import type { Gate } from "../gates/gate";
import type { Problem } from "../text/problem";

/**
 * Why the snapshot that a promotion would take is of another database than its gates read. Looked at before anything is
 * taken: what is not promoted leaves no snapshot behind. Where that cannot be known yet, the snapshot's own gate
 * decides, right before the flip.
 */
export async function strangeSnapshots(gates: readonly Gate[], region: string): Promise<Problem[]> {
  const wanted = gates.flatMap(({ id, snapshot }) => (snapshot ? [{ id, snapshot }] : []));
  if (wanted.length === 0) return [];
  const { tieBefore } = await import("../gates/kinds/snapshot.look");
  const ties = wanted.map(async ({ id, snapshot }): Promise<Problem[]> => {
    const tie = await tieBefore(snapshot, region);
    return tie.kind === "another" ? [{ where: id, what: tie.what, remedy: tie.remedy }] : [];
  });
  return (await Promise.all(ties)).flat();
}
