import { clipped } from "../text/text";

/**
 * A text that grows as it is escaped, at most so long: what is cut is the text, never an escape.
 *
 * @param limit in UTF-16 units, which is what tools count
 */
export function clipEscaped(text: string, limit: number, escaped: (text: string) => string): string {
  let kept = clipped(text, limit);
  for (let shown = escaped(kept); shown.length > limit; shown = escaped(kept))
    kept = clipped(kept, Math.max(1, kept.length - Math.ceil((shown.length - limit) / 5)));
  return escaped(kept);
}
