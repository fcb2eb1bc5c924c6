import pc from "picocolors";
import { admit } from "../gates/admit";
import { readCommit } from "../gates/commit";
import { measure } from "../gates/measure";
import { prove } from "../gates/prove";
import { exitGatesOf, gatesFor, smokeGatesOf } from "../gates/resolve";
import { showVerdicts } from "../gates/show";
import { readLedger } from "../ledger/appconfig";
import { sourcesOf } from "../program/sources";
import { createProgress } from "../sandbox/progress";
import { openStage } from "./pulumi";

/** Measures what must hold before a stage may be left, as its successor's promotion would. 0 where all pass. */
export async function checkExit(
  folder: string,
  name: string,
  print: (line: string) => void,
): Promise<number> {
  const opened = await openStage(folder, name);
  const { rollout, stage, foundation, settings } = opened;
  const gates = exitGatesOf(rollout, stage);
  if (gates.length === 0) {
    print(`${name} has no exit gates.`);
    return 0;
  }
  const ledger = await readLedger(foundation.store, rollout.flags);
  const flags = { ...stage.flags };
  const commit = await readCommit(folder);
  const subject = {
    rollout: rollout.name,
    stage: name,
    attempt: stage.attempt,
    from: flags,
    to: flags,
    liveDeployment: ledger.live?.deployment ?? 0,
    liveSince: ledger.live?.completedAt ?? new Date(0).toISOString(),
    commit,
  };
  const evidence = await createProgress().step(`Measuring ${gates.length} gates`, () =>
    measure(subject, gates, sourcesOf(opened, name, ledger), "admission"),
  );
  const judgement = admit(
    { subject, gates, evidence },
    { now: Date.now(), timeScale: settings.timeScale, moment: "admission" },
  );
  print(showVerdicts(judgement.verdicts));
  print(
    judgement.go
      ? pc.green(`${name}: every exit gate passes.`)
      : pc.yellow(`${name}: not every exit gate passes.`),
  );
  return judgement.go ? 0 : 1;
}

/** Runs the known-bad probes of a stage's gates. 0 where none is broken; gates without a probe are named. */
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
  const mark = {
    proven: pc.green("proven  "),
    unproven: pc.dim("unproven"),
    broken: pc.red("BROKEN  "),
    unknown: pc.yellow("unknown "),
  };
  for (const proof of proofs)
    print(`${proof.gate.padEnd(6)} ${mark[proof.outcome]} ${proof.title}: ${proof.observed}`);
  const count = (outcome: string) => proofs.filter((proof) => proof.outcome === outcome).length;
  print(
    `\n${count("proven")} of ${proofs.length} gates can fail; ${count("unproven")} have no probe, ${count("unknown")} could not be tried, ${count("broken")} are broken.`,
  );
  return count("broken") + count("unknown") > 0 ? 1 : 0;
}
