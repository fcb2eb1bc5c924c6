import type { AlarmNow } from "../aws/alarms";
import type { Known } from "../aws/known";
import { type Ledger, originOf } from "../flags/ledger";
import { short } from "../text/command";
import type { Problem } from "../text/problem";
import { doubtAbout } from "./origin";
import { plan } from "./plan";
import { type Predecessor, unsettledProblems } from "./planRaise";
import { rollbackAlarms } from "./rollbackAlarms";
import type { Rollout, Stage } from "./rollout";
import { holdProblem, standstill } from "./standstill";

/** All that a finish is held against beside the exit gates. */
export interface Finishing {
  readonly rollout: Rollout;
  readonly ledger: Ledger;
  /** What the record of the last stage's stack says. */
  readonly recorded: Predecessor;
  /** The alarms that roll back, of every stage. */
  readonly alarms: Known<ReadonlyMap<string, AlarmNow>>;
}

/** The stage that nothing follows: a rollout is finished in it. */
export function lastStage({ stages }: Pick<Rollout, "stages">): Stage {
  return stages.find(({ name }) => !stages.some(({ predecessor }) => predecessor === name)) ?? stages[0];
}

/** What speaks against finishing a rollout now, all of it at once. Empty where nothing does; its gates are asked then. */
export function problemsOfFinish({ rollout, ledger, recorded, alarms }: Finishing): Problem[] {
  const last = lastStage(rollout);
  const problems = [
    ...gateProblems(last),
    ...standstill(rollout, last, ledger),
    ...otherHolds(rollout, last, ledger),
    ...liveProblems(rollout, last, ledger, recorded),
    ...alarmProblems(rollout, alarms),
  ];
  return [...new Map(problems.map((problem) => [`${problem.where} ${problem.what}`, problem])).values()];
}

function gateProblems(last: Stage): Problem[] {
  if (Object.keys(last.exit).length > 0) return [];
  return [
    {
      where: `${last.name} cutover:stage.exit`,
      what: "declares no gate: nothing would say that the rollout came out well",
      remedy: "Declare what must hold at its end",
    },
  ];
}

function otherHolds(rollout: Rollout, last: Stage, ledger: Ledger): Problem[] {
  return rollout.stages.flatMap((stage) => (stage === last ? [] : holdProblem(rollout, stage, ledger)));
}

/** The last stage is live by its own promotion, of the attempt in its config, which settled. */
function liveProblems(rollout: Rollout, last: Stage, ledger: Ledger, recorded: Predecessor): Problem[] {
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
  const doubt = doubtAbout(rollout, origin, ledger);
  return [
    ...unsettledProblems({ rollout, ledger, before: recorded }, last, "the rollout is finished"),
    ...(doubt === undefined
      ? []
      : [
          {
            where,
            what: `the live flags were put there by deployment ${origin.deployment}, ${doubt}`,
            remedy: "Find out who made it. `cutover abort` puts the ledger right without raising anything",
          },
        ]),
    ...(live && live.undeclared.length > 0
      ? [
          {
            where,
            what: `the live document holds what the rollout does not declare: ${live.undeclared.join(", ")}`,
            remedy: "Declare it under flags: in cutover:rollout, or remove it from the document",
          },
        ]
      : []),
  ];
}

/** Nothing rings that would bring flags down, of any stage. */
function alarmProblems(rollout: Rollout, alarms: Finishing["alarms"]): Problem[] {
  const rows = rollbackAlarms(rollout, rollout.stages);
  if (rows.length === 0) return [];
  if (!alarms.ok)
    return [
      {
        where: "CloudWatch",
        what: `the states of the alarms cannot be read: ${alarms.why}`,
        remedy:
          "Check the permissions and the network; nothing is finished while it is not known that all is quiet",
      },
    ];
  return rows.flatMap(({ stage, row, alarm, threshold }): Problem[] => {
    const seen = alarms.value.get(alarm);
    if (!seen)
      return [
        {
          where: row,
          what: `its alarm ${alarm} is not there, so nothing is known of it`,
          remedy: `Run ${short.ofStack("refresh", stage.name)}, then ${short.ofStack("up", stage.name)}`,
        },
      ];
    if (seen.state !== "ALARM") return [];
    return [
      {
        where: row,
        what: `its alarm ${alarm} is in ALARM${seen.reason ? ` (${seen.reason})` : ""}`,
        remedy: threshold.runbook ?? "Mend what it is about, and wait until it is OK",
      },
    ];
  });
}
