import type { Bundle, Pools, Row } from "./bundles";
import { NULL } from "./cell";
import type { Question } from "./question";
import { boundsOf } from "./question";
import type { Group, State } from "./state";

/** What a question gives to try. */
export interface Hints {
  readonly question: Question;
  readonly bundles: readonly Bundle[];
  /** Tables that its queries read. */
  readonly tables: ReadonlySet<string>;
  /** Columns that its queries name, by table and `partKey`. */
  readonly columns: readonly { readonly table: string; readonly part: string; readonly key: string }[];
  /** All columns of those tables, by `partKey`. */
  readonly all: ReadonlyMap<string, readonly string[]>;
  /** How many rows are tried. */
  readonly counts: readonly number[];
}

/** More rows than this are not made up. */
const MOST_ROWS = 5_000;

/** How many rows a question may need: one, what its samples and its bounds say, and what its own numbers do. */
export function countsOf(question: Question, numbers: readonly number[]): number[] {
  const bounds = boundsOf(question).filter((bound) => typeof bound === "number");
  const counts = [...bounds.reverse(), ...numbers].flatMap((bound) => [
    Math.ceil(bound),
    Math.floor(bound) + 1,
  ]);
  return [...new Set([1, ...counts.filter((count) => count >= 1 && count <= MOST_ROWS), 2, 20, 100])];
}

/** How often each kind of change is tried, to one of the last. */
const SHARES = [4, 2, 1, 1, 1, 1];

/** What a state may be turned into: ways to please a question, one of each kind in turn, likelier ones first. */
export function* movesOf(state: State, hints: Hints, pools: Pools): Generator<State> {
  yield state.filter((group) => !hints.tables.has(group.table));
  const kinds = [added, changed, counted, removed, apart, uneven].map((kind) => kind(state, hints, pools));
  for (const open = new Set(kinds); open.size > 0; )
    for (const [at, kind] of kinds.entries())
      for (let turn = 0; turn < (SHARES[at] ?? 1) && open.has(kind); turn++) {
        const next = kind.next();
        if (next.done) open.delete(kind);
        else yield merged(next.value);
      }
}

/** Rows that are alike, as one group: what is changed next is changed of all of them. */
function merged(state: State): State {
  const groups = new Map<string, Group>();
  for (const group of state) {
    const key = JSON.stringify([group.table, Object.entries(group.cells).sort()]);
    groups.set(key, { ...group, count: group.count + (groups.get(key)?.count ?? 0) });
  }
  return [...groups.values()];
}

/** With rows that a query takes, beside those that are there or in their place. */
function* added(state: State, { bundles, counts, tables }: Hints): Generator<State> {
  const others = state.filter((group) => !tables.has(group.table));
  const [one = 1, usual = 1, ...rest] = counts;
  for (const bundle of bundles) yield [...state, ...grouped(bundle, one)];
  for (const bundle of bundles) yield [...state, ...grouped(bundle, usual)];
  if (others.length < state.length)
    for (const count of [one, usual])
      for (const bundle of bundles) yield [...others, ...grouped(bundle, count)];
  for (const count of rest) for (const bundle of bundles) yield [...state, ...grouped(bundle, count)];
  for (const table of tables) yield [...state, { table, cells: {}, count: 1 }];
}

/** With something else in one column, of all rows that are alike or of one more. */
function* changed(state: State, { tables, columns }: Hints, pools: Pools): Generator<State> {
  for (const [at, group] of state.entries())
    for (const { part, key } of tables.has(group.table)
      ? columns.filter(({ table }) => table === group.table)
      : [])
      for (const one of pools.of(key)) {
        const other = { ...group, cells: { ...group.cells, [part]: one } };
        yield replaced(state, at, other);
        yield [...state, { ...other, count: 1 }];
      }
}

/** With rows that a query takes, and that belong to no others: what it does not ask about is null. */
function* apart(state: State, { bundles, counts, all }: Hints): Generator<State> {
  for (const count of counts)
    for (const bundle of bundles) {
      const alone = bundle.map(({ table, cells }) => ({
        table,
        cells: { ...Object.fromEntries((all.get(table) ?? []).map((part) => [part, NULL])), ...cells },
      }));
      yield [...state, ...grouped(alone, count)];
    }
}

/** With more or fewer rows that are alike. */
function* counted(state: State, { tables, counts }: Hints): Generator<State> {
  for (const [at, group] of state.entries())
    for (const count of tables.has(group.table) ? counts : [])
      if (count !== group.count) yield replaced(state, at, { ...group, count });
}

/** Without rows that are alike. */
function* removed(state: State, { tables }: Hints): Generator<State> {
  for (const [at, group] of state.entries())
    if (tables.has(group.table)) yield state.filter((_, index) => index !== at);
}

/** With many rows of one table, and one of each that belongs to it. */
function* uneven(state: State, { bundles, counts }: Hints): Generator<State> {
  for (const bundle of bundles.filter(({ length }) => length > 1))
    for (const many of bundle)
      for (const count of counts.slice(1))
        yield [...state, ...bundle.map((row) => ({ ...row, count: row === many ? count : 1 }))];
}

const grouped = (bundle: readonly Row[], count: number): Group[] => bundle.map((row) => ({ ...row, count }));

const replaced = (state: State, at: number, group: Group): State =>
  state.map((one, index) => (index === at ? group : one));
