import { showLeft } from "../../src/abort/remains";
import { originOf } from "../../src/flags/ledger";
import { showTime } from "../../src/gates/judge";
import { unarmedProblems } from "../../src/rollout/armed";
import { doubtAbout } from "../../src/rollout/origin";
import { outOfBetween } from "../../src/rollout/planRaise";
import { liveStage } from "../../src/rollout/position";
import { stageNamed } from "../../src/rollout/rollout";
import { freezeOn } from "../../src/rollout/stops";
import { addressed, ofStack, release } from "../../src/text/command";
import { deliveryTrouble } from "./deliveries";
import type { Facts } from "./facts";
import type { Attention, StatusView } from "./schema";

/** A view as far as it is made when somebody asks what to look at. */
type Found = Omit<StatusView, "attention" | "complete">;

/** What a person has to look at, as far as it is known for certain; nothing of what merely is not known. */
export function attentionOf(facts: Facts, view: Found): Attention[] {
  return [
    ...ledgerTrouble(facts),
    ...frozen(facts),
    ...abortedStages(view),
    ...deliveryTrouble(view.deliveries, facts.place),
    ...alarmTrouble(facts, view),
    ...guardTrouble(facts, view),
    ...lateMessages(view),
  ];
}

function ledgerTrouble({ rollout, ledger, region, place, remains }: Facts): Attention[] {
  if (!ledger.ok) return [];
  const first = rollout.stages[0].name;
  const start = `Bring its first stage up: ${ofStack(place, "up", first)}. If it runs elsewhere, set AWS_REGION and the credentials`;
  const unknown = remains?.unknown ?? [];
  const doubt =
    unknown.length > 0 ? `. Whether its flag store was deleted is not known: ${unknown.join("; ")}` : "";
  if (!ledger.value && remains && remains.left.length > 0)
    return [
      {
        where: "flags",
        what: `the flag store of ${rollout.name} was deleted: AppConfig in ${region} knows no flags of it, and there is ${showLeft(remains)}. No abort can lower anything, and servers keep the flags that they have`,
        remedy: `Make it anew, with every flag off: ${ofStack(place, "up", first)}. Then restart every server`,
      },
    ];
  if (!ledger.value)
    return [
      {
        where: rollout.name,
        what: `was never started in ${region}: AppConfig knows no flags of it`,
        remedy: `${start}${doubt}`,
      },
    ];
  const { live } = ledger.value;
  if (!live) return [{ where: rollout.name, what: "has no live flags yet", remedy: start }];
  const origin = originOf(ledger.value) ?? live;
  const problems: Attention[] = [];
  const strange = doubtAbout(rollout, origin, ledger.value);
  if (strange)
    problems.push({
      where: "flags",
      what: `were put there by deployment ${origin.deployment}, ${strange}`,
      remedy: "Find out who made it. An abort puts the ledger right without raising anything",
    });
  const between = outOfBetween(rollout, ledger.value);
  const leftSo = `: ${origin.note?.kind === "lower" ? "a lowering" : "an abort"} left them so`;
  if (!liveStage(rollout, ledger.value))
    problems.push({
      where: "flags",
      what: `are those of no stage${between ? leftSo : ""}`,
      remedy: between
        ? addressed(between, place)
        : "Find out who changed them, or what was edited in the stack files; an abort lowers them",
    });
  if (live.undeclared.length > 0)
    problems.push({
      where: "flags",
      what: `the live document holds what the rollout does not declare: ${live.undeclared.join(", ")}`,
      remedy: "Declare it under flags: in cutover:rollout, or remove it from the document",
    });
  return problems;
}

/** Whatever a row froze waits for a person. A hold that a person put is told where it holds something up. */
function frozen({ rollout, ledger, place }: Facts): Attention[] {
  const hold = ledger.ok && ledger.value ? freezeOn(rollout, ledger.value) : undefined;
  if (!hold?.note) return [];
  const { deployment, completedAt, note } = hold;
  return [
    {
      where: rollout.name,
      what: `is held by ${note.row}${completedAt ? ` since ${showTime(completedAt)}` : ""}, which left every flag where there is no way back (deployment ${deployment}): ${note.reason ?? "no reason is known"}`,
      remedy: `Mend it; nothing goes up before you release it: ${release(place)}`,
    },
  ];
}

function abortedStages({ stages }: Found): Attention[] {
  return stages.flatMap(({ name, state, aborted }) =>
    state === "aborted"
      ? [
          {
            where: name,
            what: `was aborted by ${aborted?.by ?? "something"}${aborted?.at ? ` at ${showTime(aborted.at)}` : ""}`,
            remedy: "Find the cause, then raise its attempt with new sign-offs",
          },
        ]
      : [],
  );
}

function alarmTrouble({ rollout, place }: Facts, { alarms }: Found): Attention[] {
  if (!alarms.known) return [];
  return alarms.value.flatMap(({ row, name, stage, title, state, since }): Attention[] => {
    const where = row === undefined ? name : `${stage} ${row}`;
    if (state === "alarm") {
      const runbook = row === undefined ? undefined : stageNamed(rollout, stage)?.abort[row]?.runbook;
      return [
        {
          where,
          what: `is in ALARM${since ? ` since ${showTime(since)}` : ""}: ${title}`,
          remedy: runbook ?? "Look at the alarm's description in CloudWatch",
        },
      ];
    }
    return state === "missing"
      ? [
          {
            where,
            what: "has no alarm, so nothing would abort by it",
            remedy: `Bring the stage up again, after a refresh that sees it is gone: ${ofStack(place, "refresh", stage)}, then ${ofStack(place, "up", stage)}`,
          },
        ]
      : [];
  });
}

/** Guards that could not act, each reason once. Where that is not known, a person has to look as well. */
function guardTrouble({ unarmed, place }: Facts, { alarms }: Found): Attention[] {
  if (!unarmed.ok)
    return [
      {
        where: "guards",
        what: `it is not known whether they are armed: ${unarmed.why}`,
        remedy: unarmed.remedy,
      },
    ];
  // That an alarm is missing is told of the alarm.
  const missing = (alarms.known ? alarms.value : []).filter(({ state }) => state === "missing");
  const others = unarmed.value.filter(
    ({ stage, rows }) =>
      !(rows.length === 1 && missing.some((one) => one.stage === stage && one.row === rows[0])),
  );
  return unarmedProblems(others).map(({ where, what, remedy }) => ({
    where,
    what: `${where.includes(",") ? "are" : "is"} ${what}`,
    remedy: addressed(remedy, place),
  }));
}

function lateMessages({ messages }: Found): Attention[] {
  if (!messages.known) return [];
  return messages.value.flatMap(({ row, stage, to, state, due }) =>
    state === "overdue"
      ? [
          {
            where: `${stage} ${row}`,
            what: `should have been sent to ${to.join(", ")}${due ? ` at ${showTime(due)}` : ""}, and was not`,
            remedy: "Tell people by hand, and look at the log of the stage's messages function",
          },
        ]
      : [],
  );
}
