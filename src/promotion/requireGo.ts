import type { Ledger } from "../flags/ledger";
import type { Verdict } from "../gates/judge";
import type { Evidence } from "../gates/observation";
import { judgeStrength, unexplained, type Weakening, weakeningProblems } from "../rollout/strength/judge";
import { UserError } from "../text/problem";
import { admit, type Moment } from "./admit";
import { measure } from "./measure";
import type { Promotion } from "./request";
import { showJudgement } from "./show";
import { type Situation, sourcesOf } from "./sources";

/** Measures what a promotion is held to, while its predecessor is live. */
export function measureNow(
  situation: Situation,
  subject: Promotion["subject"],
  gates: Promotion["gates"],
  ledger: Ledger,
  moment: Moment,
  beside?: Parameters<typeof measure>[4],
): Promise<Evidence> {
  const sources = sourcesOf(situation, situation.stage.predecessor ?? "", ledger);
  return measure(subject, gates, sources, moment, beside);
}

/** Throws unless the promotion may go ahead; returns what was judged. A lower with a written reason always may. */
export function requireGo(promotion: Promotion, moment: Moment): readonly Verdict[] {
  const { plan: planned, subject, gates, evidence, unarmed, timeScale } = promotion;
  switch (planned.kind) {
    case "refused":
      throw new UserError(`${subject.stage} is not promoted:`, planned.problems);
    case "lower":
      if (planned.reason === undefined)
        throw new UserError(`${subject.stage} is not brought up:`, LOWER_NEEDS_REASON);
      return [];
    case "restart":
      // What it is held to is written down anew, as at any flip.
      refuseWeaker(promotion);
      return [];
    case "raise": {
      if (!evidence) throw new UserError(`${subject.stage} is not promoted: nothing was measured`);
      const judgement = admit({ subject, gates, evidence, unarmed }, { now: Date.now(), timeScale, moment });
      if (!judgement.go)
        throw new UserError(showJudgement(subject, judgement), weakeningProblems(weakerIn(promotion)));
      refuseWeaker(promotion);
      return judgement.verdicts;
    }
  }
}

function refuseWeaker(promotion: Promotion): void {
  const weaker = weakerIn(promotion);
  if (weaker.length > 0)
    throw new UserError(
      `${promotion.subject.stage} is not promoted: it would be held to less than before:`,
      weakeningProblems(weaker),
    );
}

function weakerIn({ strength }: Promotion): Weakening[] {
  return strength ? unexplained(judgeStrength(strength)) : [];
}

const LOWER_NEEDS_REASON = {
  where: "cutover:stage.lower",
  what: "is missing, and this would lower flags",
  remedy:
    "Say why under lower: { reason: … }. To bring flags down at once, without Pulumi, use `cutover abort`",
} as const;
