import { type ReportData, reportData } from "../report/data";
import { runCutover } from "./command";
import { checkStep, type Stage } from "./steps";

/** Looks whether `cutover report` still shows what each of these attempts of a stage was promoted on. */
export function attemptsStep(stage: Stage, stack: string, attempts: readonly number[]): Promise<void> {
  const name = `the report shows what attempts ${attempts.join(" and ")} of ${stack} were promoted on`;
  return checkStep(stage, name, async () => {
    const { code, stdout, stderr } = await runCutover(stage.world, ["report", "--json"]);
    if (code !== 0) return `it ended with ${code}: ${stderr.trim() || stdout.trim()}`;
    return missingAttempts(reportData.parse(JSON.parse(stdout)), stack, attempts);
  });
}

/** What a report does not show of these attempts; undefined where it shows a gate of each. */
export function missingAttempts(
  { evidence }: Pick<ReportData, "evidence">,
  stack: string,
  attempts: readonly number[],
): string | undefined {
  const records = evidence.find(({ stage }) => stage === stack)?.records;
  if (!records?.known) return records?.why ?? `it knows no record of ${stack}`;
  const shown = records.value.filter(({ gates }) => gates.length > 0).map(({ attempt }) => attempt);
  const missing = attempts.filter((one) => !shown.includes(one));
  return missing.length === 0 ? undefined : `it shows no gate of attempt ${missing.join(" and ")}`;
}
