import { surfaceOf } from "../../text/surface";

/** What binds loosest in metric math; each yields 1 or 0. Source: CloudWatch's guide, "Using metric math". */
const YES_OR_NO = /[<>]|[=!]=|&&|\|\||\b(AND|OR)\b/;

/** The few values that metric math can have by its form alone: of a comparison, or of IF between two numbers. */
export function fewValues(math: string): readonly number[] | undefined {
  if (YES_OR_NO.test(surfaceOf(math))) return [0, 1];
  const inner = insideOf("", math);
  if (inner !== undefined) return fewValues(inner);
  const chosen = insideOf("IF", math);
  const values = chosen === undefined ? [] : surfaceOf(chosen).split(",").slice(1);
  return values.length > 0 && values.every((value) => /^\s*-?\d+(\.\d+)?\s*$/.test(value))
    ? [...new Set(values.map(Number))]
    : undefined;
}

/** Whether metric math is the size of something, which is never below 0. */
export const isSize = (math: string): boolean => insideOf("ABS", math) !== undefined;

/** What stands in the brackets of the one call that an expression is; undefined where it is none, or more. */
function insideOf(name: string, math: string): string | undefined {
  const [, inner] = new RegExp(`^\\s*${name}\\s*\\((.*)\\)\\s*$`, "s").exec(math) ?? [];
  return inner === undefined || /[()]/.test(surfaceOf(inner)) ? undefined : inner;
}
