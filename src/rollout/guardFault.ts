import type { Known } from "../aws/known";
import { short } from "../text/command";

/** What is wrong with one part of a guard. */
export interface Fault {
  /** One sentence without a full stop. */
  readonly what: string;
  readonly remedy: string;
  /** True where it may come right by itself within moments. */
  readonly passing?: boolean | undefined;
}

/** What was changed past Pulumi is seen by a refresh alone: without it, `up` takes the state's word. */
export const restore = (stage: string) =>
  `Run ${short.ofStack("refresh", stage)}, then ${short.ofStack("up", stage)}: without the refresh, up takes it for unchanged`;

export function unknown(what: string, { why, remedy }: Extract<Known<never>, { ok: false }>): Fault {
  return { what: `it is not known ${what}: ${why}`, remedy, passing: true };
}
