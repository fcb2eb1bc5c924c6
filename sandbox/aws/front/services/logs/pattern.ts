import { fieldsPattern } from "./fieldsPattern";
import { jsonPattern } from "./jsonPattern";
import { wordsPattern } from "./wordsPattern";

/**
 * What a filter pattern matches; undefined where it cannot be read. In braces it asks something of JSON, in brackets of a
 * line's fields, and else for words.
 *
 * Source: CloudWatch Logs user guide, "Filter pattern syntax for metric filters, subscription filters, …".
 */
export function patternOf(pattern: string): ((message: string) => boolean) | undefined {
  const begins = pattern.trim()[0];
  if (begins === "{") return jsonPattern(pattern);
  return begins === "[" ? fieldsPattern(pattern) : wordsPattern(pattern);
}
