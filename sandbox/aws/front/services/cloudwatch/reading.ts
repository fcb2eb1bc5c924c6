import { MathError, parseExpression } from "../../alarms/math";
import type { Input } from "../../call";
import type { MetricQuery } from "../../metrics/queries";
import { numberOf } from "../../rule";

/** Every period that a call names, in seconds. */
export const periodsIn = (input: Input, queries: readonly MetricQuery[]) => [
  ...(numberOf(input.Period) === undefined ? [] : [input.Period as number]),
  ...queries.flatMap(({ period }) => period ?? []),
];

/** Whether CloudWatch knows a period: whole minutes, and those under a minute that are given. */
export const isWhole = (period: number, ...short: readonly number[]) =>
  short.includes(period) || (period > 0 && period % 60 === 0);

/** What CloudWatch says of expressions that it cannot read; undefined where it can. */
export function unreadable(queries: readonly MetricQuery[]): string | undefined {
  for (const { id, expression } of queries) {
    if (expression === undefined) continue;
    try {
      const { ids } = parseExpression(expression);
      const unknown = ids.find((each) => !queries.some((query) => query.id === each));
      if (unknown !== undefined) throw new MathError(`nothing has the id "${unknown}"`);
    } catch (error) {
      if (!(error instanceof MathError)) throw error;
      return `Error in expression '${id}': ${error.message}`;
    }
  }
  return undefined;
}
