import { fieldsPattern } from "./fieldsPattern";
import { jsonPattern } from "./jsonPattern";
import { wordsPattern } from "./wordsPattern";

/** How many expressions one pattern may hold. Source: the reference of PutMetricFilter. */
const MOST_EXPRESSIONS = 2;

/**
 * What a filter pattern matches; undefined where CloudWatch Logs refuses it. In braces it asks something of JSON, in
 * brackets of a line's fields, and else for words.
 *
 * Source: CloudWatch Logs user guide, "Filter pattern syntax for metric filters, subscription filters, …".
 */
export function patternOf(pattern: string): ((message: string) => boolean) | undefined {
  const begins = pattern.trim()[0];
  if (expressionsIn(pattern) > MOST_EXPRESSIONS) return undefined;
  if (begins === "{") return jsonPattern(pattern);
  return begins === "[" ? fieldsPattern(pattern) : wordsPattern(pattern);
}

function expressionsIn(pattern: string): number {
  const unquoted = pattern.replaceAll(/"(?:[^"\\]|\\.)*"/g, "");
  return [...unquoted.matchAll(/%[^%]+%/g)].length;
}
