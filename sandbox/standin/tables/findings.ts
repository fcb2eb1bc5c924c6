import type { ClientBase } from "pg";
import type { Rollout } from "../../../src/rollout/rollout";
import type { Problem } from "../../../src/text/problem";
import type { Pools } from "./bundles";
import { type Component, componentsOf, findCalm, findSpoiled, type Spoiled, type Trying } from "./find";
import { declareFunctions } from "./functions";
import { movesOf } from "./moves";
import { inventTables } from "./prepare";
import { noRows, notFailing, notRunning } from "./problems";
import type { Question } from "./question";
import { inserts, type State, type Tables } from "./state";
import { World } from "./world";

/** What is known of a rollout's questions, once all has been tried. */
export interface Findings {
  readonly tables: Tables;
  /** Rows of made-up tables over which all is well. */
  readonly calm: State;
  /** Rows of made-up tables over which a question is answered badly, by its id, and the others that are, too. */
  readonly spoiled: ReadonlyMap<string, Spoiled<State>>;
  readonly problems: readonly Problem[];
  /** Questions that cannot be made to fail, by id. */
  readonly lasting: ReadonlyMap<string, Problem>;
  /** Questions that read tables which were there before: the rows to spoil them by are looked for when it is asked. */
  readonly live: readonly Live[];
  readonly pools: Pools;
}

/** Questions that share tables, of which some were there before. */
interface Live {
  readonly component: Component;
  /** Each question with those that are the same. */
  readonly twins: ReadonlyMap<string, readonly Question[]>;
}

/** Makes up what a rollout's questions need, and finds the rows for them. Within a transaction. */
export async function findAll(
  client: ClientBase,
  rollout: Rollout,
  questions: readonly Question[],
  timeScale: number,
): Promise<Findings> {
  const forget = await declareFunctions(client, rollout);
  const { tables, hints, pools, failing } = await inventTables(client, questions, rollout, timeScale);
  const twins = twinsOf(questions);
  const made = [...tables.values()].filter(({ existing }) => !existing);
  const world = await World.open(client, made, timeScale);
  const trying: Trying<State> = {
    world,
    lay: (state, drift) => world.lay(inserts(state, tables, drift), rowsIn(state)),
    moves: (state, one) => movesOf(state, one, pools),
  };
  const problems = failing.map(notRunning);
  const lasting = new Map<string, Problem>();
  for (const one of failing) lasting.set(one.question.id, notRunning(one));
  const parts: { calm: State; spoiled: Map<string, Spoiled<State>> }[] = [];
  const live: Live[] = [];
  const first = hints.filter(({ question }) => twins.get(question.id)?.[0] === question);
  for (const all of componentsOf(first)) {
    const isLive = all.map((one) => [...one.tables].some((key) => tables.get(key)?.existing));
    if (isLive.includes(true)) live.push({ component: all, twins });
    // What reads tables that were there before is answered by what their owner put there.
    const component = all.filter((_, at) => !isLive[at]);
    const calm = await findCalm(component, trying);
    const spoiled = new Map<string, Spoiled<State>>();
    for (const { question, answers } of calm.left)
      for (const twin of twins.get(question.id) ?? [])
        problems.push(noRows(twin, answers, tablesIn(component)));
    for (const one of component) {
      const left = calm.left.map(({ question }) => question);
      const others = component.filter((other) => other !== one && !left.includes(other.question));
      const bad = await findSpoiled(one, others, calm.state, trying);
      for (const twin of twins.get(one.question.id) ?? [])
        if (bad) spoiled.set(twin.id, { ...bad, also: withTwins(twin, bad.also, twins) });
        else lasting.set(twin.id, notFailing(twin, one.tables.size));
    }
    parts.push({ calm: calm.state, spoiled });
  }
  await world.close();
  await forget();
  const calm = parts.flatMap((part) => part.calm);
  const spoiled = parts.flatMap((part) =>
    [...part.spoiled].map(([id, bad]) => {
      const state = parts.flatMap((other) => (other === part ? bad.state : other.calm));
      return [id, { ...bad, state }] as const;
    }),
  );
  return { tables, calm, spoiled: new Map(spoiled), problems, lasting, live, pools };
}

/** The questions that fail with one, those that are the same as it or as each other among them. */
export function withTwins(
  { id }: Question,
  also: readonly string[],
  twins: ReadonlyMap<string, readonly Question[]>,
): string[] {
  const all = [id, ...also].flatMap((one) => (twins.get(one) ?? []).map((twin) => twin.id));
  return [...new Set(all)].filter((one) => one !== id);
}

const rowsIn = (state: State) => state.reduce((sum, { count }) => sum + count, 0);

const tablesIn = (component: readonly { readonly tables: ReadonlySet<string> }[]) =>
  component.reduce((count, { tables }) => count + tables.size, 0);

/** The questions that are the same as each, by its id: one answer decides about all of them. */
function twinsOf(questions: readonly Question[]): ReadonlyMap<string, readonly Question[]> {
  const bySubstance = new Map<string, Question[]>();
  const substance = ({ query, values, samples, window, sinceFlip, wanted }: Question) =>
    JSON.stringify([query, values, samples, window, sinceFlip, wanted]);
  for (const question of questions) {
    const key = substance(question);
    bySubstance.set(key, [...(bySubstance.get(key) ?? []), question]);
  }
  return new Map(questions.map((question) => [question.id, bySubstance.get(substance(question)) ?? []]));
}
