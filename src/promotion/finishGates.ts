import type { Ledger } from "../flags/ledger";
import { isAct } from "../gates/acts";
import type { Gate } from "../gates/gate";
import { judge, type Verdict } from "../gates/judge";
import type { Evidence, Subject } from "../gates/observation";
import type { Rollout, Stage } from "../rollout/rollout";
import { admit } from "./admit";
import type { Proof } from "./prove";
import { subjectOf } from "./request";
import { exitGatesOf } from "./resolve";

/** What exit gates are measured in. */
export interface ExitWorld {
  /** @param acting whether gates that write may write */
  measure(gates: readonly Gate[], subject: Subject, ledger: Ledger, acting: boolean): Promise<Evidence>;
  prove(gates: readonly Gate[], ledger: Ledger): Promise<readonly Proof[]>;
  commit(): Promise<string>;
  now(): number;
}

/** What the exit gates of the last stage came to. */
interface ExitJudged {
  /** Each of them passes, and none lets pass what is known to be bad. */
  readonly go: boolean;
  readonly verdicts: readonly Verdict[];
  readonly proofs: readonly Proof[];
}

/**
 * Measures the exit gates of the last stage, and judges them as a promotion's. Those that write are run last, and only
 * where everything else holds.
 */
export async function judgeExit(
  rollout: Rollout,
  last: Stage,
  ledger: Ledger,
  timeScale: number,
  world: ExitWorld,
): Promise<ExitJudged> {
  const gates = exitGatesOf(rollout, last);
  const acts = gates.filter(isAct);
  const looks = gates.filter((gate) => !isAct(gate));
  const { flags } = last;
  const { live } = ledger;
  const now = { from: flags, to: flags, liveDeployment: live?.deployment ?? 0 };
  const subject = subjectOf(rollout, last, now, live?.completedAt, await world.commit());
  const seen = await world.measure(looks, subject, ledger, false);
  const proofs = await world.prove(looks, ledger);
  const judged = (of: readonly Gate[], evidence: Evidence) =>
    admit({ subject, gates: of, evidence }, { now: world.now(), timeScale, moment: "flip" });
  const first = looks.length === 0 ? { go: true, verdicts: [] } : judged(looks, seen);
  const go = first.go && proofs.every(({ outcome }) => outcome !== "broken");
  if (!go || acts.length === 0) {
    const context = { now: world.now(), timeScale, attempt: last.attempt };
    return {
      go,
      proofs,
      verdicts: [...acts.map((gate) => judge(gate, undefined, context)), ...first.verdicts],
    };
  }
  const acted = await world.measure(acts, subject, ledger, true);
  const all = judged(gates, { ...seen, observations: [...seen.observations, ...acted.observations] });
  return { go: all.go, verdicts: all.verdicts, proofs };
}
