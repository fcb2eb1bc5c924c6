/** Something that a person has to mend, told so that they can. */
export interface Problem {
  /** Where: a YAML path with its file and line, a row id, or a resource. */
  readonly where: string;
  /** What is wrong and what was expected, one sentence without a full stop. */
  readonly what: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** What is told where something is wrong, as a part of a list; nothing where all is well. */
export const tellWhere = <T>(wrong: boolean, problem: T): T[] => (wrong ? [problem] : []);

/** What tells of one place what is wrong there, as a part of a list. */
export const tellAt =
  (where: string) =>
  (what: string, remedy: string): Problem[] => [{ where, what, remedy }];

/** One problem as one line of a report. */
export function showProblem(problem: Problem): string {
  return `${problem.where}: ${problem.what}. ${problem.remedy}`;
}

/**
 * An error that a person can act on. Its message is meant to be read as it stands; whoever prints it leaves the
 * stack trace out. It never carries a secret.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly problems: readonly Problem[];

  /**
   * @param wrong what is wrong: one problem, or all there are
   * @param options the error behind it, for callers that tell it in words of their own
   */
  constructor(headline: string, wrong: Problem | readonly Problem[] = [], options?: ErrorOptions) {
    const problems = [wrong].flat();
    super([headline, ...problems.map((problem) => `  - ${showProblem(problem)}`)].join("\n"), options);
    this.problems = problems;
  }
}

/** An error's own words, on one line. For errors of other people's code; never pass one that may hold a secret. */
export function reasonOf(error: unknown): string {
  const message =
    error instanceof AggregateError && error.errors.length > 0
      ? reasonOf(error.errors[0])
      : error instanceof Error
        ? error.message || error.name
        : String(error);
  return message.replace(/\s+/g, " ").trim();
}

/** Where something is written: turned into file, line and YAML path by whoever knows the files. */
export type Locate = (stack: string, path: readonly (string | number)[]) => string;
