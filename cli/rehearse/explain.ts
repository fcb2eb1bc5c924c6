import { showTime, type Verdict } from "../../src/gates/judge";
import { showAborted } from "../../src/promotion/settlement";
import { showDuration } from "../../src/text/duration";
import { plainLine } from "../../src/text/text";
import type { Run } from "./up";

/** How much is shown of what the engine calls errors: some come with a whole stack. */
const MOST_LINES = 20;

/** Why a run came out as it did, where that was expected: a line for each gate that speaks against it. */
export function explain(run: Run): string[] {
  if (run.outcome === "blocked") return blockedBy(run);
  if (run.outcome === "promoted" && run.verdicts.length > 0)
    return [`${run.verdicts.map((verdict) => `${verdict.gate} ${verdict.outcome}`).join(", ")}`];
  if (run.report?.plan.kind === "none") return [run.report.plan.sentence];
  return [];
}

/** Why a run came out otherwise than expected, the cause first. */
export function causesOf(run: Run, stack: string): string[] {
  const { outcome, account, report } = run;
  if (outcome === "blocked") return blockedBy(run);
  const settlement = report?.settlement;
  if (outcome === "aborted" && settlement?.outcome === "aborted")
    return [showAborted(stack, settlement), ...openOf(settlement.verdicts).map(wordsFor)];
  if (outcome === "failed")
    return account.errors.length > 0 ? errorLines(account.errors) : ["pulumi failed, and named no error"];
  return explain(run);
}

function blockedBy({ verdicts, account, earliest }: Run): string[] {
  const open = openOf(verdicts);
  // Where gates failed, the rule only repeats them.
  const rules = account.violations.map(
    ({ rule, message }) => `stopped by the policy ${rule}${open.length > 0 ? "" : `: ${plainLine(message)}`}`,
  );
  return [
    ...open.map(wordsFor),
    ...new Set(rules),
    ...(account.violations.length === 0 ? errorLines(account.errors) : []),
    ...(earliest
      ? [`earliest promotion ${showTime(earliest)}, in ${showDuration(Date.parse(earliest) - Date.now())}`]
      : []),
  ];
}

const openOf = (verdicts: readonly Verdict[]) => verdicts.filter(({ outcome }) => outcome !== "pass");

const wordsFor = ({ gate, outcome, title, observed, required }: Verdict) =>
  `${gate} ${outcome}: ${title}; observed ${observed}, required ${required}`;

/** Each error once, as lines. */
function errorLines(errors: readonly string[]): string[] {
  const lines = [...new Set(errors)]
    .flatMap((error) => error.split("\n"))
    .filter((line) => line.trim() !== "");
  return lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES), "…"];
}
