import pc from "picocolors";
import { readLedger } from "../../src/flags/readLedger";
import { isAct } from "../../src/gates/acts";
import { judge } from "../../src/gates/judge";
import { admit } from "../../src/promotion/admit";
import { readCommit } from "../../src/promotion/commit";
import { measure } from "../../src/promotion/measure";
import { prove } from "../../src/promotion/prove";
import { exitGatesOf } from "../../src/promotion/resolve";
import { showVerdicts } from "../../src/promotion/show";
import { sourcesOf } from "../../src/promotion/sources";
import { addressed } from "../../src/text/command";
import { createProgress } from "../../src/text/progress";
import { EXIT } from "../exit";
import { placeHere } from "../locate";
import { showUnproven } from "../proofs";
import { openStage } from "../pulumi";

/** Measures what must hold before a stage may be left, as its successor's promotion would. Returns the exit code. */
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
  // Sign-offs are those of the stage that follows, whose promotion these gates decide about.
  const next = rollout.stages.find((other) => other.predecessor === name) ?? stage;
  const flags = { ...stage.flags };
  const commit = await readCommit(folder);
  const subject = {
    rollout: rollout.name,
    stage: name,
    attempt: next.attempt,
    from: flags,
    to: flags,
    liveDeployment: ledger.live?.deployment ?? 0,
    liveSince: ledger.live?.completedAt ?? new Date(0).toISOString(),
    commit,
  };
  const sources = sourcesOf({ ...opened, stage: next }, name, ledger);
  const progress = createProgress();
  const evidence = await progress.step(`Measuring ${gates.length} gates`, () =>
    measure(subject, gates, sources, "admission"),
  );
  // A gate that lets pass what is known to be bad has said nothing by passing.
  const proofs = await progress.step(`Trying ${gates.length} gates on what is bad`, () =>
    prove(gates, sources, next.attempt),
  );
  const judgement = admit(
    { subject, gates, evidence },
    { now: Date.now(), timeScale: settings.timeScale, moment: "admission" },
  );
  const place = placeHere(rollout.name, folder);
  const context = { now: Date.now(), timeScale: settings.timeScale, attempt: next.attempt };
  const unrun = gates.filter(isAct).map((gate) => judge(gate, undefined, context));
  const verdicts = [...unrun, ...judgement.verdicts];
  print(showVerdicts(verdicts.map((one) => ({ ...one, remedy: addressed(one.remedy, place) }))));
  for (const line of showUnproven(proofs)) print(line);
  const go = judgement.go && proofs.every(({ outcome }) => outcome !== "broken");
  const every = unrun.length === 0 ? "every exit gate" : "every exit gate that only looks";
  print(go ? pc.green(`${name}: ${every} passes.`) : pc.yellow(`${name}: not ${every} passes.`));
  return go ? EXIT.ok : EXIT.blocked;
}
