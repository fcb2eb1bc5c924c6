import { readLedger } from "../../src/flags/readLedger";
import { prove } from "../../src/promotion/prove";
import { gatesFor, smokeGatesOf } from "../../src/promotion/resolve";
import { sourcesOf } from "../../src/promotion/sources";
import { counted } from "../../src/text/counted";
import { createProgress } from "../../src/text/progress";
import { EXIT } from "../exit";
import { showProofs } from "../proofs";
import { openStage } from "../pulumi";

/** Runs the known-bad probes of a stage's gates. 0 where each does its work; gates without a probe are named. */
export async function proveGates(
  folder: string,
  name: string,
  print: (line: string) => void,
): Promise<number> {
  const opened = await openStage(folder, name);
  const { rollout, stage, foundation } = opened;
  const ledger = await readLedger(foundation.store, rollout.flags);
  const gates = [...gatesFor(rollout, stage), ...smokeGatesOf(rollout, stage)];
  const proofs = await createProgress().step(`Trying ${counted(gates.length, "gate")}`, () =>
    prove(gates, sourcesOf(opened, stage.predecessor ?? name, ledger), stage.attempt),
  );
  for (const line of showProofs(proofs)) print(line);
  const failed = proofs.some(({ outcome }) => outcome === "broken" || outcome === "unknown");
  return failed ? EXIT.failed : EXIT.ok;
}
