import { failed } from "../../aws/failure";
import { newestFirst } from "../../flags/ledger";
import { ofStage } from "../../text/command";
import type { Gate } from "../gate";
import type { Sources } from "../look";
import type { Seen } from "../observation";

/** The newest drill of the live stage that reached its end, as the ledger has it. */
export function look({ drill }: Pick<Gate, "drill">, { ledger }: Pick<Sources, "ledger">): Seen {
  const found =
    drill &&
    newestFirst(ledger.history).find(
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
