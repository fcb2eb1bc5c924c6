import type { Atom } from "./atom";
import { ago, type Cell, cell, unusual, usual } from "./cell";
import type { Draft } from "./draft";
import type { Deriving } from "./fixed";
import type { Question, Value } from "./question";
import { boundsOf } from "./question";
import { nearMisses, satisfy, satisfyAll, together } from "./satisfy";
import {
  type Column,
  columnKey,
  type Expr,
  expressionsOf,
  type Item,
  type Select,
  selectsIn,
  within,
} from "./sql";
import { isTime, type Type } from "./typeNames";
import type { Types } from "./types";

/** One row of a table: what a query is particular about. Columns by `partKey`. */
export interface Row {
  readonly table: string;
  readonly cells: Readonly<Record<string, Cell>>;
}

/** Rows that belong together: what a query takes, or nearly takes. */
export type Bundle = readonly Row[];

/** A column within its table, with the path within its JSON. */
export const partKey = ({ name, path }: Pick<Column, "name" | "path">): string =>
  JSON.stringify([name, ...(path ?? [])]);

/** Bundles that are tried for one question. */
const MOST = 96;
/** Conditions of one SELECT that are tried two at a time. */
const MOST_PAIRED = 10;

/** The rows that a question's queries could be after, likelier ones first. */
export function bundlesOf(selects: readonly Select[], deriving: Deriving): Bundle[] {
  const drafts = selects.flatMap((select) => selectsIn(select).flatMap((one) => draftsOf(one, deriving)));
  const bundles = drafts.flatMap((draft): Bundle[] => {
    const bundle = bundleOf(draft, deriving);
    return bundle ? [bundle] : [];
  });
  return [...new Map(bundles.map((bundle) => [JSON.stringify(bundle), bundle])).values()]
    .filter((bundle) => bundle.length > 0)
    .slice(0, MOST);
}

function draftsOf(select: Select, deriving: Deriving): Draft[] {
  const taken = satisfyAll(select, deriving);
  const conditions = expressionsOf(select)
    .filter((expr) => expr !== select.where)
    .flatMap((expr) => [...within(expr)].flatMap(conditionsIn));
  const particular = conditions.flatMap((condition) =>
    [true, false].flatMap((want) => together([taken.slice(0, 2), satisfy(condition, want, deriving)])),
  );
  const ways = conditions.flatMap((condition) => satisfy(condition, true, deriving).slice(0, 1));
  const few = [...new Map(ways.map((way) => [signature(way), way])).values()].slice(0, MOST_PAIRED);
  const paired = few.flatMap((one, at) =>
    few.slice(at + 1).flatMap((two) => together([taken.slice(0, 1), [one], [two]])),
  );
  return [...taken, ...particular, ...nearMisses(select, deriving), ...paired];
}

/** What a draft asks, to tell it from others. */
const signature = ({ atoms, same, absent }: Draft): string =>
  JSON.stringify([
    atoms.map(({ column, suggested }) => [columnKey(column), suggested]),
    same.map((pair) => pair.map(columnKey)),
    absent.map(({ alias }) => alias),
  ]);

/** Conditions that decide what a row counts for: FILTER, CASE, and what is aggregated as a boolean. */
function conditionsIn(expr: Expr): readonly Expr[] {
  if (expr.kind === "case") return expr.whens;
  if (expr.kind === "exists" || expr.kind === "operator" || expr.kind === "not") return [expr];
  if (expr.kind !== "call") return [];
  return [...(expr.filter ? [expr.filter] : []), ...(/^(bool_|every)/.test(expr.name) ? expr.args : [])];
}

/** The rows of a draft; undefined where no row can be so. */
function bundleOf(draft: Draft, deriving: Deriving): Bundle | undefined {
  const { atoms, same, absent } = draft;
  const ids = new Map<Item, number>();
  const idOf = ({ item, ...column }: Column) => {
    if (!ids.has(item)) ids.set(item, ids.size);
    return `${ids.get(item)} ${partKey(column)}`;
  };
  const group = new Map<string, string>();
  const rootOf = (id: string): string => {
    const above = group.get(id);
    return above === undefined || above === id ? id : rootOf(above);
  };
  const columns = new Map<string, Column>();
  for (const column of [...atoms.map((atom) => atom.column), ...same.flat()])
    columns.set(idOf(column), column);
  for (const [one, two] of same) {
    const [a, b] = [rootOf(idOf(one)), rootOf(idOf(two))];
    if (a !== b) group.set(a, b);
  }
  const asked = new Map<string, Atom[]>();
  for (const atom of atoms) {
    const root = rootOf(idOf(atom.column));
    asked.set(root, [...(asked.get(root) ?? []), atom]);
  }
  const chosen = new Map<string, Cell>();
  for (const [id, column] of columns) {
    const root = rootOf(id);
    if (chosen.has(root)) continue;
    const all = asked.get(root) ?? [];
    const standard = usual(deriving.typeOf(column));
    const fits = [...all.flatMap(({ suggested }) => suggested), standard].find((one) =>
      all.every((atom) => atom.holds(one)),
    );
    if (!fits) return undefined;
    chosen.set(root, fits);
  }
  const items = [...new Set(draft.items)].filter((item) => !absent.includes(item));
  return items.flatMap((item): Row[] => {
    if (item.table === undefined) return [];
    const own = [...columns].filter(([, column]) => column.item === item);
    const cells = own.flatMap(([id, column]) => {
      const one = chosen.get(rootOf(id));
      return one ? [[partKey(column), one] as const] : [];
    });
    return [{ table: item.table, cells: Object.fromEntries(cells) }];
  });
}

/** What could stand in each column, by its class: what queries compare it with, and what its type allows. */
export class Pools {
  private readonly pools = new Map<string, Map<string, Cell>>();

  constructor(private readonly types: Types) {}

  learn(question: Question, selects: readonly Select[], deriving: Deriving): void {
    for (const select of selects.flatMap((one) => selectsIn(one))) {
      for (const expr of expressionsOf(select).flatMap((one) => [...within(one)])) {
        if (expr.kind === "column" && deriving.typeOf(expr) !== "boolean") continue;
        for (const want of [true, false])
          for (const { atoms } of satisfy(expr, want, deriving))
            for (const { column, suggested } of atoms) this.add(column, suggested);
      }
      for (const { expr } of select.targets)
        for (const one of within(expr))
          if (one.kind === "column") this.add(one, nearBounds(boundsOf(question), deriving.typeOf(one)));
    }
  }

  private add(column: Column, cells: readonly Cell[]): void {
    const key = this.types.classOf(columnKey(column));
    const pool = this.pools.get(key) ?? new Map<string, Cell>();
    for (const one of cells) pool.set(JSON.stringify(one), one);
    this.pools.set(key, pool);
  }

  /** What could stand in a column, what queries name first. */
  of(key: string): Cell[] {
    const own = this.pools.get(this.types.classOf(key)) ?? new Map<string, Cell>();
    const all = [...own.values(), ...unusual(this.types.typeOf(key))];
    return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
  }
}

/** What a column that is answered may have to be, for the answer to be on either side of its bounds. */
function nearBounds(bounds: readonly Value[], type: Type): Cell[] {
  return bounds.flatMap((bound): Cell[] => {
    if (typeof bound !== "number") return type === typeof bound || type === "text" ? [cell(bound)] : [];
    if (type === "bigint" || type === "numeric") return [bound, bound + 1, bound - 1, bound * 2].map(cell);
    // An age, in seconds, minutes or hours.
    if (isTime(type) && bound > 0)
      return [1_000, 60_000, 3_600_000].flatMap((unit) => [ago((bound * unit) / 2), ago(bound * unit * 1.5)]);
    return [];
  });
}
