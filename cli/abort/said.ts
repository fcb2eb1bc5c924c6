import type { AbortOutcome } from "../../src/abort/request";
import { type Flags, showFlags } from "../../src/flags/flags";
import { ALL_STAGES } from "../../src/flags/ledger";
import { ofStack, type Place } from "../../src/text/command";

/**
 * What became of the flags, a line each. Behind a door it is plain what stays up, and why.
 *
 * @param total how long the command took, in ms
 */
export function showOutcome(rollout: string, outcome: AbortOutcome, total: number): string[] {
  const { before, after, deployment, stopped, ms, why, kept } = outcome;
  const shown = (flags: Flags | undefined) => (flags ? showFlags(flags) : "unknown");
  return [
    `${rollout}: ${why}`,
    ...(after !== undefined || deployment !== undefined
      ? [`  before  ${shown(before)}`, `  after   ${shown(after)}`]
      : []),
    ...(kept === undefined ? [] : [`  KEPT    ${kept}`]),
    ...stopped.map((number) => `  stopped deployment ${number}`),
    ...(deployment === undefined ? [] : [`  deployed ${deployment} in ${ms} ms`]),
    `  ${Math.round(total)} ms in all`,
  ];
}

/** What is refused from now on, and how to go on. */
export function showStopped(place: Place, stage: string, outcome: AbortOutcome): string[] {
  const { attempt, recorded, unrecorded, kept, deployment, stopped } = outcome;
  const every = stage === ALL_STAGES;
  // Nobody is told of an abort that changed nothing.
  const untold = deployment === undefined && stopped.length === 0 ? ", and tell people: nobody was told" : "";
  const stays =
    kept === undefined
      ? []
      : [
          `  ${deployment === undefined ? "NO FLAG WENT DOWN" : "NOT EVERY FLAG WENT DOWN"}: what is kept stays up, whoever asks. Mend it, now${untold}`,
        ];
  if (recorded === undefined)
    return [
      ...stays,
      `  WARNING: the stop is NOT in the ledger (${unrecorded ?? "it was not asked"}): a promotion may still go through`,
      "  Run the same command again",
    ];
  const mended = kept === undefined ? "to go on" : "once it is mended";
  return [
    ...stays,
    ...(every
      ? [
          `  stopped in deployment ${recorded}: no stage of ${place.rollout} is promoted any more in its present attempt`,
          `  ${mended}: raise the attempt of each stage in its stack file, with new sign-offs, then pulumi up`,
        ]
      : [
          `  stopped in deployment ${recorded}: attempt ${attempt} of ${stage} is not promoted any more`,
          `  ${mended}: set attempt: ${attempt + 1} in Pulumi.${stage}.yaml, with new sign-offs, then ${ofStack(place, "up", stage)}`,
        ]),
  ];
}
