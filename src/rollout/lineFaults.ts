import type { LineFilter } from "../aws/metricFilters";
import { tellWhere } from "../text/problem";
import { changedIn } from "./changed";
import type { LineFacts } from "./guardFacts";
import { type Fault, restore, unknown } from "./guardFault";
import type { LineCount } from "./lineCount";

/** What keeps the lines of a log from being counted: its group, and the metric filter on it. */
export function lineFaults(
  name: string,
  stage: string,
  { group, pattern, to }: LineCount,
  seen: LineFacts,
): Fault[] {
  const called = `its metric filter ${name} on ${group}`;
  const remedy = restore(stage);
  if (!seen.ok) return [unknown(`how ${called} is set up`, seen)];
  if (seen.value === "no-group")
    return [
      {
        what: `the log group ${group} is not there: no line of it is counted`,
        remedy: `Correct its name in Pulumi.${stage}.yaml, or have the group made again. ${remedy}`,
      },
    ];
  if (seen.value === "no-filter")
    return [{ what: `${called} is not there: no line of it is counted`, remedy }];
  const changed = changedIn({ pattern, ...to }, { settings: telling(seen.value) });
  return tellWhere(changed.length > 0, {
    what: `${called} is not as declared: ${changed.join("; ")}`,
    remedy,
  });
}

/** What CloudWatch does where nothing is said: the same, whether it is said or not. */
const DEFAULTS: Readonly<Record<string, unknown>> = { unit: "None", applyOnTransformedLogs: false };

function telling({ pattern, settings }: LineFilter): object {
  return {
    pattern,
    ...Object.fromEntries(Object.entries(settings).filter(([key, value]) => value !== DEFAULTS[key])),
  };
}
