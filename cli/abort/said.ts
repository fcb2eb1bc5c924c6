import type { AbortOutcome } from "../../src/abort/request";
import { endingOf, type Known } from "../../src/aws/known";
import { type Flags, showFlags } from "../../src/flags/flags";
import { ALL_STAGES } from "../../src/flags/ledger";
import { abort, ofStack, type Place } from "../../src/text/command";

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

/**
 * What a person reads where it is not known whether the flags are down.
 *
 * @param noLower what no version that is deployed by hand may be below; empty where nothing forbids one
 */
export function showFailed(rollout: string, error: unknown, noLower: string): string[] {
  return [
    `THE FLAGS OF ${rollout} MAY STILL BE UP: ${endingOf(error)}`,
    `Run the same command again; if that fails too, deploy an earlier version in the AppConfig console${noLower}.`,
  ];
}

/**
 * What a reopened rollout lacks: the finish took alarms away, and nothing rolls back by itself before they are there.
 *
 * @param stages every stage that declares rows; none where the stack files are not at hand
 */
export function showUnwatched(
  place: Place,
  missing: Known<readonly string[]>,
  stages: readonly string[],
): string[] {
  const ups = (of: readonly string[]) => of.map((stage) => `    ${ofStack(place, "up", stage)}`);
  if (!missing.ok)
    return [
      `  WARNING: whether alarms watch its stages is not known (${missing.why}). What the finish took away is there again after`,
      ...ups(stages),
    ];
  if (stages.length === 0)
    return [
      "  WARNING: a stage that was brought up since the finish has no alarms before its next pulumi up",
    ];
  if (missing.value.length === 0) return [];
  return [
    `  WARNING: NO ALARM WATCHES ${missing.value.join(", ")}, or not each that should: what was finished has none before its next`,
    ...ups(missing.value),
  ];
}

/**
 * What is refused from now on, and how to go on.
 *
 * @param only the only flags that were to go down
 */
export function showStopped(
  place: Place,
  stage: string,
  outcome: AbortOutcome,
  only?: readonly string[],
): string[] {
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
          // Stages go up in their order, and from a stage's flags.
          ...(only ? [`  before that, what stays up goes down, too: ${abort(place, stage)}`] : []),
          `  ${mended}: set attempt: ${attempt + 1} in Pulumi.${stage}.yaml, with new sign-offs, then ${ofStack(place, "up", stage)}`,
        ]),
  ];
}
