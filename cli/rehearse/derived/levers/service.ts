import type { StandIn } from "../../../../sandbox/standin/service/fleet";
import { alsoTurned, canTurn, type Script } from "../../../../sandbox/standin/service/script";
import { kindOf } from "../../../../src/gates/gate";
import type { Rollout } from "../../../../src/rollout/rollout";
import { gateOf, type Row, waitsForServers } from "../rehearsedRows";
import type { Lever } from "./lever";

/** The last of the servers: see `fleet.ts`. */
const LAST = "app-2";

/** What the made-up app answers a row's requests, or tells of its flags. */
export function service(
  script: Script,
  rollout: Pick<Rollout, "stages">,
  fleet: Pick<StandIn, "faults">,
): Lever {
  const turned = canTurn(script, "wrong");
  const slowed = canTurn(script, "slow");
  // What is wrong may fail another row before this one is looked at; what is late fails this one alone.
  const isLate = ({ key }: Row) =>
    slowed.includes(key) && alsoTurned(script, key, "slow").length < alsoTurned(script, key).length;
  const isConvergence = (row: Row) => waitsForServers(rollout, row);
  return {
    moves: "what the app answers",
    can: (row) => isConvergence(row) || turned.includes(row.key),
    also: (row) => (isConvergence(row) ? [] : alsoTurned(script, row.key, isLate(row) ? "slow" : "wrong")),
    pull(row) {
      if (isConvergence(row)) return fleet.faults({ flags: "stale" });
      const gate = gateOf(rollout, row);
      const set = isLate(row) ? { slow: [row.key] } : { wrong: [row.key] };
      // Of servers that are asked one by one, one is enough: the others answer as they should.
      return gate && kindOf(gate).asksEach ? fleet.faults(set, LAST) : fleet.faults(set);
    },
    release: () => fleet.faults({}),
  };
}
