import { type Atom, nullAtom, testOf } from "./atom";
import { compared } from "./compared";
import { ANYTHING, both, type Draft } from "./draft";
import { type Deriving, fixedOf } from "./fixed";
import { type Column, type Expr, type Select, within } from "./sql";

/** Ways that are followed up of each condition. More would cost more time than they find. */
const MOST = 8;

/** Ways to make a condition hold, or not hold; any of them will do. What is not understood is left to the search. */
export function satisfy(expr: Expr, want: boolean, deriving: Deriving): Draft[] {
  switch (expr.kind) {
    case "and":
    case "or": {
      const each = expr.args.map((arg) => satisfy(arg, want, deriving));
      // What has to hold of all of them holds together; what of any, by itself.
      return (expr.kind === "and") === want ? together(each) : each.flat().slice(0, MOST);
    }
    case "not":
      return satisfy(expr.arg, !want, deriving);
    case "exists":
      return want ? satisfyAll(expr.select, deriving) : [ANYTHING, ...nearMisses(expr.select, deriving)];
    case "within": {
      const target = expr.select.targets[0]?.expr;
      if (!want || !target) return [ANYTHING];
      const same = satisfy({ kind: "operator", name: "=", left: expr.left, right: target }, true, deriving);
      return together([satisfyAll(expr.select, deriving), same]);
    }
    case "column":
      return atoms([testOf(expr, want ? "=" : "<>", { kind: "plain", value: true }, deriving)]);
    case "is": {
      if (expr.value === null || expr.arg.kind !== "column") return satisfy(expr.arg, want, deriving);
      return atoms([testOf(expr.arg, want ? "=" : "<>", { kind: "plain", value: expr.value }, deriving)]);
    }
    case "null":
      return nulls(expr.arg, want, deriving);
    case "operator":
      return branches(expr, want, deriving) ?? derived(expr, want, deriving);
    default:
      return derived(expr, want, deriving);
  }
}

function derived(expr: Expr, want: boolean, deriving: Deriving): Draft[] {
  return compared(expr, want, deriving).map((one) => ({ ...ANYTHING, ...one }));
}

/** `case when … end = 'failed'`: the branches whose value is so, or is not. */
function branches(
  { name, left, right }: Extract<Expr, { kind: "operator" }>,
  want: boolean,
  deriving: Deriving,
): Draft[] | undefined {
  if (left?.kind !== "case") return undefined;
  const value = fixedOf(right, deriving);
  const ways = left.results.flatMap((result, at) => {
    // A branch is taken where its own condition holds; the ones before it are left to the search.
    const when = left.whens[at];
    const taken = when
      ? satisfy(when, true, deriving)
      : together(left.whens.map((other) => satisfy(other, false, deriving)));
    const one = fixedOf(result, deriving);
    if (!one)
      return together([taken, satisfy({ kind: "operator", name, left: result, right }, want, deriving)]);
    if (one.kind !== "plain" || value?.kind !== "plain" || (name !== "=" && name !== "<>")) return taken;
    return (String(one.value) === String(value.value)) === ((name === "=") === want) ? taken : [];
  });
  return ways.length > 0 ? ways.slice(0, MOST) : undefined;
}

const atoms = (all: readonly Atom[]): Draft[] => [{ ...ANYTHING, atoms: all }];

/** `a.id is null` of an outer join means that there is no row of `a`. */
function nulls(arg: Expr, want: boolean, deriving: Deriving): Draft[] {
  const column = [...within(arg)].find((one): one is Column => one.kind === "column");
  if (!column) return [ANYTHING];
  const drafts = atoms([nullAtom(column, want, deriving)]);
  return want ? [...drafts, { ...ANYTHING, absent: [column.item] }] : drafts;
}

/** Each of several things, at once. */
export function together(each: readonly (readonly Draft[])[]): Draft[] {
  let all: Draft[] = [ANYTHING];
  for (const ways of each) all = all.flatMap((one) => ways.map((way) => both(one, way))).slice(0, MOST * 2);
  return all.slice(0, MOST);
}

/** Ways to have a row that a SELECT takes. */
export function satisfyAll(select: Select, deriving: Deriving): Draft[] {
  if (select.arms.length > 0) return select.arms.flatMap((arm) => satisfyAll(arm, deriving)).slice(0, MOST);
  const own: Draft = { ...ANYTHING, items: select.items.filter(({ table }) => table !== undefined) };
  const tests = [...select.on, ...(select.where ? [select.where] : [])];
  return together([
    [own],
    ...select.items.flatMap((item) => (item.select ? [satisfyAll(item.select, deriving)] : [])),
    ...tests.map((test) => satisfy(test, true, deriving)),
  ]);
}

/** Ways to have rows that a SELECT nearly takes: each is left out by one condition. */
export function nearMisses(select: Select, deriving: Deriving): Draft[] {
  const own: Draft = { ...ANYTHING, items: select.items.filter(({ table }) => table !== undefined) };
  const tests = [...select.on, ...(select.where ? conjuncts(select.where) : [])];
  return tests
    .flatMap((missed) =>
      together([[own], ...tests.map((test) => satisfy(test, test !== missed, deriving).slice(0, 3))]).slice(
        0,
        3,
      ),
    )
    .slice(0, MOST * 2);
}

const conjuncts = (expr: Expr): readonly Expr[] =>
  expr.kind === "and" ? expr.args.flatMap(conjuncts) : [expr];
