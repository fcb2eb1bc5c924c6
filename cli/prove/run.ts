import { readLedger } from "../../src/flags/readLedger";
import { type Proof, prove } from "../../src/promotion/prove";
import { gatesFor, smokeGatesOf } from "../../src/promotion/resolve";
import { type GateRow, showGates } from "../../src/promotion/show";
import { sourcesOf } from "../../src/promotion/sources";
import { createProgress } from "../../src/text/progress";
import { EXIT } from "../exit";
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
  const proofs = await createProgress().step(`Trying ${gates.length} gates`, () =>
    prove(gates, sourcesOf(opened, stage.predecessor ?? name, ledger), stage.attempt),
  );
  const of = (outcome: Proof["outcome"]) => proofs.filter((proof) => proof.outcome === outcome);
  const rows = ORDER.flatMap((outcome) =>
    of(outcome).map(({ gate, title, observed }): GateRow => {
      const [word, label] = WORDS[outcome];
      return { gate, word, title, facts: [[label, observed]] };
    }),
  );
  if (rows.length > 0) print(showGates(rows));
  const without = of("no-probe");
  if (without.length > 0) print(`Sources that take no probe: ${without.map(({ gate }) => gate).join(", ")}.`);
  const unproven = of("unproven");
  if (unproven.length > 0)
    print(`Add prove: to ${unproven.map(({ gate }) => gate).join(", ")}, with what must fail.`);
  const [proven, broken, unknown] = [of("proven").length, of("broken").length, of("unknown").length];
  print(
    `${proven} of ${rows.length} were seen to fail on what is bad; ${broken} let it pass, ${unknown} could not be tried.`,
  );
  return broken + unknown > 0 ? EXIT.failed : EXIT.ok;
}

/** What needs somebody comes first. */
const ORDER = ["broken", "unknown", "unproven", "proven"] as const;

const WORDS = {
  broken: ["BROKEN", "passes"],
  unknown: ["UNKNOWN", "saw"],
  unproven: ["UNPROVEN", ""],
  proven: ["PROVEN", ""],
} as const;
