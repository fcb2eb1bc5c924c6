import type { Ledger } from "../../../src/flags/ledger";
import type { Rollout, Stage } from "../../../src/rollout/rollout";
import { entry, ledger, note } from "../../support/build";
import { ago, HOUR } from "./clock";

/** The ledger once these stages have been promoted one after the other, the last of them so long ago. */
export function ledgerAfter(rollout: Rollout, stages: readonly Stage[], liveMs: number): Ledger {
  const last = stages.at(-1);
  if (!last) throw new Error("no stage was promoted");
  return ledger(
    last.flags,
    stages
      .map((stage, index) =>
        entry(index + 1, {
          completedAt: ago(liveMs + (stages.length - 1 - index) * 1_000 * HOUR),
          flags: stage.flags,
          note: note({ rollout: rollout.name, stage: stage.name, attempt: 1 }),
        }),
      )
      .reverse(),
  );
}
