import { resolve } from "node:path";
import { type ParseSql, queryProblems } from "../src/rollout/checks/queries";
import type { loadWritten } from "../src/rollout/load";
import { gatesByCode, missingChecks } from "../src/rollout/ownChecks";
import type { Problem } from "../src/text/problem";
import { missingProject } from "./project";

/** What is wrong with stack files that can be read, and whether their queries were read, too. */
export interface Soundness {
  readonly problems: readonly Problem[];
  /** False where the parser is not installed. */
  readonly parsed: boolean;
}

/**
 * Holds stack files that can be read against what lies beside them: a project for pulumi, the checks that gates name, and
 * a parser of SQL, which knows what the gates' session would refuse.
 */
export async function soundnessOf(
  folder: string,
  { rollout, stacks, locate }: ReturnType<typeof loadWritten>,
): Promise<Soundness> {
  const parse = await parserOf();
  return {
    parsed: parse !== undefined,
    problems: [
      ...missingProject(folder),
      ...(parse ? queryProblems(stacks, parse, locate) : []),
      ...(await missingChecks(gatesByCode(rollout), resolve(folder))),
    ],
  };
}

async function parserOf(): Promise<ParseSql | undefined> {
  try {
    return await (await import("./sqlParser")).openParser();
  } catch {
    return undefined;
  }
}
