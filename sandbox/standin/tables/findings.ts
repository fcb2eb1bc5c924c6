import type { ClientBase } from "pg";
import type { Rollout } from "../../../src/rollout/rollout";
import type { Problem } from "../../../src/text/problem";
import { componentsOf, findCalm, findSpoiled } from "./find";
import { declareFunctions } from "./functions";
import { inventTables } from "./prepare";
import { noRows, notFailing, notRunning } from "./problems";
import type { Question } from "./question";
import type { State, Tables } from "./state";
import { World } from "./world";

/** What is known of a rollout's questions, once all has been tried. */
export interface Findings {
  readonly tables: Tables;
  /** Rows of made-up tables over which all is well. */
  readonly calm: State;
  /** Rows over which a question is answered badly, by its id, and the other questions that are, too. */
  readonly spoiled: ReadonlyMap<string, { readonly state: State; readonly also: readonly string[] }>;
  readonly problems: readonly Problem[];
  /** Questions that cannot be made to fail, by id. */
  readonly lasting: ReadonlyMap<string, Problem>;
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
  const world = await World.open(client, tables, timeScale);
  const problems = failing.map(notRunning);
  const lasting = new Map<string, Problem>();
  for (const one of failing) lasting.set(one.question.id, notRunning(one));
  const parts: { calm: State; spoiled: Map<string, { state: State; also: readonly string[] }> }[] = [];
  const first = hints.filter(({ question }) => twins.get(question.id)?.[0] === question);
  for (const component of componentsOf(first)) {
    const calm = await findCalm(component, world, pools);
    const spoiled = new Map<string, { state: State; also: readonly string[] }>();
    for (const { question, answers } of calm.left)
      for (const twin of twins.get(question.id) ?? [])
        problems.push(noRows(twin, answers, tablesIn(component)));
    for (const hints of component) {
      const bad = await findSpoiled(hints, component, calm, world, pools);
      const same = twins.get(hints.question.id) ?? [];
      for (const twin of same)
        if (!bad) lasting.set(twin.id, notFailing(twin, hints.tables.size));
        else {
          const also = [...bad.also.flatMap((id) => twins.get(id) ?? []), ...same].map(({ id }) => id);
          spoiled.set(twin.id, { state: bad.state, also: also.filter((id) => id !== twin.id) });
        }
    }
    parts.push({ calm: calm.state, spoiled });
  }
  await world.close();
  await forget();
  const calm = parts.flatMap((part) => part.calm);
  const spoiled = parts.flatMap((part) =>
    [...part.spoiled].map(([id, { state, also }]) => {
      const rest = parts.flatMap((other) => (other === part ? state : other.calm));
      return [id, { state: rest, also }] as const;
    }),
  );
  return { tables, calm, spoiled: new Map(spoiled), problems, lasting };
}

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
