import { UserError } from "../src/text/problem";

/** What the exit code of every command says. Scripts and workflows tell "blocked" from "broken" by it. */
export const EXIT = {
  /** As wished. */
  ok: 0,
  /** It did not work, or did not come out as asked. */
  failed: 1,
  /** Wrong usage: nothing was tried. */
  usage: 2,
  /** It works, and a gate, the plan or a policy says no: mend what the report names, then run it again. */
  blocked: 3,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** The same in words, as help and docs tell them. */
export const EXIT_CODES: readonly (readonly [code: Exit, words: string])[] = [
  [EXIT.ok, "as wished"],
  [EXIT.failed, "it did not work, or did not come out as asked, or is not known"],
  [EXIT.usage, "wrong usage: nothing was tried"],
  [
    EXIT.blocked,
    "blocked: it works, and a gate, the plan, a policy or an alarm says no; the report says what to do",
  ],
];

/**
 * What was typed cannot be meant, whatever the files and AWS hold: options that ask for different things, or a value that
 * is none, or a folder that is not there. Ends a command with `EXIT.usage`. A stage or a rollout of a name that nobody bears is
 * no such error: it may be there tomorrow.
 */
export class UsageError extends UserError {}
