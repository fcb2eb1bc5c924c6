/** Letters, digits, the signs and the operators that CloudWatch Logs takes in one, and blanks. Parentheses are none of them. */
const TAKEN = /^[\w:#=@/;,^$?[\]{}|\\*+. -]+$/;

/**
 * An expression of a filter pattern, without the percent signs around it; undefined where CloudWatch Logs refuses it.
 *
 * Source: CloudWatch Logs user guide, "Supported regular expressions (regex) syntax".
 */
export function regexOf(source: string): RegExp | undefined {
  if (!TAKEN.test(source)) return undefined;
  try {
    return new RegExp(source, "s");
  } catch {
    return undefined;
  }
}
