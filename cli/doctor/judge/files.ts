import type { Problem } from "../../../src/text/problem";
import { type Finding, finder } from "../finding";

const { ok, fault } = finder("Stack files");

/** What is wrong with the stack files, by themselves and with each other. */
export function judgeFiles(name: string | undefined, problems: readonly Problem[]): Finding[] {
  if (problems.length === 0) return [ok("config", `${name} is sound`)];
  return problems.map(({ where, what, remedy }) => fault("config", what, remedy, { where }));
}
