import stringify from "safe-stable-stringify";
import { isMath, type MetricSource } from "../aws/metricSource";
import type { Problem } from "../text/problem";
import { evaluate, parseArithmetic } from "./arithmetic";

/** Values that no two sensible expressions agree upon, for each metric another one. */
const PROBES = [3.7, 11.3, 29.9];
/** More than rounding adds to what is the same. */
const ROUNDING = 1e-9;
/** Multiplication by zero, in math that is more than arithmetic. */
const BY_ZERO = /(?<![\w.])0(\.0*)?\s*\*|\*\s*0(\.0*)?(?![\w.])/;

/** Not in step with each other: of `2 * a - b`, twice the one must not be the other at each try. */
const probeOf = (probe: number, index: number) => 1 + 30 * Math.abs(Math.sin(probe * (index + 1.7)));

/** What is wrong with an expression that says the same whatever its metrics say; undefined where it follows them. */
export function constantError(source: MetricSource): Omit<Problem, "where"> | undefined {
  if (!isMath(source)) return undefined;
  const { expression, metrics } = source;
  const term = parseArithmetic(expression);
  // The same metric under two ids is one.
  const told = Object.values(metrics).map((metric) => stringify(metric));
  const places = new Map(Object.keys(metrics).map((id, index) => [id, told.indexOf(told[index] ?? "")]));
  const values = PROBES.map((probe) => {
    const point = (value: number) => ({ low: value, high: value });
    return term && evaluate(term, (id) => point(probeOf(probe, places.get(id) ?? -1)))?.low;
  });
  const [first = Number.NaN] = values;
  const same = values.every((value) => value !== undefined && Math.abs(value - first) <= ROUNDING);
  // Where it divides by zero whatever its metrics say, it never has a value at all.
  const none = term !== undefined && values.every((value) => value === undefined);
  if (term ? !same && !none : !BY_ZERO.test(expression)) return undefined;
  return {
    what: term
      ? `is ${none ? "nothing" : first}, whatever its metrics say`
      : "multiplies by 0: what that stands beside says nothing",
    remedy: "Write an expression that follows its metrics",
  };
}
