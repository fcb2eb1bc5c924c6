import type { Ledger } from "../../src/flags/ledger";
import { standing } from "../../src/messages/standing";
import { dueAt } from "../../src/messages/timing";
import { askedOf } from "../../src/rollout/cause";
import {
  announcementsOf,
  finishingOf,
  type MessageRow,
  recurringOf,
  timedOf,
} from "../../src/rollout/config/messages";
import { finishOf } from "../../src/rollout/finished";
import { nextStage } from "../../src/rollout/position";
import type { Stage } from "../../src/rollout/rollout";
import { flipOf } from "../../src/rollout/stops";
import { milliseconds } from "../../src/text/duration";
import type { Facts } from "./facts";
import type { MessageView } from "./schema";

/** What is sent by itself has this long before it counts as overdue: its sender is tried again in between. */
const GRACE_MS = 10 * 60_000;

/** What people were told, and will be told: timed messages of what was promoted, then what precedes the next flip. */
export function messageViews(facts: Facts, ledger: Ledger): MessageView[] {
  const timed = facts.rollout.stages.flatMap((stage) => timedMessages(stage, facts, ledger));
  const next = nextStage(facts.rollout, ledger);
  const announced = next
    ? announcementsOf(next.messages).map((one) => ({ ...wordsOf(next, one), state: "at the flip" as const }))
    : [];
  return [
    ...timed,
    ...announced,
    ...facts.rollout.stages.flatMap((stage) => finishing(stage, facts, ledger)),
  ];
}

function timedMessages(stage: Stage, facts: Facts, ledger: Ledger): MessageView[] {
  const { rollout, now, timeScale } = facts;
  const promoted = flipOf(rollout, stage, stage.attempt, ledger);
  if (promoted?.completedAt === undefined) return [];
  const { completedAt, deployment } = promoted;
  const once = timedOf(stage.messages).map((one): MessageView => {
    const due = dueAt(completedAt, one.after, timeScale);
    const words = { ...wordsOf(stage, one), due: new Date(due).toISOString() };
    const sent = wasSent(stage, one, facts);
    if (sent === true) return { ...words, state: "sent" };
    const flip = { of: askedOf(rollout, stage), attempt: stage.attempt, deployment };
    const { kind } = standing(ledger, flip, milliseconds(one.after) / timeScale);
    if (kind !== "live" && kind !== "followed") return { ...words, state: "cancelled" };
    if (due + GRACE_MS > now) return { ...words, state: "due" };
    return { ...words, state: sent === undefined ? "unknown" : "overdue" };
  });
  return [...once, ...recurring(stage, facts, ledger, { completedAt, deployment })];
}

/** What goes out with the finish: overdue where that was written down, and it was not sent. */
function finishing(stage: Stage, facts: Facts, ledger: Ledger): MessageView[] {
  const finished = finishOf(facts.rollout, ledger) !== undefined;
  return finishingOf(stage.messages).map((one): MessageView => {
    const sent = wasSent(stage, one, facts);
    if (sent === true) return { ...wordsOf(stage, one), state: "sent" };
    if (!finished) return { ...wordsOf(stage, one), state: "at the finish" };
    return { ...wordsOf(stage, one), state: sent === undefined ? "unknown" : "overdue" };
  });
}

/** What is sent again and again: when it is due next. */
function recurring(
  stage: Stage,
  { rollout, now, timeScale }: Facts,
  ledger: Ledger,
  { completedAt, deployment }: { readonly completedAt: string; readonly deployment: number },
): MessageView[] {
  const flip = { of: askedOf(rollout, stage), attempt: stage.attempt, deployment };
  return recurringOf(stage.messages).map((one): MessageView => {
    if (standing(ledger, flip, 0).kind !== "live") return { ...wordsOf(stage, one), state: "cancelled" };
    const every = milliseconds(one.every) / timeScale;
    const first = dueAt(completedAt, one.every, timeScale);
    const due = first + Math.max(0, Math.ceil((now - first) / every)) * every;
    return { ...wordsOf(stage, one), state: "due", due: new Date(Math.ceil(due)).toISOString() };
  });
}

function wordsOf(stage: Stage, { row, message }: MessageRow): Omit<MessageView, "state"> {
  return { row, stage: stage.name, title: message.title, to: [...message.to] };
}

/** Whether everyone was told; undefined where that is not known. */
function wasSent(stage: Stage, { row, message }: MessageRow, { told }: Facts): boolean | undefined {
  if (!told.ok) return undefined;
  const keys = told.value[stage.name] ?? [];
  return message.to.every((to) => keys.includes(`attempt-${stage.attempt}/${row}/${to}`));
}
