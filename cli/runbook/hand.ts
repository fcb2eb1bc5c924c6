import type { Gate } from "../../src/gates/gate";
import type { Hand } from "../../src/gates/hand";
import { predecessorOf, type Rollout, type Stage } from "../../src/rollout/rollout";
import { ofStack, type Place } from "../../src/text/command";

/** What there is around a gate of a stage's runbook for a person who looks for themselves. */
export function handOf(rollout: Rollout, stage: Stage, place: Place): (gate: Pick<Gate, "phase">) => Hand {
  const { service, sources, servers, database, stages } = rollout;
  const next = stages.filter(({ predecessor }) => predecessor === stage.name);
  const hand = {
    place,
    service,
    sources,
    servers,
    schema: database?.schema,
    before: predecessorOf(rollout, stage)?.name,
  };
  // The function that sends a stage's messages knows the statements that it was last brought up with.
  const judged = Object.values(stage.messages).some((one) => one.soakSummary && one.when !== "finish");
  return ({ phase }) => ({
    ...hand,
    // Who states that a stage may be left, states it for the one that follows; of the last one it stays with it.
    told: phase === "exit" && judged ? ofStack(place, "up", stage.name) : undefined,
    promotes: phase === "exit" && next.length > 0 ? next : [stage],
  });
}
