import { saidUntilFlip } from "../../src/gates/acts";
import { earliestOf } from "../../src/gates/earliest";
import { type Gate, kindOf } from "../../src/gates/gate";
import type { Verdict } from "../../src/gates/judge";
import { admit, isMeasured } from "../../src/promotion/admit";
import { gatesFor } from "../../src/promotion/resolve";
import { nextStage } from "../../src/rollout/position";
import type { Facts } from "./facts";
import type { GatesView } from "./schema";

/** What is known of a gate without a database, a service or a metric: it stands in the ledger, in config or in an alarm. */
export function isFree({ definition }: Pick<Gate, "definition">): boolean {
  return kindOf(definition).free === true;
}

/** The gates of the next stage, judged from what was measured. Absent where no stage comes next, or nothing is known. */
export function gatesView({ rollout, ledger, measured, now, timeScale }: Facts): GatesView | undefined {
  const next = ledger.ok && ledger.value ? nextStage(rollout, ledger.value) : undefined;
  if (!next || !measured?.ok) return undefined;
  const { subject, evidence } = measured.value;
  const gates = gatesFor(rollout, next);
  const judgement = admit({ subject, gates, evidence }, { now, timeScale, moment: "admission" });
  const byId = new Map(judgement.verdicts.map((verdict) => [verdict.gate, verdict]));
  const verdicts = gates.map((gate) => toldOf(gate, gates, byId));
  const waits = verdicts.flatMap(({ earliest }) => earliest ?? []);
  const earliest = earliestOf(gates, waits);
  return {
    stage: next.name,
    measured: gates.every(
      (gate) => !isMeasured(gate, "admission") || evidence.observations.some((one) => one.gate === gate.id),
    ),
    verdicts,
    ...(earliest === undefined ? {} : { earliest }),
  };
}

function toldOf(
  gate: Gate,
  gates: readonly Gate[],
  byId: ReadonlyMap<string, Verdict>,
): GatesView["verdicts"][number] {
  const { id } = gate;
  const verdict = byId.get(id);
  // Only the promotion itself makes it hold, or may run it, so it is no fault that it does not yet.
  if (!verdict)
    return {
      id,
      title: gate.definition.title,
      outcome: "not-run",
      ...(saidUntilFlip(gate) ?? { observed: "", required: "" }),
      remedy: "",
    };
  const { gate: _, ...rest } = verdict;
  return standsForUnmeasured(gate, gates, byId)
    ? { ...rest, id, outcome: "not-run", observed: "not measured", remedy: "" }
    : { ...rest, id };
}

/** True for a gate that stands for others, where nothing is open but what was not measured. */
function standsForUnmeasured(
  { definition }: Gate,
  gates: readonly Gate[],
  byId: ReadonlyMap<string, Verdict>,
): boolean {
  const { rollUp } = kindOf(definition);
  if (!rollUp) return false;
  const others = gates.filter(({ phase }) => phase === rollUp.phase).map(({ id }) => byId.get(id)?.outcome);
  const open = others.filter((outcome) => outcome !== "pass");
  return open.length > 0 && open.every((outcome) => outcome === "not-run");
}
