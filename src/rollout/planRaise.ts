import { type FlagChange, sameFlags, showFlags } from "../flags/flags";
import { type Ledger, type LedgerEntry, type LiveFlags, showEntry } from "../flags/ledger";
import { short } from "../text/command";
import type { Problem } from "../text/problem";
import { predecessorOf, type Rollout, type Stage } from "./rollout";
import { attemptsOf, flipsOf, showStop } from "./stops";

/** What the record of the predecessor's stack says: the ledger tells what was deployed, not what came of it. */
export type Predecessor =
  /** Whoever only looks reads no stack. */
  | { readonly kind: "unasked" }
  /** Its newest finished `up`: the attempt, and what became of it. */
  | { readonly kind: "recorded"; readonly attempt: number; readonly outcome: "settled" | "aborted" }
  | { readonly kind: "unreadable"; readonly why: string };

/** All that a raise is held against. */
export interface Raising {
  readonly rollout: Rollout;
  readonly stage: Stage;
  readonly ledger: Ledger;
  readonly live: LiveFlags;
  /** The deployment that put the live flags there. */
  readonly origin: LedgerEntry;
  readonly list: readonly FlagChange[];
  readonly before: Predecessor;
}

/** What speaks against raising a stage's flags now. Empty where nothing does. */
export function problemsOfRaise(raising: Raising): Problem[] {
  const { rollout, stage, live, origin } = raising;
  const where = `stage ${stage.name}`;
  const disorder = orderProblems(raising);
  // Where another stage is live, what is wrong with the predecessor shows once it is.
  const problems = disorder.length > 0 ? disorder : predecessorProblems(raising);
  if (origin.note?.rollout !== rollout.name) {
    const by = origin.note
      ? `for the rollout ${origin.note.rollout}`
      : `which cutover did not make${origin.foreign ? `: its note is not true, ${origin.foreign}` : ""}`;
    problems.push({
      where,
      what: `the live flags were put there by deployment ${origin.deployment}, ${by}`,
      remedy: "Find out who made it. `cutover abort` puts the ledger right without raising anything",
    });
  }
  if (live.undeclared.length > 0)
    problems.push({
      where,
      what: `the live document holds what the rollout does not declare: ${live.undeclared.join(", ")}`,
      remedy: "Declare it under flags: in cutover:rollout, or remove it from the document",
    });
  return problems;
}

/** Flags go up from the predecessor's; or they are this stage's already, since an abort came down to them. */
function orderProblems({ rollout, stage, live, origin, list }: Raising): Problem[] {
  const where = `stage ${stage.name}`;
  const before = predecessorOf(rollout, stage);
  if (list.length === 0) {
    const { kind } = origin.note ?? {};
    if (before && (kind === "abort" || kind === "lower")) return [];
    return [
      {
        where,
        what: `attempt ${stage.attempt} asks for the flags that are live already, by ${showEntry(origin)}`,
        remedy: "There is nothing to promote: set attempt back to what it was",
      },
    ];
  }
  if (before && sameFlags(rollout.flags, before.flags, live.flags)) return [];
  const stages = rollout.stages
    .filter((other) => sameFlags(rollout.flags, other.flags, live.flags))
    .map((other) => other.name);
  const now = stages.length > 0 ? stages.join(" or ") : "no stage's flags";
  return [
    {
      where,
      what: `follows ${before?.name ?? "nothing"}, but live is ${now} (${showFlags(live.flags)})`,
      remedy: before
        ? `Promote ${before.name} first: ${short.ofStack("up", before.name)}`
        : "The first stage is not promoted",
    },
  ];
}

/** The predecessor was promoted, is not stopped, and its record says that it settled: to look equal is not enough. */
function predecessorProblems({ rollout, stage, ledger, before }: Raising): Problem[] {
  const predecessor = predecessorOf(rollout, stage);
  // The first stage raises nothing: its stack is the foundation, which this one could not be read without.
  if (!predecessor || predecessor === rollout.stages[0]) return [];
  const where = `stage ${predecessor.name}`;
  const newest = flipsOf(rollout, predecessor, ledger).find(({ state }) => state === "complete")?.note;
  if (!newest)
    return [
      {
        where,
        what: "was never promoted, whatever the live flags look like",
        remedy: `Promote it first: ${short.ofStack("up", predecessor.name)}`,
      },
    ];
  const { attempt } = newest;
  const stop = attemptsOf(rollout, predecessor, ledger).stops.get(attempt);
  if (stop)
    return [
      {
        where,
        what: `attempt ${attempt} was stopped ${showStop(stop)}`,
        remedy: `Promote it anew, with the next attempt, before ${stage.name}`,
      },
    ];
  const settle = `Run ${short.ofStack("up", predecessor.name)}: it settles what is open and changes no flag`;
  switch (before.kind) {
    case "unasked":
      return [];
    case "unreadable":
      return [{ where, what: `its record cannot be read (${before.why})`, remedy: settle }];
    case "recorded":
      if (before.attempt !== attempt)
        return [
          {
            where,
            what: `attempt ${attempt} is live, but its stack's record is of attempt ${before.attempt}: nobody knows how its smoke checks came out`,
            remedy: settle,
          },
        ];
      return before.outcome === "settled"
        ? []
        : [
            {
              where,
              what: `attempt ${attempt} was taken down by its own smoke checks`,
              remedy: `Promote it anew, with the next attempt, before ${stage.name}`,
            },
          ];
  }
}
