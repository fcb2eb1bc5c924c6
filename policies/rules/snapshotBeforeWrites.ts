import { z } from "zod";
import { changes } from "../../src/flags/flags";
import { promotion } from "../../src/promotion/request";
import { stageInputs, stageRule } from "../stageRule";

/** A stage that lets data be written by a new path has a way back for the data, too. */
export const snapshotBeforeWrites = stageRule({
  name: "snapshot-before-writes",
  description:
    "A stage that raises a flag with writes: true takes a database snapshot before the flags change, or a gate asks for a backup.",
  inputs: {
    stage: stageInputs.stage,
    flags: stageInputs.flags,
    flagSpecs: stageInputs.flagSpecs,
    predecessor: stageInputs.predecessor,
    snapshot: z
      .object({ instance: z.string().min(1).optional(), cluster: z.string().min(1).optional() })
      .optional(),
    /** Gates without whose pass it is not promoted, and which show that the data can be had back. */
    dataKeptBy: z.array(z.string()).default([]),
    promotion: promotion.optional(),
  },
  check: (stage, report) => {
    // Lowering is never blocked; whatever this stage lets be written is being written already.
    const { plan } = stage.promotion ?? {};
    if (plan?.kind === "lower") return;
    // After the abort of a contract step the stage before it raises again what had come down.
    const lower = [stage.predecessor.flags, ...(plan?.kind === "raise" ? [plan.from] : [])];
    const raised = new Set(
      lower
        .flatMap((from) => changes(stage.flagSpecs, from, stage.flags))
        .filter((change) => change.direction === "raise" && stage.flagSpecs[change.flag]?.writes)
        .map((change) => change.flag),
    );
    const kept = stage.snapshot?.instance || stage.snapshot?.cluster || stage.dataKeptBy.length > 0;
    if (raised.size > 0 && !kept) {
      report(
        `${stage.stage} raises ${[...raised].join(", ")}, which lets data be written, without a snapshot. Add snapshot: { instance: … } or { cluster: … } to cutover:stage, or a gate on a backup to its entry.`,
      );
    }
  },
});
