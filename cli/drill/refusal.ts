import { type Problem, UserError } from "../../src/text/problem";

/** Why a stage is not drilled. */
export function refusal(stage: string, problem: Problem): UserError {
  return new UserError(`${stage} is not drilled:`, [problem]);
}
