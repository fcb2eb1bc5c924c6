import type { Hints } from "./moves";
import type { Answer, Question } from "./question";
import { distanceOf, outcomeOfAll } from "./rating";
import { search } from "./search";
import type { State } from "./state";
import type { World } from "./world";

/** States that are looked at at most, and without one that is nearer, before it is said that there is none. */
const CALM = { budget: 2_000, patience: 700 };
const SPOIL = { budget: 1_200, patience: 500 };
/** The same, once a question fails, for a state in which fewer others fail with it. */
const PATIENCE = 150;
/** How old rows may be when they are read, ms: what writes them anew once a second may be late. */
const DRIFTS = [0, 3_000];

/** Questions that share tables: what answers one decides about the others. */
export type Component = readonly Hints[];

/** Questions in the parts that share no table. */
export function componentsOf(all: readonly Hints[]): Component[] {
  const parts: { tables: Set<string>; hints: Hints[] }[] = [];
  for (const hints of all) {
    const touched = parts.filter(({ tables }) => [...hints.tables].some((table) => tables.has(table)));
    for (const one of touched) parts.splice(parts.indexOf(one), 1);
    parts.push({
      tables: new Set([...hints.tables, ...touched.flatMap(({ tables }) => [...tables])]),
      hints: [...touched.flatMap((one) => one.hints), hints],
    });
  }
  return parts.map(({ hints }) => hints);
}

/** A state over which questions are answered well, or as many of them as possible; `left` are not. */
export interface Calm {
  readonly state: State;
  readonly left: readonly { readonly question: Question; readonly answers: readonly Answer[] }[];
}

/** Finds rows for a component's questions, all at once. */
export async function findCalm(component: Component, trying: Trying<State>): Promise<Calm> {
  const { state } = await look({
    start: [],
    trying,
    budget: CALM.budget,
    patience: () => CALM.patience,
    rate: async () => {
      let sum = 0;
      let failing: Hints | undefined;
      for (const hints of component) {
        const far = distanceOf(hints.question, await trying.world.ask(hints.question), "good");
        if (far > 0) failing ??= hints;
        sum += far;
      }
      return { distance: sum, failing };
    },
  });
  const left: { question: Question; answers: readonly Answer[] }[] = [];
  await trying.lay(state, 0);
  for (const { question } of component) {
    const answers = await trying.world.ask(question);
    if (outcomeOfAll(question, answers) !== "good") left.push({ question, answers });
  }
  return { state, left };
}

/** A state over which one question is answered badly. */
export interface Spoiled<S> {
  readonly state: S;
  /** What it comes to: where no rows make it bad, `unclear` blocks a gate, too. */
  readonly outcome: "bad" | "unclear";
  /** Other questions that are not answered well any more. */
  readonly also: readonly string[];
}

/**
 * Turns a state into one that one question fails on, and as few others as possible.
 *
 * @param others the questions that are answered well over the state that it starts with
 */
export async function findSpoiled<S>(
  own: Hints,
  others: Component,
  start: S,
  trying: Trying<S>,
): Promise<Spoiled<S> | undefined> {
  const bad = await findTurned(own, others, start, trying, "bad");
  if (bad) return { ...bad, outcome: "bad" };
  // A gate blocks as well where there is nothing to judge; a probe that is silent says nothing of its signal.
  if (own.question.wanted.kind !== "expected") return undefined;
  const unclear = await findTurned(own, others, start, trying, "unclear");
  return unclear && { ...unclear, outcome: "unclear" };
}

async function findTurned<S>(
  own: Hints,
  others: Component,
  start: S,
  trying: Trying<S>,
  wanted: "bad" | "unclear",
): Promise<Omit<Spoiled<S>, "outcome"> | undefined> {
  const { world } = trying;
  const { state, distance } = await look({
    start,
    trying,
    budget: SPOIL.budget,
    patience: (far) => (far > others.length ? SPOIL.patience : PATIENCE),
    rate: async () => {
      const self = distanceOf(own.question, await world.ask(own.question), wanted);
      // As long as it does not fail itself, it does not matter what the others do.
      if (self > 0) return { distance: others.length + 1 + self, failing: own };
      const turned = await notGood(others, world);
      return { distance: turned.length, failing: turned[0] };
    },
  });
  if (distance > others.length) return undefined;
  await trying.lay(state, 0);
  return { state, also: (await notGood(others, world)).map(({ question }) => question.id) };
}

/** The questions that are not answered well over what was laid last. */
export async function notGood(all: Component, world: World): Promise<Hints[]> {
  const bad: Hints[] = [];
  for (const one of all)
    if (outcomeOfAll(one.question, await world.ask(one.question)) !== "good") bad.push(one);
  return bad;
}

/** How states are tried: how one is laid, and what it may be followed by. */
export interface Trying<S> {
  readonly world: World;
  lay(state: S, drift: number): Promise<void>;
  moves(state: S, failing: Hints): Iterable<S>;
}

interface Rating {
  readonly distance: number;
  /** The question that is to be pleased next. */
  readonly failing: Hints | undefined;
}

/** Looks for a state that is rated 0, also once its rows have grown older. */
function look<S>({
  start,
  rate,
  trying,
  ...limits
}: {
  readonly start: S;
  readonly rate: () => Promise<Rating>;
  readonly trying: Trying<S>;
  readonly budget: number;
  readonly patience: (distance: number) => number;
}) {
  const failing = new Map<S, Hints>();
  return search({
    start,
    ...limits,
    distance: async (state) => {
      let worst = 0;
      for (const drift of DRIFTS) {
        await trying.lay(state, drift);
        const rating = await rate();
        if (rating.failing && !failing.has(state)) failing.set(state, rating.failing);
        worst = Math.max(worst, rating.distance);
        // What does not hold at once need not be looked at later.
        if (worst > 0) break;
      }
      return worst;
    },
    moves: (state) => {
      const hints = failing.get(state);
      return hints ? trying.moves(state, hints) : [];
    },
  });
}
