import type { Known } from "../../src/aws/known";
import { keptWords } from "../../src/flags/doors";
import { type Ledger, newestFirst, originOf, showEntry } from "../../src/flags/ledger";
import { showRelease } from "../../src/rollout/config/release";
import { boundNow } from "../../src/rollout/doors";
import { finishIn, finishOf } from "../../src/rollout/finished";
import type { Rollout } from "../../src/rollout/rollout";
import { alarmViews } from "./alarms";
import { attentionOf } from "./attention";
import { deliveryViews } from "./deliveries";
import type { Facts } from "./facts";
import { gatesView } from "./gates";
import { messageViews } from "./messages";
import { pageViews } from "./pages";
import type { StatusView } from "./schema";
import { stageViews } from "./stages";

/** The rollout at a glance. Pure: the same facts make the same view. What is not known is told as unknown. */
export function statusView(facts: Facts): StatusView {
  const { rollout, region, now, ledger, alarms, unarmed, told, paged } = facts;
  const gates = gatesView(facts);
  const stages = stageViews(facts, gates);
  const parts = {
    flags: partOf(ledger, (found) => flagsOf(rollout, found)),
    ...deliveriesOf(facts),
    ...(gates
      ? { gates: { known: true as const, value: gates } }
      : facts.measured && !facts.measured.ok
        ? { gates: unknown(facts.measured) }
        : {}),
    alarms: partOf(alarms, (found) => alarmViews(rollout, found, stages, unarmed)),
    drill: partOf(ledger, (found) => drillOf(found, rollout.name)),
    pages: ledger.ok ? partOf(paged, (kept) => pageViews(ledger.value, rollout.name, kept)) : unknown(ledger),
    messages: ledger.ok
      ? partOf(told, () => (ledger.value ? messageViews(facts, ledger.value) : []))
      : unknown(ledger),
  };
  const view = {
    rollout: rollout.name,
    ...(rollout.title === undefined ? {} : { title: rollout.title }),
    ...(rollout.release === undefined ? {} : { release: showRelease(rollout.release) }),
    region,
    at: new Date(now).toISOString(),
    ...finishedOf(rollout, ledger),
    stages,
    ...parts,
  };
  const complete = Object.values(parts).every(({ known }) => known) && unarmed.ok;
  return { ...view, complete, attention: attentionOf(facts, view) };
}

/** A view of one stage alone, with what concerns all of them. */
export function focusOn(view: StatusView, stage: string): StatusView {
  const { gates, ...rest } = view;
  const own = <T extends { stage: string }>(list: readonly T[]) => list.filter((one) => one.stage === stage);
  return {
    ...rest,
    stages: view.stages.filter(({ name }) => name === stage),
    ...(gates && (!gates.known || gates.value.stage === stage) ? { gates } : {}),
    alarms: view.alarms.known ? { known: true, value: own(view.alarms.value) } : view.alarms,
    pages: view.pages.known ? { known: true, value: own(view.pages.value) } : view.pages,
    messages: view.messages.known ? { known: true, value: own(view.messages.value) } : view.messages,
  };
}

type Part<T> = { known: true; value: T } | { known: false; why: string; remedy: string };

function partOf<T, U>(known: Known<T>, tell: (value: T) => U): Part<U> {
  return known.ok ? { known: true, value: tell(known.value) } : unknown(known);
}

function deliveriesOf(facts: Facts) {
  const { carried, ledger } = facts;
  if (!carried) return {};
  return {
    deliveries: ledger.ok
      ? partOf(carried, (found) => deliveryViews(facts, ledger.value, found))
      : unknown(ledger),
  };
}

function finishedOf(rollout: Rollout, ledger: Facts["ledger"]): Pick<StatusView, "finished"> {
  const entry = ledger.ok && ledger.value ? finishOf(rollout, ledger.value) : undefined;
  return entry ? { finished: finishIn(entry) } : {};
}

function unknown({ why, remedy }: { readonly why: string; readonly remedy: string }) {
  return { known: false as const, why, remedy };
}

function flagsOf(rollout: Rollout, ledger: Ledger | undefined) {
  const { live } = ledger ?? {};
  if (!ledger || !live) return null;
  const { flags, undeclared, deployment, completedAt } = live;
  const by = showEntry(originOf(ledger) ?? live);
  const kept = keptWords(rollout.flags, boundNow(rollout, ledger));
  return {
    ...{ values: { ...flags }, undeclared: [...undeclared], deployment, since: completedAt, by },
    ...(kept === undefined ? {} : { kept }),
  };
}

function drillOf(ledger: Ledger | undefined, rollout: string) {
  const found = newestFirst(ledger?.history ?? []).find(
    ({ state, note }) => state === "complete" && note?.kind === "drill" && note.rollout === rollout,
  );
  if (!found?.note) return null;
  const { deployment, completedAt, note } = found;
  const took = Date.parse(completedAt ?? "") - Date.parse(note.breachAt ?? "");
  return {
    stage: note.stage,
    deployment,
    ...(completedAt === undefined ? {} : { at: completedAt }),
    // The clocks of AppConfig and of whoever drilled may differ.
    ...(Number.isFinite(took) ? { tookMs: Math.max(0, took) } : {}),
  };
}
