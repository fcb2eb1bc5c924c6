import pc from "picocolors";
import { readLedger } from "../../src/flags/readLedger";
import { isAct } from "../../src/gates/acts";
import { judge, type Verdict } from "../../src/gates/judge";
import { admit } from "../../src/promotion/admit";
import { readCommit } from "../../src/promotion/commit";
import { measure } from "../../src/promotion/measure";
import { type Proof, prove } from "../../src/promotion/prove";
import { exitGatesOf } from "../../src/promotion/resolve";
import { showVerdicts } from "../../src/promotion/show";
import { sourcesOf } from "../../src/promotion/sources";
import { addressed, type Place } from "../../src/text/command";
import { counted } from "../../src/text/counted";
import { createProgress } from "../../src/text/progress";
import { EXIT, type Exit } from "../exit";
import { gateViewOf } from "../gateView";
import { placeHere } from "../locate";
import { showUnproven } from "../proofs";
import { type Opened, openStage } from "../pulumi";
import type { CheckView } from "./schema";

export interface CheckOptions {
  readonly stage: string;
  /** The folder with the stack files. */
  readonly folder: string;
  /** Prints the result as JSON, and nothing else. */
  readonly json?: boolean | undefined;
  readonly print?: (line: string) => void;
}

/** How the exit gates of a stage came out, each as it is and on what is known to be bad. */
export interface Checked {
  readonly rollout: string;
  readonly stage: string;
  readonly verdicts: readonly Verdict[];
  readonly proofs: readonly Proof[];
  /** Every gate that only looks passes, and none lets pass what is known to be bad. */
  readonly passes: boolean;
}

/** Measures what must hold before a stage may be left, as its successor's promotion would. */
export async function checkCommand(options: CheckOptions): Promise<Exit> {
  const { folder, stage, json = false, print = console.log } = options;
  const checked = await checkExit(folder, await openStage(folder, stage));
  const place = placeHere(checked.rollout, folder);
  if (json) print(JSON.stringify(checkViewOf(checked, place, Date.now())));
  else for (const line of showChecked(checked, place)) print(line);
  return checked.passes ? EXIT.ok : EXIT.blocked;
}

async function checkExit(folder: string, opened: Opened): Promise<Checked> {
  const { rollout, stage, foundation, settings } = opened;
  const { name } = stage;
  const gates = exitGatesOf(rollout, stage);
  if (gates.length === 0)
    return { rollout: rollout.name, stage: name, verdicts: [], proofs: [], passes: true };
  const ledger = await readLedger(foundation.store, rollout.flags);
  // Sign-offs are those of the stage that follows, whose promotion these gates decide about.
  const next = rollout.stages.find((other) => other.predecessor === name) ?? stage;
  const flags = { ...stage.flags };
  const subject = {
    rollout: rollout.name,
    stage: name,
    attempt: next.attempt,
    from: flags,
    to: flags,
    liveDeployment: ledger.live?.deployment ?? 0,
    liveSince: ledger.live?.completedAt ?? new Date(0).toISOString(),
    commit: await readCommit(folder),
  };
  const sources = sourcesOf({ ...opened, stage: next }, name, ledger);
  const progress = createProgress();
  const evidence = await progress.step(`Measuring ${counted(gates.length, "gate")}`, () =>
    measure(subject, gates, sources, "admission"),
  );
  // A gate that lets pass what is known to be bad has said nothing by passing.
  const proofs = await progress.step(`Trying ${counted(gates.length, "gate")} on what is bad`, () =>
    prove(gates, sources, next.attempt),
  );
  const { timeScale } = settings;
  const judgement = admit({ subject, gates, evidence }, { now: Date.now(), timeScale, moment: "admission" });
  const context = { now: Date.now(), timeScale, attempt: next.attempt };
  const unrun = gates.filter(isAct).map((gate) => judge(gate, undefined, context));
  return {
    rollout: rollout.name,
    stage: name,
    verdicts: [...unrun, ...judgement.verdicts],
    proofs,
    passes: judgement.go && proofs.every(({ outcome }) => outcome !== "broken"),
  };
}

/** The same for people, as lines. */
export function showChecked({ stage, verdicts, proofs, passes }: Checked, place: Place): string[] {
  if (verdicts.length === 0) return [`${stage} has no exit gates.`];
  const every = verdicts.some(({ outcome }) => outcome === "not-run")
    ? "every exit gate that only looks"
    : "every exit gate";
  return [
    showVerdicts(verdicts.map((one) => ({ ...one, remedy: addressed(one.remedy, place) }))),
    ...showUnproven(proofs, verdicts),
    passes ? pc.green(`${stage}: ${every} passes.`) : pc.yellow(`${stage}: not ${every} passes.`),
  ];
}

/** The same for programs. */
export function checkViewOf(checked: Checked, place: Place, now: number): CheckView {
  const { rollout, stage, verdicts, proofs, passes } = checked;
  return {
    rollout,
    stage,
    at: new Date(now).toISOString(),
    passes,
    gates: verdicts.map((verdict) => {
      const proof = proofs.find(({ gate }) => gate === verdict.gate);
      return {
        ...gateViewOf(verdict, place),
        ...(proof ? { tried: { outcome: proof.outcome, observed: proof.observed } } : {}),
      };
    }),
  };
}
