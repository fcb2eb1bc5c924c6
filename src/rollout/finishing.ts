import type { AlarmNow } from "../aws/alarms";
import type { Known } from "../aws/known";
import { type Ledger, type LedgerEntry, originOf } from "../flags/ledger";
import { short } from "../text/command";
import { type Problem, tellAt, tellWhere } from "../text/problem";
import { plan } from "./plan";
import { type Predecessor, strangeProblems, unsettledProblems } from "./planRaise";
import { type RollbackAlarm, rollbackAlarms, undecidedAlarms } from "./rollbackAlarms";
import type { Rollout, Stage } from "./rollout";
import { holdProblem, standstill } from "./standstill";
import { definitionsOf } from "./strength/definitions";
import { type HeldTo, judgeStrength, unexplained, weakeningProblems } from "./strength/judge";

/** All that a finish is held against beside the exit gates. */
export interface Finishing {
  readonly rollout: Rollout;
  readonly ledger: Ledger;
  /** What the record of the last stage's stack says. */
  readonly recorded: Predecessor;
  /** What the last stage's own flip was held to; undefined where that was not written down. */
  readonly heldTo: Known<HeldTo | undefined>;
  /** The alarms that roll back, at once or undecided, of every stage. */
  readonly alarms: Known<ReadonlyMap<string, AlarmNow>>;
  /** Those that ring and wait for a decision. */
  readonly open: readonly OpenDecision[];
}

/** An alarm that rings, and that brings the flags down where nobody decides about it in time. */
export interface OpenDecision extends RollbackAlarm {
  /** ISO 8601, where that is known. */
  readonly since?: string | undefined;
  /** Why it is not known whether somebody decided. */
  readonly unread?: string | undefined;
}

/** The stage that nothing follows: a rollout is finished in it. */
export function lastStage({ stages }: Pick<Rollout, "stages">): Stage {
  return stages.find(({ name }) => !stages.some(({ predecessor }) => predecessor === name)) ?? stages[0];
}

/** What speaks against finishing a rollout now, all of it at once. Empty where nothing does; its gates are asked then. */
export function problemsOfFinish(finishing: Finishing): Problem[] {
  const { rollout, ledger, alarms, open } = finishing;
  const last = lastStage(rollout);
  const problems = [
    ...gateProblems(last),
    ...standstill(rollout, last, ledger),
    ...otherHolds(rollout, last, ledger),
    ...liveProblems(finishing, last),
    ...alarmProblems(rollout, alarms),
    ...open.map((one) => openProblem(one, short.abort)),
  ];
  return [...new Map(problems.map((problem) => [`${problem.where} ${problem.what}`, problem])).values()];
}

function gateProblems(last: Stage): Problem[] {
  return tellWhere(Object.keys(last.exit).length === 0, {
    where: `${last.name} cutover:stage.exit`,
    what: "declares no gate: nothing would say that the rollout came out well",
    remedy: "Declare what must hold at its end",
  });
}

function otherHolds(rollout: Rollout, last: Stage, ledger: Ledger): Problem[] {
  return rollout.stages.flatMap((stage) => (stage === last ? [] : holdProblem(rollout, stage, ledger)));
}

/** The last stage is live by its own promotion, of the attempt in its config, which settled. */
function liveProblems({ rollout, ledger, recorded, heldTo }: Finishing, last: Stage): Problem[] {
  const where = `stage ${last.name}`;
  const planned = plan(rollout, last, ledger);
  const up = short.ofStack("up", last.name);
  const origin = originOf(ledger);
  if (planned.kind === "refused") return [...planned.problems];
  if (planned.kind !== "none" || planned.why !== "live" || origin?.note?.kind !== "promote") {
    const what =
      planned.kind === "none" && planned.why !== "live"
        ? planned.sentence
        : `attempt ${last.attempt} is not live by a promotion of its own`;
    return [{ where, what, remedy: `Promote it, and let it soak, before the rollout is finished: ${up}` }];
  }
  const { live } = ledger;
  return [
    ...unsettledProblems({ rollout, ledger, before: recorded }, last, "the rollout is finished"),
    ...(live ? strangeProblems(rollout, last, ledger, { live, origin }) : []),
    ...releaseProblems(rollout, last, origin),
    ...weakerProblems(rollout, last, heldTo),
  ];
}

/** People are told of the release that was promoted, and of no other. */
function releaseProblems({ release }: Rollout, last: Stage, { note }: LedgerEntry): Problem[] {
  const promoted = note?.release;
  return tellWhere(promoted !== undefined && promoted !== release?.version, {
    where: "cutover:rollout.release",
    what: `says ${release?.version ?? "nothing"}, and ${last.name} was promoted for ${promoted}`,
    remedy: `Set it back to ${promoted}: another release is a rollout, or an attempt, of its own`,
  });
}

/** What is weaker than at the flip of the last stage needs a reason, as for a raise: its gates are what a finish is by. */
function weakerProblems(rollout: Rollout, last: Stage, heldTo: Finishing["heldTo"]): Problem[] {
  const where = `stack ${last.name}`;
  const wrong = tellAt(where);
  if (!heldTo.ok)
    return wrong(
      `what it was held to when it was promoted cannot be read: ${heldTo.why}`,
      `${heldTo.remedy}. Nothing is finished while it is not known what is weaker since`,
    );
  if (heldTo.value === undefined)
    return wrong(
      "what it was held to when it was promoted was not written down: nobody can say what is weaker since",
      "Promote it anew, with the next attempt: it is written down then",
    );
  const { definitions, weakened } = heldTo.value;
  return weakeningProblems(
    unexplained(
      judgeStrength({
        now: definitionsOf(rollout),
        before: { lastFlip: definitions },
        weakened: { ...last.weakened },
        accepted: weakened,
        unrecorded: false,
      }),
    ),
  );
}

/**
 * Silence about it would bring the flags down after people were told that all is done.
 *
 * @param back the command that rolls back
 */
export function openProblem(
  { stage, row, alarm, threshold, unread }: OpenDecision,
  back: (stage: string) => string,
): Problem {
  const within = threshold.remind?.after ?? "the time for it";
  return {
    where: row,
    what:
      unread === undefined
        ? `its alarm ${alarm} is in ALARM, and nobody has decided about it: the flags go down ${within} after it rang`
        : `its alarm ${alarm} is in ALARM, and whether somebody has decided about it cannot be read: ${unread}`,
    remedy: `Decide: ${short.dismiss(stage.name, row)} leaves it, ${back(stage.name)} rolls back`,
  };
}

/** Nothing rings that would bring flags down, of any stage; what waits for a decision is told by itself. */
function alarmProblems(rollout: Rollout, alarms: Finishing["alarms"]): Problem[] {
  const rows = rollbackAlarms(rollout, rollout.stages);
  const undecided = undecidedAlarms(rollout, rollout.stages);
  if (rows.length + undecided.length === 0) return [];
  if (!alarms.ok)
    return [
      {
        where: "CloudWatch",
        what: `the states of the alarms cannot be read: ${alarms.why}`,
        remedy:
          "Check the permissions and the network; nothing is finished while it is not known that all is quiet",
      },
    ];
  return [...rows, ...undecided].flatMap(({ stage, row, alarm, threshold }): Problem[] => {
    const seen = alarms.value.get(alarm);
    if (!seen)
      return [
        {
          where: row,
          what: `its alarm ${alarm} is not there, so nothing is known of it`,
          remedy: `Run ${short.ofStack("refresh", stage.name)}, then ${short.ofStack("up", stage.name)}`,
        },
      ];
    return tellWhere(seen.state === "ALARM" && threshold.action === "rollback", {
      where: row,
      what: `its alarm ${alarm} is in ALARM${seen.reason ? ` (${seen.reason})` : ""}`,
      remedy: threshold.runbook ?? "Mend what it is about, and wait until it is OK",
    });
  });
}
