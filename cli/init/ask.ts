import type { Ask } from "../askThere";
import { type Answers, parseFlag } from "./answers";

/** What was given on the command line. */
export interface Given {
  readonly name?: string | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly stages?: string | undefined;
}

/** The answers: what was given stands, and the rest is asked for. */
export async function answersFrom(given: Given, ask: Ask): Promise<Answers> {
  const name = given.name ?? (await ask("Name of the rollout, such as new-search: "));
  const flags =
    given.flags ??
    list(await ask("Its flags, such as SEARCH_READ, or SEARCH_PERCENT:percentage (with commas): "));
  const stages = given.stages ?? (await ask("Its stages in order, such as stageA, stageB (with commas): "));
  return { name, flags: flags.map(parseFlag), stages: list(stages) };
}

function list(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}
