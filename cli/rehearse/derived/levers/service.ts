import type { StandIn } from "../../../../sandbox/standin/service/fleet";
import { alsoTurned, canTurn, type Script } from "../../../../sandbox/standin/service/script";
import { kindOf } from "../../../../src/gates/gate";
import type { Rollout } from "../../../../src/rollout/rollout";
import type { Row } from "../rows";
import type { Lever } from "./lever";

/** What the made-up app answers a row's requests, or tells of its flags. */
export function service(
  script: Script,
  rollout: Pick<Rollout, "stages">,
  fleet: Pick<StandIn, "faults">,
): Lever {
  const turned = canTurn(script, "wrong");
  // What takes a while to hold after a flip is that every server has the flags.
  const isConvergence = ({ stage, section, id }: Row) => {
    const gate =
      section === "smoke" ? rollout.stages.find(({ name }) => name === stage)?.smoke[id] : undefined;
    return gate !== undefined && kindOf(gate).settlesWithin !== undefined;
  };
  return {
    moves: "what the app answers",
    can: (row) => isConvergence(row) || turned.includes(row.key),
    also: (row) => (isConvergence(row) ? [] : alsoTurned(script, row.key)),
    pull: (row) => fleet.faults(isConvergence(row) ? { flags: "stale" } : { wrong: [row.key] }),
    release: () => fleet.faults({}),
  };
}
