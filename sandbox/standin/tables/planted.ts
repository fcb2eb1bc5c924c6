import { type Bundle, partKey, type Row } from "./bundles";
import { type Cell, cell } from "./cell";
import type { Deriving } from "./fixed";
import type { Planted } from "./question";
import { type Column, type Select, selectsIn } from "./sql";
import type { Type } from "./typeNames";

/**
 * The rows to plant: one that the second source lacks, one that the first lacks, and one that both have and differ in, as far
 * as each counts. Undefined where no column of a table is to be had for it.
 *
 * @param selects those of a question that joins both sources, each within an item of its own
 */
export function plantedBundle(
  selects: readonly Select[],
  { key, changed, count }: Planted,
  { typeOf }: Pick<Deriving, "typeOf">,
): Bundle | undefined {
  const [first, second] = sourcesIn(selects).map((select) => columnsOf(select, [key, changed ?? key]));
  if (!first || !second) return undefined;
  const at = new Date().toISOString();
  const row = (side: typeof first, way: number, other: 0 | 1): Row | undefined => {
    const id = side.named.get(key);
    const keys = id && valuesOf(typeOf(id));
    const when = changed === undefined ? undefined : side.named.get(changed);
    const values = side.compared && valuesOf(typeOf(side.compared));
    if (!id || !keys || (way === 2 && !values)) return undefined;
    return {
      table: id.table,
      cells: {
        ...(side.compared && values
          ? { [partKey(side.compared)]: values[way === 2 ? other : 0] as Cell }
          : {}),
        // What is written anew each second never rests: it is on its way, and not counted.
        ...(when ? { [partKey(when)]: cell(at) } : {}),
        [partKey(id)]: keys[way] as Cell,
      },
    };
  };
  const rows = [
    ...(count.includes("missing") ? [row(first, 0, 0)] : []),
    ...(count.includes("extra") ? [row(second, 1, 0)] : []),
    ...(count.includes("different") ? [row(first, 2, 0), row(second, 2, 1)] : []),
  ];
  return rows.every((one) => one !== undefined) ? rows : undefined;
}

/** What each side of the join reads, by the names that `asQuery` gives them. */
function sourcesIn(selects: readonly Select[]): Select[] {
  const items = selects.flatMap((select) => selectsIn(select)).flatMap((select) => select.items);
  return ["a", "b"].flatMap(
    (side) => items.find(({ alias, select }) => alias === side && select)?.select ?? [],
  );
}

/** Columns of tables that a source yields by its names, and one of the others, which is compared. */
function columnsOf(source: Select, names: readonly string[]) {
  const { targets, items } = source.arms[0] ?? source;
  const yielded = targets.flatMap(({ name, expr }): [string, Column][] =>
    expr.kind === "column" && expr.path === undefined ? [[name, expr]] : [],
  );
  const table = items.length === 1 ? items[0]?.table : undefined;
  const named = new Map(yielded.filter(([, column]) => column.table === table));
  const compared = [...named].find(([name]) => !names.includes(name))?.[1];
  return { named, compared };
}

/** Three values that nothing else has, and that look planted. */
function valuesOf(type: Type): readonly [Cell, Cell, Cell] | undefined {
  const three = (of: (n: number) => string | number) => [cell(of(1)), cell(of(2)), cell(of(3))] as const;
  if (type === "text") return three((n) => `planted-${n}`);
  if (type === "bigint" || type === "numeric") return three((n) => 900_000 + n);
  if (type === "uuid") return three((n) => `00000000-0000-4000-8000-00000009000${n}`);
  return undefined;
}
