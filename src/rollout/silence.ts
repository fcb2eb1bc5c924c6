import stringify from "safe-stable-stringify";
import type { Hearing } from "../aws/hearing";
import { metricKey } from "../aws/metricId";
import type { Expected } from "../aws/metrics";
import { showDuration } from "../text/duration";
import { nearest } from "../text/nearest";
import { type Fault, unknown } from "./guardFault";
import { redimensioned } from "./publishing";

/** What is said of a metric that is silent, by whoever needs it. */
interface Wording {
  /** What stands before the metric's name. */
  readonly called?: string | undefined;
  /** The stage in whose file it is named. */
  readonly stage: string;
  /** What follows from a metric that never had data. */
  readonly never: string;
  /** Who reads it, and how: `the row watches`. */
  readonly whose: string;
  /** What to do for a metric that is named rightly. */
  readonly publish: string;
}

/** Why a metric that must have had data lately says nothing: by its name, its dimensions, or nobody publishing it. */
export function silence(
  { metric, within }: Expected,
  { heard, listed, now }: Hearing & { readonly now: number },
  { called = "", stage, never, whose, publish }: Wording,
): Fault[] {
  const what = `${called}${metric.namespace} ${metric.name}`;
  if (!heard.ok) return [unknown(`whether ${what} has data`, heard)];
  const at = heard.value.get(metricKey(metric));
  if (at !== undefined && now - at <= within) return [];
  if (at !== undefined)
    return [
      {
        what: `${what} had its last data ${showDuration(now - at)} ago, and must have had some within ${showDuration(within)}`,
        remedy: publish,
      },
    ];
  const known = listed.get(metricKey(metric));
  const none = { what: `${what} has had no data for ${showDuration(within)}`, remedy: publish };
  if (!known) return [none];
  if (!known.ok) return [unknown(`whether ${what} ever had data`, known)];
  const { dimensions, others } = known.value;
  if (dimensions.length === 0) {
    const near = nearest(metric.name, others);
    return [
      {
        what: `${what} has never had data (or none for two weeks): ${never}`,
        remedy:
          near.length > 0
            ? `Did you mean ${near.join(" or ")}? Correct the name in Pulumi.${stage}.yaml, or have the app publish it`
            : `Correct namespace and name in Pulumi.${stage}.yaml. ${publish}`,
      },
    ];
  }
  const wanted = stringify(metric.dimensions ?? {});
  if (dimensions.some((one) => stringify(one) === wanted)) return [none];
  return [
    {
      what: `${what} has data only with other dimensions than ${wanted === "{}" ? "none" : wanted}: ${dimensions
        .slice(0, 3)
        .map((one) => stringify(one))
        .join(", ")}`,
      remedy: `Say in Pulumi.${stage}.yaml which of them ${whose}${redimensioned(metric)}`,
    },
  ];
}
