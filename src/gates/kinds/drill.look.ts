import { failed } from "../../aws/failure";
import { type Ledger, newestFirst } from "../../flags/ledger";
import { ofStage } from "../../text/command";
import type { Gate } from "../gate";
import type { Sources } from "../look";
import type { Seen } from "../observation";

/** The newest drill of the live stage that reached its end, as the ledger has it. */
export function observeDrill({ drill }: Pick<Gate, "drill">, { history }: Ledger): Seen {
  const found =
    drill &&
    newestFirst(history).find(
      ({ state, note }) =>
        state === "complete" &&
        note?.kind === "drill" &&
        note.rollout === drill.rollout &&
        note.stage === drill.stage,
    );
  if (!found?.note)
    return failed(
      "no-data",
      `the abort path of ${drill?.stage ?? "the live stage"} was never drilled${drill ? `: ${ofStage(drill, "drill", drill.stage)}` : ""}`,
    );
  const { deployment, completedAt } = found;
  const { rollout, stage, breachAt } = found.note;
  return {
    kind: "drill",
    rollout,
    stage,
    deployment,
    ...(breachAt === undefined ? {} : { breachAt }),
    ...(completedAt === undefined ? {} : { completedAt }),
  };
}

export const look = (gate: Pick<Gate, "drill">, { ledger }: Sources): Seen => observeDrill(gate, ledger);
